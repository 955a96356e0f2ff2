"""A user's own copies of the source texts: recognised by hash, kept in the user's data folder, never in the product."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, InvalidKnowledge, Problem
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.library import Findings
from tumorboard.evidence.sources import Source, text_hash
from tumorboard.evidence.verify import verify

GAP = " … "


def data_home(environment: Mapping[str, str]) -> Path:
    """Where a user's own data is kept: ``$TUMORBOARD_HOME``, else ``$XDG_DATA_HOME/tumorboard``, else below
    ``~/.local/share`` (XDG Base Directory Specification)."""
    if home := environment.get("TUMORBOARD_HOME"):
        return Path(home)
    data = environment.get("XDG_DATA_HOME")
    # The specification has relative paths ignored.
    base = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return base / "tumorboard"


def default_store(environment: Mapping[str, str]) -> Path:
    """The folder of added texts."""
    return data_home(environment) / "sources"


def add_source(file: Path, findings: Findings, store: Path) -> Source:
    """Recognise a user's copy of a source text, verify all its findings and keep it in ``store``.

    A byte-order mark and CRLF or CR line ends are tolerated; any other difference changes the hash. Raises NotFound
    where there is no such file, InvalidInput where its text is none of the sources, and InvalidKnowledge where a
    finding disagrees with the text. Nothing but a recognised, verified text is ever written.
    """
    text = read_text(file).replace("\r\n", "\n").replace("\r", "\n")
    digest = text_hash(text)
    source = next((source for source in findings.sources.values() if source.sha256 == digest), None)
    if source is None:
        known = ", ".join(source.id for source in findings.sources.values() if source.is_document)
        raise InvalidInput(
            Problem(
                str(file),
                f"is the text of no known source (SHA-256 {digest[:12]}…)",
                f"give the unchanged text file of one of {known}",
            )
        )
    if problems := verify(findings, findings.sources, {source.id: text}):
        raise InvalidKnowledge(*problems)
    _write(store / f"{source.id}.txt", text)
    return source


def stored_texts(findings: Findings, store: Path) -> dict[str, str]:
    """The texts added so far, by source id. Raises InvalidInput where one was changed since it was added."""
    texts = {}
    for source in findings.sources.values():
        file = store / f"{source.id}.txt"
        if source.is_document and file.is_file():
            text = read_text(file)
            if text_hash(text) != source.sha256:
                raise InvalidInput(_changed(file))
            texts[source.id] = text
    return texts


def context(finding: Finding, store: Path, around: int = 60) -> str | None:
    """The quote in its context: ``around`` characters on both sides and the wider passage the finding names.

    ``None`` where the source's text was not added or the finding has no place. Raises InvalidInput where the stored
    text does not hold the quote.
    """
    place, file = finding.place, store / f"{finding.source}.txt"
    if place is None or not file.is_file():
        return None
    text = read_text(file)
    if text[place.start : place.end] != place.quote:
        raise InvalidInput(_changed(file))
    near = (max(0, place.start - around), min(len(text), place.end + around))
    if place.context is None:
        return text[slice(*near)]
    wide = place.context
    if wide[0] <= near[1] and near[0] <= wide[1]:
        return text[min(wide[0], near[0]) : max(wide[1], near[1])]
    return GAP.join(text[slice(*span)] for span in sorted((wide, near)))


def _changed(file: Path) -> Problem:
    return Problem(str(file), "was changed since it was added", "add the source again")


def _write(file: Path, text: str) -> None:
    """Replace the file in one step, so that a reader sees the old text or the new one, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".adding-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(text.encode())
            output.flush()
            os.fsync(output.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
