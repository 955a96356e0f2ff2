"""Text files, in whichever of the encodings of Chinese they were saved."""

from __future__ import annotations

import codecs
import hashlib
import re
from pathlib import Path

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.sources import text_hash
from tumorboard.reading.document import Document

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Characters of every Chinese page, as both scripts write them; the wrong encoding gives rare ones instead.
_EVERYDAY = re.compile(
    "[的一是在不了有和人中大上以用生到作地出就分成可主年同工也能下子面而方多定行法所民得期率组者治患癌，。、；：（）"
    "这个为国时来们对会发动过说产种后学经于与并疗药這個為國時來們對會發動過說產種後學經於與並療藥組]"
)


def load_text(path: Path, raw: bytes) -> Document:
    """The document in a text file: its characters as stored, with CR LF as one line end (as `sources add` counts them).

    Raises InvalidInput where it is empty, or no text in UTF-8, UTF-16, GB 18030 or Big5.
    """
    text, encoding = decoded(path, raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise InvalidInput(Problem(str(path), "is empty"))
    return Document(
        name=path.name,
        sha256=text_hash(text),
        kind="text",
        text=text,
        file_sha256=hashlib.sha256(raw).hexdigest(),
        encoding=encoding,
    )


def decoded(path: Path, raw: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text of some bytes and the name of its encoding: as marked, as ``declared``, as UTF-8, else the likelier of
    GB 18030 and Big5. Raises InvalidInput."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return _whole(path, raw.decode(encoding)), encoding
            except UnicodeDecodeError as error:
                raise InvalidInput(
                    Problem(str(path), f"is marked as {encoding} and is not: byte {error.start}")
                ) from error
    readings: list[tuple[float, str, str]] = []
    for encoding in dict.fromkeys(filter(None, (declared, "utf-8", "gb18030", "big5"))):
        try:
            text = raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding in (declared, "utf-8"):
            return _whole(path, text), encoding
        readings.append((len(_EVERYDAY.findall(text)) / max(len(text), 1), encoding, text))
    if not readings:
        raise InvalidInput(Problem(str(path), "is text in no encoding we read", "save it in the encoding UTF-8"))
    _, encoding, text = max(readings)
    return _whole(path, text), encoding


def _whole(path: Path, text: str) -> str:
    if "\x00" in text:
        raise InvalidInput(Problem(str(path), "holds a NUL character", "is it a text file?"))
    return text
