"""`tumorboard sources add`: only a recognised, verified text is kept, and then quotes show in their context."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from evidence_samples import QUOTE, SOURCE, TEXT, entry, findings, update

from tumorboard.errors import InvalidInput, InvalidKnowledge, NotFound
from tumorboard.evidence import add_source, context, default_store, stored_texts


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    file = tmp_path / "my copy.txt"
    file.write_bytes(TEXT.encode())
    return file


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sources"


def test_an_unchanged_text_is_recognised_and_kept(copy: Path, store: Path) -> None:
    collection = findings(entry())

    assert add_source(copy, collection, store).id == SOURCE
    assert [file.name for file in store.iterdir()] == [f"{SOURCE}.txt"]
    assert stored_texts(collection, store) == {SOURCE: TEXT}


@pytest.mark.parametrize("changed", ["\ufeff" + TEXT, TEXT.replace("\n", "\r\n"), TEXT.replace("\n", "\r")])
def test_a_byte_order_mark_and_other_line_ends_are_tolerated(changed: str, copy: Path, store: Path) -> None:
    copy.write_bytes(changed.encode())

    add_source(copy, findings(entry()), store)

    assert (store / f"{SOURCE}.txt").read_bytes() == TEXT.encode()


@pytest.mark.parametrize("changed", [TEXT + " ", TEXT.replace("35.2", "35.3"), TEXT.strip(), ""])
def test_any_other_difference_is_refused_and_nothing_is_written(changed: str, copy: Path, store: Path) -> None:
    copy.write_bytes(changed.encode())

    with pytest.raises(InvalidInput, match="give the unchanged text file of one of 900_made"):
        add_source(copy, findings(entry()), store)

    assert not store.exists()


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path, store: Path) -> None:
    with pytest.raises(NotFound):
        add_source(tmp_path / "none.txt", findings(entry()), store)


def test_a_text_whose_findings_disagree_is_not_kept(copy: Path, store: Path) -> None:
    moved = entry(start=0, end=len(QUOTE))

    with pytest.raises(InvalidKnowledge, match="S900-001: the quote does not stand at 0"):
        add_source(copy, findings(moved), store)

    assert not store.exists()


def test_adding_twice_leaves_one_file_and_no_remains(copy: Path, store: Path) -> None:
    for _ in range(2):
        add_source(copy, findings(entry()), store)

    assert [file.name for file in store.iterdir()] == [f"{SOURCE}.txt"]


def test_a_quote_shows_in_its_context_once_the_text_was_added(copy: Path, store: Path) -> None:
    collection = findings(entry(), update())
    finding = collection.get("S900-001")
    assert context(finding, store) is None

    add_source(copy, collection, store)

    assert context(finding, store, around=3) == TEXT[TEXT.index(QUOTE) - 3 : TEXT.index(QUOTE) + len(QUOTE) + 3]
    assert context(finding, store, around=1000) == TEXT
    assert context(collection.get("U-later"), store) is None


def test_a_wider_passage_is_shown_with_the_quote(copy: Path, store: Path) -> None:
    joined = findings(entry(context=[TEXT.index("在一项"), TEXT.index("甲药")]))
    apart = findings(entry(context=[0, 4]))
    add_source(copy, joined, store)

    assert (context(joined.get("S900-001"), store, around=3) or "").startswith("在一项研究中，甲药的客观")
    assert context(apart.get("S900-001"), store, around=0) == f"{TEXT[:4]} … {QUOTE}"


def test_a_stored_text_that_was_changed_is_refused(copy: Path, store: Path) -> None:
    collection = findings(entry())
    add_source(copy, collection, store)
    (store / f"{SOURCE}.txt").write_text("something else")

    with pytest.raises(InvalidInput, match="add the source again"):
        context(collection.get("S900-001"), store)
    with pytest.raises(InvalidInput, match="was changed since it was added"):
        stored_texts(collection, store)


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"TUMORBOARD_HOME": "/data/tb", "XDG_DATA_HOME": "/xdg"}, Path("/data/tb/sources")),
        ({"XDG_DATA_HOME": "/xdg"}, Path("/xdg/tumorboard/sources")),
        ({"XDG_DATA_HOME": "relative"}, Path.home() / ".local/share/tumorboard/sources"),
        ({}, Path.home() / ".local/share/tumorboard/sources"),
    ],
)
def test_the_folder_of_texts_follows_the_environment(environment: dict[str, str], folder: Path) -> None:
    assert default_store(environment) == folder


def test_a_finding_cannot_be_changed() -> None:
    (finding,) = findings(entry())

    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.id = "other"  # type: ignore[misc]
