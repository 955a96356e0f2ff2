"""From a person's decisions on drafts to findings: an evidence file, the entry of its source, and cases for tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tumorboard.errors import InvalidInput, Problem
from tumorboard.evidence.library import SCHEMA as EVIDENCE_SCHEMA
from tumorboard.evidence.reading import read_finding
from tumorboard.evidence.sources import SCHEMA as SOURCES_SCHEMA
from tumorboard.evidence.sources import Source
from tumorboard.reading.entries import NUMBERS, WHOLE, Entry, claim_of, plain, without_nothing
from tumorboard.text import Text

REVIEW_SCHEMA = "tumorboard.review/1"
CORRECTIONS_SCHEMA = "tumorboard.reading-corrections/1"
VERDICTS = ("accept", "correct", "reject")
CORRECTABLE = (
    "endpoint", "printed", "value", "unit", "intervention", "comparator", "comparator_printed", "comparator_value",
    "effect.measure", "effect.value", "ci.level", "ci.low", "ci.high", "p.op", "p.value", "n", "study", "design",
    "population.disease", "population.biomarker", "population.line", "level", "claim.en", "claim.zh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a review gives: entries for an evidence file, the entry of their source, and corrections for the tests."""

    source: str
    entries: tuple[Entry, ...]
    source_entry: Entry
    corrections: tuple[Entry, ...]


def accepted(review: object, place: str) -> Accepted:
    """The findings a person accepted or corrected in a review (``tumorboard.review/1``, as the review page saves it).

    Raises InvalidInput naming the decision: an unknown verdict or field, a figure that is none, or a finding that an
    evidence file would refuse.
    """
    data, drafts = _reviewed(review, place)
    document = data["document"]
    problems: list[Problem] = []
    entries: list[Entry] = []
    corrections: list[Entry] = []
    source = Source(
        document["source"], document["kind"], Text(**document["title"]), "verified", short=document["short"],
        sha256=document["sha256"], length=document["length"],
    )  # fmt: skip
    for number, decision in enumerate(data["decisions"]):
        where = f"{place}: decisions[{number}]"
        index, verdict, fields = decision.get("draft"), decision.get("verdict"), decision.get("fields") or {}
        if not isinstance(index, int) or not 0 <= index < len(drafts):
            problems.append(Problem(where, f"no draft {index!r}", f"there are {len(drafts)}, counted from 0"))
            continue
        if verdict not in VERDICTS:
            problems.append(Problem(where, f"verdict {verdict!r}", f"one of {', '.join(VERDICTS)}"))
            continue
        draft = drafts[index]
        try:
            entry = corrected(draft["entry"], fields) if verdict == "correct" else draft["entry"]
            _, wrong = read_finding(plain(entry), where, number, {source.id: source})
        except (ValueError, ArithmeticError) as error:
            problems.append(Problem(where, str(error)))
            continue
        if verdict != "accept":
            corrections.append(_correction(draft["entry"], entry, verdict))
        if verdict != "reject":
            problems += wrong
            entries.append(entry)
    if problems:
        raise InvalidInput(*problems)
    return Accepted(source.id, tuple(entries), _source_entry(document), tuple(corrections))


def corrected(entry: Entry, fields: Mapping[str, str]) -> Entry:
    """The entry with some fields as a person corrected them (by path, as text; empty takes a field out).

    Where no claim was given, it is put together anew. Raises ValueError for a field that can't be corrected, or a
    figure that is none.
    """
    changed: Entry = json.loads(json.dumps(entry))
    for path, text in fields.items():
        if path not in CORRECTABLE or not isinstance(text, str):
            raise ValueError(f"no field {path!r} can be corrected; there are {', '.join(CORRECTABLE)}")
        value: Any = text.strip() or None
        if value is not None and path in NUMBERS:
            value = _figure(path, value)
        elif value is not None and path in WHOLE:
            value = int(value)
        outer, _, inner = path.partition(".")
        if inner:
            part = changed.setdefault(outer, {})
            part[inner] = value
        else:
            changed[outer] = value
    changed = without_nothing(changed)
    if not any(path.startswith("claim.") for path in fields):
        changed["claim"] = claim_of(changed).as_dict()
    return changed


def _figure(path: str, text: str) -> str | list[str]:
    sides = re.fullmatch(r"(-?\d+(?:\.\d+)?)(?:\s*[-~–～]\s*(\d+(?:\.\d+)?))?", text)
    if sides is None or (sides[2] and path != "value"):
        raise ValueError(f"{path} {text!r} is no number; write 52.6" + (" or 48-57" if path == "value" else ""))
    return [sides[1], sides[2]] if sides[2] else sides[1]


def _correction(draft: Entry, entry: Entry, verdict: str) -> Entry:
    keys = ("endpoint", "value", "unit", "intervention", "comparator", "comparator_value", "effect", "ci", "p", "level")
    said, right = ({key: one[key] for key in keys if key in one} for one in (draft, entry))
    return {
        "quote": draft["quote"],
        "verdict": verdict,
        "read": said,
        "right": right if verdict == "correct" else None,
        "understood": False,
    }


def _source_entry(document: Mapping[str, Any]) -> Entry:
    keys = ("short", "kind", "title", "sha256", "length")
    return {"id": document["source"], **{key: document[key] for key in keys}, "certainty": "verified"}


def _reviewed(review: object, place: str) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
    if not isinstance(review, Mapping) or review.get("schema") != REVIEW_SCHEMA:
        raise InvalidInput(Problem(place, "is no review", f"it starts with schema {REVIEW_SCHEMA}"))
    for key, kind in (("document", Mapping), ("drafts", list), ("decisions", list)):
        if not isinstance(review.get(key), kind):
            raise InvalidInput(Problem(place, f"{key} is absent or of another form"))
    document = review["document"]
    for key in ("source", "kind", "title", "short", "sha256", "length"):
        if key not in document:
            raise InvalidInput(Problem(place, f"document.{key} is absent"))
    if not all(isinstance(decision, Mapping) for decision in review["decisions"]):
        raise InvalidInput(Problem(place, "decisions must hold one mapping each"))
    return review, review["drafts"]


# -- files -------------------------------------------------------------------------------------------------------------


def evidence_yaml(entries: Sequence[Entry]) -> str:
    """An evidence file of these entries. The review page writes the same (``evidenceYaml``)."""
    return _file(EVIDENCE_SCHEMA, "findings", entries)


def sources_yaml(entry: Entry) -> str:
    return _file(SOURCES_SCHEMA, "documents", (entry,))


def corrections_yaml(entries: Sequence[Entry]) -> str:
    return _file(CORRECTIONS_SCHEMA, "corrections", entries)


def _file(schema: str, name: str, entries: Sequence[Entry]) -> str:
    if not entries:
        return f"schema: {schema}\n{name}: []\n"
    lines = [f"schema: {schema}", f"{name}:"]
    for entry in entries:
        written = list(_lines(entry, "", "    "))
        lines += [f"  - {written[0][4:]}", *written[1:]]
    return "\n".join(lines) + "\n"


def _lines(entry: Mapping[str, Any], path: str, indent: str) -> Iterator[str]:
    for key, value in entry.items():
        own = f"{path}{key}"
        if isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _lines(value, f"{own}.", indent + "  ")
        else:
            yield f"{indent}{key}: {_scalar(value, own)}"


def _scalar(value: Any, path: str) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_scalar(one, path) for one in value)}]"
    if isinstance(value, str) and path.split("right.")[-1].split("read.")[-1] in NUMBERS:
        return value
    return json.dumps(value, ensure_ascii=False)
