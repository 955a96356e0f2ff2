"""Inputs and notes: what of the record is missing, and what its silence was taken to mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from tumorboard.case.columns import TABLES
from tumorboard.logic import tree
from tumorboard.logic.tree import Node
from tumorboard.text import Text


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """An entry of the record that would settle something: what to look up, and how it stands now.

    ``ask`` is the fixed form of interfaces.md (``labs: albumin``, ``imaging lobes``, ``treatments[0].progressed``);
    ``words`` says it where that form alone doesn't tell (a guideline's own wish: a new biopsy).
    """

    ask: str
    state: str = "not recorded"
    words: Text | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of an answer must know: an assumption made from absence, a conflict, a silent source,
    or a remark on a value that does not apply.

    Where ``about`` lists inputs, ``text`` names them at ``{about}``; wording fills it in.
    """

    kind: Literal["assumption", "conflict", "undecided", "remark"]
    text: Text
    about: tuple[Input, ...] = ()


# Tables that have another name in the case file.
_SECTION = {
    "courses": "treatments",
    "tumours": "conditions",
    "comorbidities": "conditions",
    "observations": "findings",
    "consents": "consent",
    "patient": "case",
}
# Columns that are put together from entries which have another name in the case file.
_FIELD = {"last_end": "end", "next_start": "start", "maintenance": "agents"}


def section(table: str) -> str:
    """The key of the case file a table is read from."""
    return _SECTION.get(table, table)


def named_entry(node: tree.Newest) -> str:
    """``labs: albumin``, ``findings: haemoptysis``, ``consent: organoid testing``."""
    return f"{section(node.table)}: {node.key}"


def named_rows(rows: tree.Rows, *sought: Node) -> str:
    """The section of the case file with what is sought: ``metastases: brain``, ``conditions: autoimmune disease``.

    A list that is complete once it is given is asked for as a whole: ``treatments``.
    """
    own = section(rows.table)
    words = dict.fromkeys(word for condition in (*rows.conditions, *sought) for word in _words(condition))
    return f"{own}: {', '.join(words)}" if words and not TABLES[rows.table].complete else own


def named_column(node: tree.Pick) -> str:
    """``vitals: blood pressure systolic``; of a list that is asked for as a whole, the list."""
    rows = named_rows(node.rows)
    return rows if TABLES[node.rows.table].complete else f"{rows} {_FIELD.get(node.column, node.column)}"


def _words(condition: Node) -> Iterator[str]:
    match condition:
        case tree.Meets(_, group) | tree.Only(_, group) | tree.HowMany(_, group):
            yield group
        case tree.Compare("==", tree.Column(_, _), tree.Constant(str() as value)):
            yield value
        case _:
            for child in tree.children(condition):
                yield from _words(child)


_COMPLETE = Text(
    "the list of {section} is complete, so what it lacks did not happen",
    "{section}视为完整，未列出的即未发生",
)
_COMPLETE_LISTS = {
    "courses": Text("treatments", "治疗记录（treatments）"),
    "tumours": Text("conditions", "肿瘤诊断（conditions）"),
    "procedures": Text("procedures", "操作与局部治疗记录（procedures）"),
}
_INCOMPLETE = Text(
    "the list of {section} lacks entries; of those recorded the first or last is read",
    "{section}不完整，按已记录的首条或末条处理",
)
_UNRECORDED = Text("{about}: not recorded, and read as such", "{about}：未记录，按未记录处理")
_BETWEEN = Text(
    "{about}: not recorded, and taken to lie between the dates around it", "{about}：未记录，按位于前后日期之间处理"
)
_NO_ROOM = Text(
    "{about}: not recorded, and the dates around it contradict each other", "{about}：未记录，且前后日期相互矛盾"
)
_OTHERS = Text("{about}: not recorded; another entry of the same date is read", "{about}：未记录，采用同日的另一条记录")
_DIFFER = Text("{places} differ on the same date", "{places} 同日记录不一致")


@cache
def assumed_none(table: str) -> tuple[Note, ...]:
    return (Note("assumption", _COMPLETE.format(section=_list_name(table))),)


@cache
def assumed_edge(table: str) -> Note:
    return Note("assumption", _INCOMPLETE.format(section=_list_name(table)))


def _list_name(table: str) -> Text:
    return _COMPLETE_LISTS.get(table, Text(section(table), section(table)))


def assumed_unrecorded(missing: tuple[Input, ...]) -> tuple[Note, ...]:
    return (Note("assumption", _UNRECORDED, missing),) if missing else ()


def assumed_between(missing: tuple[Input, ...]) -> tuple[Note, ...]:
    return (Note("assumption", _BETWEEN, missing),) if missing else ()


def no_room(missing: tuple[Input, ...]) -> tuple[Note, ...]:
    return (Note("conflict", _NO_ROOM, missing),) if missing else ()


def others_read(missing: tuple[Input, ...]) -> Note:
    return Note("assumption", _OTHERS, missing)


def differing(places: tuple[str, ...]) -> Note:
    return Note("conflict", _DIFFER.format(places=", ".join(places)))
