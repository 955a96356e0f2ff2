"""The page on which a person accepts, corrects or rejects drafts: one file, readable offline and without its script."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.reading.accepting import CORRECTABLE, REVIEW_SCHEMA
from tumorboard.reading.document import Box, Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.entries import NUMBERS, WHOLE, Entry, provisional_source, source_id
from tumorboard.reading.reviewing import Reviewed
from tumorboard.report.evidence_view import check_view
from tumorboard.report.html import environment
from tumorboard.report.names import Names
from tumorboard.report.review_words import FIELDS, LEFT_OUT, SCRIPT_WORDS, WORDS
from tumorboard.report.views import CheckView
from tumorboard.text import Language, Text

_AROUND = 40  # characters shown on both sides of a quote


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the document's text and the numbers of the drafts (from 1) whose span covers it."""

    text: str
    drafts: tuple[int, ...] = ()
    first_of: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where part of a draft stands on the picture of a page, in percent of its width and height."""

    draft: int
    left: float
    top: float
    width: float
    height: float
    first: bool


@dataclass(frozen=True, slots=True)
class PictureView:
    number: int
    data: Markup
    width: float
    height: float
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A draft as it is shown."""

    number: int
    title: str
    status: str
    rule: str
    before: str
    quote: str
    after: str
    place: str
    fields: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]
    checks: tuple[CheckView, ...]
    problems: tuple[str, ...]
    other: tuple[str, ...]
    agreed: str


def review_html(
    document: Document,
    shown: Sequence[Reviewed],
    left_out: Mapping[str, int],
    pictures: Mapping[int, bytes],
    knowledge: Knowledge,
    language: Language,
) -> str:
    """The whole page. ``left_out`` counts what was not understood, by the reason; ``pictures`` are JPEGs by page."""
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = _data(document, shown, knowledge, language)
    drafts = [one.draft for one in shown]
    names = Names(knowledge.vocabulary, language)
    return (
        environment(language)
        .get_template("review.html")
        .render(
            lang="zh-CN" if language == "zh" else "en",
            w={name: text[language] for name, text in WORDS.items()},
            name=document.name,
            summary=_summary(document, shown, language),
            left_out=[(_left_out(name)[language], number) for name, number in sorted(left_out.items()) if number],
            problems=[str(problem) for problem in document.problems],
            cards=[_card(number, one, document, names) for number, one in enumerate(shown, 1)],
            pieces=tuple(_pieces(document, drafts)),
            pictures=[_picture(number, raw, document, drafts) for number, raw in sorted(pictures.items())],
            script=Markup(script),
            digest=Markup(digest),
            data=Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")),
            footer=WORDS["knowledge"].format(version=knowledge.version, date=knowledge.date)[language],
        )
    )


@cache
def _script() -> str:
    return (resources.files("tumorboard.report") / "templates" / "review.js").read_text(encoding="utf-8")


def _data(document: Document, shown: Sequence[Reviewed], knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """What the script needs, and what a saved review holds (``tumorboard.review/1``)."""
    id_ = source_id(document, knowledge.findings.sources)
    source = knowledge.findings.sources.get(id_) or provisional_source(document, id_)
    return {
        "schema": REVIEW_SCHEMA,
        "document": {
            "source": id_,
            "name": document.name,
            "short": source.short,
            "kind": source.kind,
            "title": source.title.as_dict(),
            "sha256": document.sha256,
            "length": len(document.text),
        },
        "drafts": [{"entry": one.entry} for one in shown],
        "form": {
            "numbers": sorted(NUMBERS),
            "whole": sorted(WHOLE),
            "words": {k: t[language] for k, t in SCRIPT_WORDS.items()},
        },
    }


def _summary(document: Document, shown: Sequence[Reviewed], language: Language) -> str:
    pages = len({page.number for page in document.pages})
    counted = WORDS["summary"].format(
        drafts=len(shown),
        ambiguous=sum(one.draft.status == "ambiguous" for one in shown),
        proposed=sum(one.draft.status == "proposed" for one in shown),
    )
    return counted[language] + (WORDS["summary pages"].format(pages=pages)[language] if pages else "")


def _left_out(reason: str) -> Text:
    return LEFT_OUT.get(reason, Text(reason, reason))


# -- cards -------------------------------------------------------------------------------------------------------------


def _card(number: int, one: Reviewed, document: Document, names: Names) -> Card:
    language = names.language
    draft, entry = one.draft, one.entry
    flat = dict(_flat(entry))
    head = " ".join(filter(None, (draft.strategy or draft.endpoint or draft.kind, _figure(flat))))
    place = (
        WORDS["page"].format(page=draft.page)[language]
        if draft.page
        else WORDS["at"].format(start=draft.start)[language]
    )
    around = _around(document, draft)
    agreed = {True: WORDS["agreed"], False: WORDS["disagreed"], None: Text("", "")}[draft.agreed]
    recommendation = [
        (FIELDS[name][language], str(value))
        for name in ("strategy", "strength", "agreement")
        if (value := getattr(draft, name)) is not None
    ]
    fields = [(FIELDS[path][language], flat[path]) for path in FIELDS if path in flat and not path.startswith("claim")]
    return Card(
        number=number,
        title=head,
        status=draft.status,
        rule=draft.rule,
        before=around[0],
        quote=draft.quote,
        after=around[1],
        place=place,
        fields=(*recommendation, *fields),
        inputs=tuple((path, FIELDS[path][language], flat.get(path, "")) for path in CORRECTABLE),
        checks=tuple(check_view(check, names) for check in one.checks),
        problems=tuple(problem.what + (f"; {problem.mend}" if problem.mend else "") for problem in one.problems),
        other=draft.other,
        agreed=agreed[language],
    )


def _around(document: Document, draft: Draft) -> tuple[str, str]:
    """Some words before and after the quote; none in HTML, where markup may stand there."""
    if document.kind == "html":
        return "", ""
    before = document.text[max(0, draft.start - _AROUND) : draft.start]
    return " ".join(before.split()), " ".join(document.text[draft.end : draft.end + _AROUND].split())


def _flat(entry: Entry, before: str = "") -> Iterator[tuple[str, str]]:
    """The fields of an entry by path, as text."""
    for key, value in entry.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        elif isinstance(value, list):
            yield f"{before}{key}", "-".join(map(str, value)) if key == "value" else ", ".join(map(str, value))
        else:
            yield f"{before}{key}", str(value)


def _figure(flat: Mapping[str, str]) -> str:
    unit = flat.get("unit", "")
    value = flat.get("value") or flat.get("printed") or ""
    return value + (unit if unit == "%" else f" {unit}" if unit else "") if flat.get("value") else value


# -- the text and its pages --------------------------------------------------------------------------------------------


def _pieces(document: Document, drafts: Sequence[Draft]) -> Iterator[Piece]:
    """The text in stretches that begin and end with a draft; markup as what it stands for."""
    cuts = {0, len(document.text)}
    for draft in drafts:
        cuts |= {draft.start, draft.end}
    for start, end, _ in document.markup:
        cuts |= {start, end}
    stands_for = {start: (end, new) for start, end, new in document.markup}
    ordered = sorted(cuts)
    begin: dict[int, list[int]] = {}
    for number, draft in enumerate(drafts, 1):
        begin.setdefault(draft.start, []).append(number)
    open_: list[int] = []
    seen: set[int] = set()
    inside = 0
    for start, end in pairwise(ordered):
        open_ = [number for number in open_ if drafts[number - 1].end > start] + begin.get(start, [])
        if start in stands_for:
            inside, text = stands_for[start]
        else:
            text = "" if start < inside else document.text[start:end]
        if text:
            first = tuple(number for number in open_ if number not in seen)
            seen.update(first)
            yield Piece(text, tuple(open_), first)


def _picture(number: int, raw: bytes, document: Document, drafts: Sequence[Draft]) -> PictureView:
    page = next(page for page in document.pages if page.number == number)
    spots: list[Spot] = []
    for order, draft in enumerate(drafts, 1):
        boxes = [box for on, box in document.boxes(draft.start, draft.end) if on == number]
        for place, (left, top, right, bottom) in enumerate(_lines(boxes)):
            spots.append(
                Spot(
                    order,
                    round(100 * left / page.width, 2),
                    round(100 * top / page.height, 2),
                    round(100 * (right - left) / page.width, 2),
                    round(100 * (bottom - top) / page.height, 2),
                    first=place == 0,
                )
            )
    data = Markup("data:image/jpeg;base64," + base64.b64encode(raw).decode())
    return PictureView(number, data, page.width, page.height, tuple(spots))


def _lines(boxes: Sequence[Box]) -> list[Box]:
    """The boxes of characters that follow each other on a line, as one box."""
    lines: list[Box] = []
    for left, top, right, bottom in boxes:
        last = lines[-1] if lines else None
        if last is not None and top < last[3] and bottom > last[1] and -2 <= left - last[2] < 2 * (bottom - top):
            lines[-1] = (min(last[0], left), min(last[1], top), max(last[2], right), max(last[3], bottom))
        else:
            lines.append((left, top, right, bottom))
    return lines
