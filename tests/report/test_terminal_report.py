"""The terminal: fits its width, needs no colour, takes nothing for markup."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from report_samples import BAD, EGFR, EMPTY, HCC, HOSTILE, SCLC, advice_of, case_of, every_case, knowledge
from rich.cells import cell_len
from rich.console import Console

from tumorboard.report.terminal import print_advice, print_facts
from tumorboard.text import LANGUAGES, Language

CASES = every_case()


def printed(data: dict[str, Any], language: Language = "en", width: int = 100, **console: Any) -> str:
    out = StringIO()
    print_advice(*advice_of(data), knowledge(), language, Console(file=out, width=width, **console))
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_no_line_is_wider_than_the_terminal(data: dict[str, Any], width: int, language: Language) -> None:
    lines = printed(data, language, width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert not any("…" in line for line in lines), "nothing is cut off"


def test_without_colour_there_are_no_escape_codes_and_with_it_the_same_words() -> None:
    plain = printed(EGFR)
    coloured = Console(file=StringIO(), width=100, force_terminal=True)
    print_advice(*advice_of(EGFR), knowledge(), "en", coloured)
    assert "\x1b" not in plain
    assert "\x1b" not in printed(EGFR, no_color=True)
    for option in ("cisplatin + pemetrexed", "anlotinib + PD-1 inhibitor"):
        assert option in plain


def test_strength_status_level_agreement_and_place_stand_in_one_row() -> None:
    row = next(line for line in printed(EGFR).splitlines() if "cisplatin + pemetrexed" in line)
    assert row.split() == ["1", "cisplatin", "+", "pemetrexed", "●●○", "moderate", "I", "76", "%", "table", "4", "A"]


def test_sections_come_in_the_order_a_board_reads() -> None:
    text = printed(EGFR)
    order = ["Tumour board advice · lung-07", "Situations", "Options that apply", "Possible, once", "Excluded"]
    order += ["No consensus", "Missing: what to find out first", "Assumptions", "Knowledge "]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)


def test_outside_every_guideline_the_reason_is_said() -> None:
    text = printed(HCC)
    assert "No situation is met." in text and "Not covered" in text and "lung cancer" in text


def test_an_empty_case_is_a_list_of_questions() -> None:
    assert "What would settle it" in printed(EMPTY)


def test_what_no_rule_understands_is_listed() -> None:
    assert "smoking: is no key of this form" in printed(SCLC)


def test_markup_of_the_terminal_in_a_case_is_shown_as_written() -> None:
    assert BAD.partition("](")[0] in printed(HOSTILE, width=200)
    assert "[bold red]X[/]" in printed(HOSTILE, width=130)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_every_fact_is_told_within_the_width(data: dict[str, Any], width: int, language: Language) -> None:
    out = StringIO()
    print_facts(case_of(data), knowledge(), language, Console(file=out, width=width))
    text = out.getvalue()
    assert max(map(cell_len, text.splitlines())) <= width
    squeezed = "".join(text.split())
    for definition in knowledge().facts.definitions.values():
        assert definition.name[language].split()[0][:4] in squeezed


def test_a_fact_that_is_open_says_what_would_settle_it() -> None:
    out = StringIO()
    print_facts(case_of(SCLC), knowledge(), "en", Console(file=out, width=120))
    line = next(line for line in out.getvalue().splitlines() if line.startswith("malignant central airway"))
    assert "? not known" in line and "needed: central airway stenosis" in line
