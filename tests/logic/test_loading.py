"""Facts that can't be right are refused when they are loaded, with file, line and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from tumorboard.errors import InvalidKnowledge
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic.facts import Facts, load_facts
from tumorboard.logic.parser import parse_rule
from tumorboard.logic.tree import Pick, Present, children
from tumorboard.vocabulary.library import Vocabulary

VOCABULARY = Vocabulary.load(KnowledgeFolder(SHIPPED))
FACT = """facts:
  - id: {id}
    name: {{en: a fact, zh: 事实}}
    about: {{en: A fact., zh: 事实。}}
    source: general
    type: {type}
    rule: {rule}
"""


def loaded(tmp_path: Path, *entries: tuple[str, str, str], more: str = "") -> Facts:
    folder = tmp_path / "facts"
    folder.mkdir()
    for name, type_, rule in entries:
        (folder / f"{name}.yaml").write_text(FACT.format(id=name, type=type_, rule=rule) + more, encoding="utf-8")
    return load_facts(KnowledgeFolder(tmp_path), VOCABULARY)


@pytest.mark.parametrize(
    ("type_", "rule", "message"),
    [
        ("truth", "tumours.exist()", "the rule `tumours.exist()` is no way to read rows; use .where(…), .exists(), "
         ".count(), .any(…), .longest_run(…), .first(column), .last(column)"),
        ("whole", "lab('INR')", "the rule is a decimal, but a whole belongs here"),
        ("days", "'1'", "the rule is in no unit, not in days"),
        ("number", "1", "unknown type 'number'; use truth | whole | days | date | decimal | label | labels"),
        ("truth", "true", "the rule True is no text; write it in quotes"),
        ("truth", "one and", "the rule cannot be read: invalid syntax; check brackets and quotes"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_right_is_refused(tmp_path: Path, type_: str, rule: str, message: str) -> None:
    with pytest.raises(InvalidKnowledge) as caught:
        loaded(tmp_path, ("one", type_, rule))
    (problem,) = caught.value.problems
    assert problem.place.partition(":")[0].endswith("facts/one.yaml")
    assert problem.place.partition(":")[2] == ("6" if type_ == "number" else "7")
    assert str(problem).partition(": ")[2] == message


def test_facts_that_need_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidKnowledge, match="these facts need each other: one → two → one"):
        loaded(tmp_path, ("one", "truth", "two"), ("two", "truth", "not one"))


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidKnowledge, match="the name one is taken already"):
        loaded(tmp_path, ("one", "truth", "tumours.exists()"), more=FACT.format(id="one", type="truth", rule="x")[7:])


def test_a_slip_in_a_label_of_the_vocabulary_is_found_through_a_fact(tmp_path: Path) -> None:
    with pytest.raises(InvalidKnowledge, match="can never be 'NSLC'; did you mean NSCLC or SCLC"):
        loaded(tmp_path, ("lung", "truth", 'kind == "NSLC"'), ("kind", "label", "tumours.last(disease)"))


def test_equal_parts_of_rules_are_one_object(tmp_path: Path) -> None:
    facts = loaded(
        tmp_path,
        ("one", "truth", 'courses.where(completed).last(progression) == "widespread"'),
        ("two", "truth", 'courses.where(completed).last(progression) == "limited"'),
    )
    first, second = (next(iter(children(facts.definitions[name].node))) for name in ("one", "two"))
    assert isinstance(first, Pick)
    assert first is second


def test_logic_over_facts_can_name_facts_and_parameters_but_no_rows() -> None:
    facts = load_facts(KnowledgeFolder(SHIPPED), VOCABULARY)
    node = parse_rule("next_line == 2 and platinum_free_interval < refractory_interval", facts.scope())
    assert not any(isinstance(part, Pick | Present) for part in children(node))
