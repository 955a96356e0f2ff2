"""The command line from an earlier guideline to a new one, with rounds and without."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Ran
from panels import PAPER, ballots, small_data

from tumorboard.consensus.writing import to_yaml
from tumorboard.guidelines.knowledge import Knowledge

Tumorboard = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of a panel of five, and a database of its own."""
    monkeypatch.setenv("TUMORBOARD_DATABASE", f"sqlite:///{tmp_path / 'tumorboard.db'}")
    made = tmp_path / "panel"
    made.mkdir()
    (made / "questions.yaml").write_text(to_yaml(small_data()), encoding="utf-8")
    rows = "".join(f"Panellist {n},p{n}@example.org,{'zh' if n % 2 else 'en'}\n" for n in range(5))
    (made / "panel.csv").write_text(f"name,address,language\n{rows}", encoding="utf-8")
    return made


def test_an_earlier_guideline_becomes_questions_and_its_shares_a_guideline_again(
    tumorboard: Tumorboard, knowledge: Knowledge, tmp_path: Path
) -> None:
    panel, out = tmp_path / "panel", tmp_path / "out"
    assert tumorboard("consensus", "new", "again", "--from", PAPER, "-o", panel).code == 0
    checked = tumorboard("consensus", "check", panel)
    assert "26 questions" in checked.out
    assert "translation not reviewed: sclc2-chemotherapy" in checked.out
    strategies = knowledge.guideline(PAPER).strategies.values()
    rows = "".join(f"{s.id},{s.agreement}\n" for s in strategies)
    (tmp_path / "shares.csv").write_text(f"question,share\n{rows}", encoding="utf-8")
    made = tumorboard("consensus", "grade", panel, "--shares", tmp_path / "shares.csv", "-o", out)
    assert made.code == 0
    assert "proved" in made.out
    assert "\nagain: 13 situations, 37 options\n" in tumorboard("guideline", "lint", out).out
    assert tumorboard("consensus", "grade", panel, "--shares", tmp_path / "shares.csv", "-o", out).code == 2


def _meeting(folder: Path, recommend: int) -> Path:
    lines = ["address,question,answer,reason"]
    for question in ("chemotherapy", "immunotherapy"):
        for n, ballot in enumerate(ballots(question, recommend=recommend, do_not_recommend=5 - recommend)):
            lines.append(f"p{n}@example.org,{question},{ballot.answer},{ballot.reason or ''}")
    (folder / "votes.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "votes.csv"


def test_two_rounds_from_start_to_a_signed_result(tumorboard: Tumorboard, folder: Path, tmp_path: Path) -> None:
    name = "panel-of-tests"
    assert "5 panellists" in tumorboard("consensus", "start", folder).out
    links = list(
        csv.DictReader(io.StringIO(tumorboard("consensus", "invite", name, "--base", "https://example.org").out))
    )
    assert len({row["link"] for row in links}) == 5
    personal = re.compile(r"https://example\.org/consensus/enter\?lang=(en|zh)#[\w-]{32}")
    assert all(personal.fullmatch(row["link"]) for row in links)
    for number in (1, 2):
        assert tumorboard("consensus", "open", name).out == f"round {number} is open on 2 questions\n"
        assert tumorboard("consensus", "remind", name, "-o", tmp_path / f"letters{number}").out.startswith(
            "5 reminders"
        )
        assert tumorboard("consensus", "meeting", name, _meeting(folder, 4)).out == "10 new answers\n"
        assert tumorboard("consensus", "progress", name).out.count("done") == 5
        tumorboard("consensus", "close", name)
        tumorboard("consensus", "publish", name)
    assert tumorboard("consensus", "deviation", name, "the second meeting was held online").code == 0
    assert tumorboard("consensus", "package", name, "-o", tmp_path / "early").code == 2
    assert tumorboard("consensus", "conclude", name).code == 0
    assert tumorboard("consensus", "list").out == f"{name}: concluded\n"
    assert "绝大多数专家（80%）推荐：化疗" in tumorboard("consensus", "result", name, "--lang", "zh").out
    assert tumorboard("consensus", "ballots").out == "20 ballots are as they were cast\n"
    made = tumorboard("consensus", "package", name, "-o", tmp_path / "out")
    assert made.code == 0
    record = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert record["outcomes"][0]["exact"] == "4/5"
    assert record["outcomes"][0]["from_meeting"] == 5
    assert record["deviations"] == ["the second meeting was held online"]
    public = tumorboard("consensus", "key", tmp_path / "chair.pem").out.strip()
    signed = tmp_path / "signed.json"
    tumorboard("consensus", "sign", tmp_path / "out" / "result.json", "--key", tmp_path / "chair.pem", "-o", signed)
    assert tumorboard("consensus", "verify", signed, "--public", public).out == f"signed by {public}\n"
    signed.write_text(signed.read_text(encoding="utf-8").replace('"strong"', '"weak"', 1), encoding="utf-8")
    assert tumorboard("consensus", "verify", signed).code == 4


def test_the_report_stands_in_both_languages_and_escapes_what_people_wrote(
    tumorboard: Tumorboard, folder: Path
) -> None:
    tumorboard("consensus", "start", folder)
    tumorboard("consensus", "open", "panel-of-tests")
    votes = _meeting(folder, 4)
    votes.write_text(votes.read_text().replace("reason of do not recommend", "<script>alert(1)</script>"))
    tumorboard("consensus", "meeting", "panel-of-tests", votes)
    tumorboard("consensus", "close", "panel-of-tests")
    for lang, word in (("en", "The great majority of the experts (80 %)"), ("zh", "绝大多数专家（80%）")):
        page = tumorboard("consensus", "result", "panel-of-tests", "--format", "html", "--lang", lang).out
        assert word in page
        assert "<script" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("result", "nobody"), 3, "no consensus 'nobody'"),
        (("open", "panel-of-tests", "--closes", "tomorrow"), 4, "is no time"),
        (("open", "panel-of-tests", "--closes", "2026-01-31T18:00"), 4, "no time zone"),
        (("publish", "panel-of-tests"), 2, "it has no round yet"),
        (("conflict", "panel-of-tests", "p9@example.org", "chemotherapy", "--statement", "x"), 3, "not on the panel"),
    ],
)
def test_mistakes_are_named_with_their_exit_code(
    tumorboard: Tumorboard, folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    tumorboard("consensus", "start", folder)
    ran = tumorboard("consensus", *words)
    assert ran.code == code
    assert said in ran.err


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("question,share\nchemotherapy,101\n", "shares.csv:2: a share of 101 %"),
        ("question,share\nsurgery,80\n", "shares.csv:2: 'surgery' is no question"),
        ("question,for,of\nchemotherapy,1,0\n", "shares.csv:2: has no share"),
        ("question,share\nchemotherapy,\n", "shares.csv:2: has no share"),
    ],
)
def test_a_list_of_shares_that_is_wrong_names_its_line(
    tumorboard: Tumorboard, folder: Path, rows: str, said: str
) -> None:
    (folder / "shares.csv").write_text(rows, encoding="utf-8")
    ran = tumorboard("consensus", "grade", folder, "--shares", folder / "shares.csv", "-o", folder / "out")
    assert ran.code == 4
    assert said in ran.err
    assert not (folder / "out").exists()
