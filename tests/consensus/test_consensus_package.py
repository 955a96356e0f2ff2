"""The result as a guideline that runs, as a methods appendix, and as a signed record."""

from __future__ import annotations

import copy
import datetime
import json
from fractions import Fraction
from pathlib import Path

import pytest
from panels import ballots, paper, small, small_data

from tumorboard.advice.advise import advise
from tumorboard.case.read import case_from_data
from tumorboard.consensus.ballots import Ballot, Condition, complete_ballot
from tumorboard.consensus.methods import appendix
from tumorboard.consensus.package import checked, guideline_content, write_guideline
from tumorboard.consensus.protocol import preset
from tumorboard.consensus.questions import questions_from
from tumorboard.consensus.result import Result, RoundVotes, result_of_rounds, result_of_shares, result_record
from tumorboard.consensus.signing import new_key, read_key, signed, verify
from tumorboard.consensus.tally import Electorate
from tumorboard.errors import InvalidInput, InvalidKnowledge, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge

TODAY = datetime.date(2026, 3, 1)


def voted(knowledge: Knowledge, chemotherapy: list[Ballot], immunotherapy: list[Ballot], panel: int = 50) -> Result:
    cast = {"chemotherapy": chemotherapy, "immunotherapy": immunotherapy}
    rounds = [RoundVotes(n, cast, {name: Electorate(panel) for name in cast}) for n in (1, 2)]
    return result_of_rounds(small(knowledge), paper(knowledge), rounds, panel)


@pytest.fixture(scope="module")
def result(knowledge: Knowledge) -> Result:
    """79.6 % and 46 %."""
    return voted(
        knowledge,
        ballots("chemotherapy", recommend=39, conditional=5, do_not_recommend=5),
        ballots("immunotherapy", recommend=23, do_not_recommend=27),
    )


def test_79_6_percent_is_below_80_in_the_package_too(knowledge: Knowledge, result: Result, tmp_path: Path) -> None:
    write_guideline(checked(guideline_content(result), (), TODAY, prove=True).content, tmp_path)
    known = Knowledge.load(tmp_path)
    options = {o.id: o for _, o in known.guideline("panel-of-tests").options()}
    assert options["topotecan"].strength == "moderate"
    assert options["bendamustine"].strength == "weak"
    assert options["penpulimab-anlotinib"].strength == "not recommended"
    assert options["topotecan"].strategy.votes == Fraction(100 * 39, 49)
    assert str(options["topotecan"].strategy.agreement) == "79.6"


def test_advise_runs_the_package_the_same_day(result: Result, tmp_path: Path) -> None:
    write_guideline(checked(guideline_content(result), (), TODAY, prove=False).content, tmp_path)
    known = Knowledge.load(tmp_path)
    case = case_from_data({"id": "example", **small_data()["examples"][0]["case"]}, known.vocabulary, TODAY)
    answers = [o for o in advise(case, known).options if o.guideline.id == "panel-of-tests"]
    assert {(o.option.id, o.status) for o in answers} >= {("topotecan", "applies"), ("bendamustine", "applies")}


def test_a_condition_said_as_a_rule_is_checked_for_the_patient(knowledge: Knowledge, tmp_path: Path) -> None:
    held = Condition("no earlier immunotherapy in first line", "not first_line_immunotherapy")
    cast = [*ballots("immunotherapy", recommend=33), Ballot("immunotherapy", "x", "conditional", "depends", held)]
    made = voted(knowledge, ballots("chemotherapy", recommend=50), cast, panel=50)
    content = checked(guideline_content(made), (), TODAY, prove=False).content
    option = next(o for s in content["situations"] for o in s["options"] if o["id"] == "penpulimab-anlotinib")
    assert option["conditions"][0]["when"] == "not first_line_immunotherapy"
    assert "no earlier immunotherapy" in option["conditions"][0]["text"]["en"]


def test_what_a_minority_said_stands_beside_the_grade(result: Result) -> None:
    content = guideline_content(result)
    option = content["situations"][0]["options"][0]
    assert "reason of do not recommend" in option["remarks"][-1]["text"]["en"]
    assert "10" in option["remarks"][-1]["text"]["zh"]


def test_a_question_too_few_voted_on_recommends_nothing(knowledge: Knowledge) -> None:
    made = voted(knowledge, ballots("chemotherapy", recommend=50), ballots("immunotherapy", recommend=10))
    assert [o["strategy"] for o in guideline_content(made)["situations"][0]["options"]] == ["chemotherapy"] * 2


def test_a_gap_nobody_stands_by_is_refused_until_it_is_accepted(knowledge: Knowledge) -> None:
    data = small_data()
    del data["not_covered"]
    made = result_of_shares(
        questions_from(data, "q.yaml", paper(knowledge), knowledge),
        paper(knowledge),
        {"chemotherapy": Fraction(90), "immunotherapy": Fraction(70)},
    )
    with pytest.raises(InvalidKnowledge, match="Gap"):
        checked(guideline_content(made), (), TODAY, prove=True)
    later = {"not_covered": small_data()["not_covered"]}
    assert checked(guideline_content(made), (), TODAY, prove=True, added=later).proved


def test_after_the_vote_nothing_else_can_be_added(result: Result) -> None:
    with pytest.raises(WrongUsage, match="after the vote"):
        checked(guideline_content(result), (), TODAY, prove=False, added={"strategies": []})


def test_an_example_that_does_not_hold_is_refused(knowledge: Knowledge) -> None:
    data = small_data()
    data["examples"][0]["met"] = []
    made = result_of_shares(
        questions_from(data, "q.yaml", paper(knowledge), knowledge), paper(knowledge), {"chemotherapy": Fraction(90)}
    )
    with pytest.raises(InvalidKnowledge, match="second-line"):
        checked(guideline_content(made), (), TODAY, prove=False)


def test_ratings_become_a_guideline_that_names_its_own_classes(knowledge: Knowledge, tmp_path: Path) -> None:
    protocol = preset(knowledge.folder, "rand-ucla")
    data = copy.deepcopy(small_data())
    data["protocol"] = protocol.id
    for question in data["questions"]:
        for regimen in question["regimens"]:
            del regimen["level"]
    questions = questions_from(data, "q.yaml", protocol, knowledge)
    high = [Ballot("chemotherapy", f"p{i}", str(r)) for i, r in enumerate([7, 7, 8, 8, 8, 9, 9, 9, 9])]
    split = [Ballot("immunotherapy", f"p{i}", str(r)) for i, r in enumerate([1, 1, 1, 1, 5, 9, 9, 9, 9])]
    cast = {"chemotherapy": high, "immunotherapy": split}
    rounds = [RoundVotes(1, cast, {name: Electorate(9) for name in cast})]
    made = result_of_rounds(questions, protocol, rounds, 9)
    write_guideline(checked(guideline_content(made), (), TODAY, prove=True).content, tmp_path)
    guideline = Knowledge.load(tmp_path).guideline("panel-of-tests")
    assert guideline.grading is not None
    assert guideline.grading.strengths["moderate"].zh == "适宜"
    assert [o.strength for _, o in guideline.options()] == ["moderate", "moderate", "not recommended"]


def test_outcomes_are_no_guideline(knowledge: Knowledge) -> None:
    protocol = preset(knowledge.folder, "core-outcome-set")
    made = result_of_shares(small(knowledge), protocol, {})
    with pytest.raises(WrongUsage, match="decides about items"):
        guideline_content(made)


# -- what a ballot needs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "given", "said"),
    [
        ("yes", {}, "no answer 'yes'"),
        ("do not recommend", {}, "reason: is absent"),
        ("do not recommend", {"reason": "  "}, "reason: is absent"),
        ("conditional", {"reason": "toxic"}, "condition: is absent"),
        ("conditional", {"reason": "toxic", "condition": (None, "ecog <")}, "when: the rule"),
        ("conditional", {"reason": "toxic", "condition": (None, "egog <= 1")}, "when: the rule"),
        ("recommend", {"condition": ("fit", None)}, "condition: does not belong"),
        ("recommend", {"comment": "x" * 5000}, "at most 4000"),
        ("recommend", {"comment": "a\x07b"}, "control character"),
    ],
)
def test_a_ballot_that_lacks_something_says_what(knowledge: Knowledge, answer: str, given: dict, said: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(InvalidInput) as raised:
        complete_ballot(paper(knowledge), knowledge, "chemotherapy", "p", answer, **given)
    assert said in str(raised.value)


def test_a_condition_in_words_stands_as_unstructured(knowledge: Knowledge) -> None:
    ballot = complete_ballot(
        paper(knowledge), knowledge, "q", "p", "conditional", reason="toxic", condition=("in fit patients", None)
    )
    assert ballot.condition is not None
    assert ballot.condition.as_dict() == {"text": "in fit patients", "when": None, "structured": False}


# -- methods and signature -----------------------------------------------------------------------------------------


def test_the_appendix_has_35_items_and_names_what_nobody_wrote(knowledge: Knowledge, result: Result) -> None:
    filled = appendix(result, knowledge.folder)
    assert len(filled.items) == 35
    assert {"M5", "O3"} <= set(filled.absent)
    assert not {"M9", "M12", "M18", "R3"} & set(filled.absent)


def test_what_the_panel_writes_fills_an_item(knowledge: Knowledge) -> None:
    questions = small(knowledge, {"methods": {"O3": {"en": "No funding.", "zh": "无资助。"}}})
    made = result_of_shares(questions, paper(knowledge), {"chemotherapy": Fraction(90)})
    assert "O3" not in appendix(made, knowledge.folder).absent


def test_a_signed_result_is_verified_and_any_change_found(knowledge: Knowledge, result: Result, tmp_path: Path) -> None:
    public = new_key(tmp_path / "chair.pem", "a passphrase")
    assert (tmp_path / "chair.pem").stat().st_mode & 0o777 == 0o600
    record = result_record(result, {"version": knowledge.version})
    document = json.loads(json.dumps(signed(record, read_key(tmp_path / "chair.pem", "a passphrase"))))
    assert verify(document, public) == public
    document["content"]["outcomes"][0]["options"][0]["strength"] = "strong"
    with pytest.raises(InvalidInput, match="does not fit the content"):
        verify(document, public)


def test_another_key_is_not_taken_for_the_chairs(result: Result, tmp_path: Path) -> None:
    one, other = (new_key(tmp_path / name, None) for name in ("a.pem", "b.pem"))
    document = signed(result_record(result, {}), read_key(tmp_path / "a.pem", None))
    assert verify(document) == one
    with pytest.raises(InvalidInput, match="not the expected key"):
        verify(document, other)


def test_a_key_needs_its_passphrase_and_is_never_overwritten(tmp_path: Path) -> None:
    new_key(tmp_path / "a.pem", "right")
    with pytest.raises(InvalidInput, match="passphrase"):
        read_key(tmp_path / "a.pem", "wrong")
    with pytest.raises(WrongUsage, match="is there already"):
        new_key(tmp_path / "a.pem", None)


def test_the_record_hides_how_the_few_with_a_conflict_voted(knowledge: Knowledge) -> None:
    cast = [Ballot("chemotherapy", f"p{i}", "recommend", conflicted=i == 0) for i in range(50)]
    made = voted(knowledge, cast, ballots("immunotherapy", recommend=50))
    record = result_record(made, {})["outcomes"][0]
    assert record["denominators"]["voted_with_conflict"] == 1
    assert record["without_conflicts"]["share"] is None
    assert record["without_conflicts"]["same_decision"] is True
