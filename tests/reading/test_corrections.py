"""What people corrected in drafts: the reader does as they said, or the file says that it does not yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tumorboard.data import parse_yaml
from tumorboard.evidence.reading import MAX_QUOTE
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.reading.accepting import CORRECTIONS_SCHEMA
from tumorboard.reading.draft import draft_record
from tumorboard.reading.plain import load_text
from tumorboard.reading.read import ReadingKnowledge, read

FILES = sorted((Path(__file__).parent / "corrections").glob("*.yaml"))


def cases() -> Iterator[Any]:
    for file in FILES:
        data = parse_yaml(file.read_text(encoding="utf-8"), file.name)
        assert data["schema"] == CORRECTIONS_SCHEMA
        for number, case in enumerate(data["corrections"]):
            yield pytest.param(case, id=f"{file.stem}-{number}")


@pytest.fixture(scope="module")
def reading(knowledge: Knowledge) -> ReadingKnowledge:
    return ReadingKnowledge.load(knowledge.folder, knowledge.vocabulary)


def says(record: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a draft says all that is wanted; numbers compare as numbers."""
    return all(
        says(record.get(key) or {}, value) if isinstance(value, dict) else _plain(record.get(key)) == _plain(value)
        for key, value in wanted.items()
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) or value is None else float(value)


@pytest.mark.parametrize("case", list(cases()))
def test_the_reader_does_as_a_person_said_exactly_where_the_file_says_so(
    case: dict[str, Any], reading: ReadingKnowledge
) -> None:
    assert len(case["quote"]) <= MAX_QUOTE
    document = load_text(Path("quote.txt"), case["quote"].encode())
    records = [draft_record(draft) for draft in read(document, reading).drafts]
    if case["verdict"] == "reject":
        understood = not any(says(record, case["read"]) for record in records)
    else:
        understood = any(says(record, case["right"]) for record in records)
    assert understood == case["understood"], f"set understood: {str(understood).lower()}"
