"""No sentence of the reports exists in one language only."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from report_samples import knowledge

from tumorboard.logic.words import ASKED, COLUMN, SECTION
from tumorboard.report.names import has_chinese
from tumorboard.report.words import WORDS
from tumorboard.text import Text

STUDIES = knowledge().vocabulary.studies
EVERY = {
    f"{heading}: {key}": text
    for heading, texts in {
        "words": WORDS, "columns": COLUMN, "asked": ASKED, "sections": SECTION, "arms": STUDIES.arms,
        "designs": STUDIES.designs, "endpoints": STUDIES.endpoints, "units": STUDIES.units,
    }.items()
    for key, text in texts.items()
}  # fmt: skip


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY.keys())
def test_both_languages_say_something_and_fill_the_same_places(text: Text) -> None:
    assert text.zh.strip()
    assert text.en.strip() or text == STUDIES.units["year"], "only the year of a date has no unit in English"
    assert placeholders(text.en) == placeholders(text.zh)


@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY.keys())
def test_each_language_keeps_to_itself(text: Text) -> None:
    assert not has_chinese(text.en)
    without_places = re.sub(r"\{\w+\}", "", text.zh)
    assert not re.search(r"\b[a-z]{3,}\b", without_places), "an English word in the Chinese text"
