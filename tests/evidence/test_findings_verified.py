"""Findings agree with the text of their source character by character, or the disagreement is told."""

from __future__ import annotations

import dataclasses

from evidence_samples import QUOTE, SOURCE, TEXT, entry, findings, sha, update
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.evidence import Finding, Findings, verify


def problems_of(finding: Finding, collection: Findings, text: str = TEXT) -> list[str]:
    return [str(problem) for problem in verify([finding], collection.sources, {SOURCE: text})]


def test_a_finding_that_stands_in_its_text_is_verified() -> None:
    collection = findings(entry(context=[0, len(TEXT)]), update())

    assert verify(collection, collection.sources, {SOURCE: TEXT}) == []


def test_another_text_is_told_by_its_hash() -> None:
    collection = findings(entry())

    (problem,) = problems_of(collection.get("S900-001"), collection, TEXT + "\n")

    assert "the text has another hash" in problem


def test_a_text_of_no_known_source_is_told() -> None:
    collection = findings(entry())

    assert [p.place for p in verify(collection, collection.sources, {"901_other": "x"})] == ["901_other"]
    assert [p.place for p in verify(collection, collection.sources, {"update:V1": "x"})] == ["update:V1"]


def test_a_wrong_hash_of_the_slice_is_told() -> None:
    collection = findings(entry())
    finding = collection.get("S900-001")
    assert finding.place is not None
    forged = dataclasses.replace(finding, place=dataclasses.replace(finding.place, sha256="0" * 16))

    assert any("has another hash" in problem for problem in problems_of(forged, collection))


def test_a_context_beyond_the_text_is_told() -> None:
    collection = findings(entry(context=[0, len(TEXT) + 1]))

    assert any("after the text" in problem for problem in problems_of(collection.get("S900-001"), collection))


@given(start=st.integers(0, len(TEXT) - 2), length=st.integers(1, 60), shift=st.sampled_from([-1, 1]))
def test_a_quote_shifted_by_one_character_is_detected(start: int, length: int, shift: int) -> None:
    end = min(len(TEXT), start + length)
    quote = TEXT[start:end]
    shifted = (start + shift, end + shift)
    # At the very end of the text the shifted slice is shorter, and a run of one repeated character looks the same.
    if shifted[0] < 0 or TEXT[slice(*shifted)] == quote:
        return
    collection = findings(
        entry(quote, start=shifted[0], end=shifted[1], sha256=sha(quote)[:16], printed=None, unit=None)
    )

    assert any("the quote does not stand" in p for p in problems_of(collection.get("S900-001"), collection))


def test_the_quote_is_the_slice_with_its_line_break() -> None:
    (finding,) = findings(entry())

    assert finding.place is not None
    assert TEXT[finding.place.start : finding.place.end] == QUOTE
