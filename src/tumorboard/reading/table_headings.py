"""Headings of tables: which column holds an arm, an endpoint, an effect or a P value."""

from __future__ import annotations

import re
from collections.abc import Callable

from tumorboard.reading.arms import ArmReader
from tumorboard.reading.lexer import tokens
from tumorboard.reading.lexicon import Lexicon
from tumorboard.reading.naming import named_in
from tumorboard.reading.results import Named
from tumorboard.reading.study import Mentioned
from tumorboard.reading.table_cells import MEASURES, P_HEADING, Column
from tumorboard.reading.table_rows import Grid, Piece

_EFFECT_HEADING = re.compile(r"(?<![A-Za-z])(a?HR|OR|RR|hazard ratio|风险比|危险比)(?![A-Za-z])", re.IGNORECASE)
_N_HEADING = re.compile(r"^(?:n|N|例数|No\.|patients|病例数|样本量)$")
_PATIENTS = re.compile(r"[nN] ?= ?\d+|\d+ ?例|组$")
_UNITS = (
    ("%", "%"),
    ("months", "months"),
    ("个月", "months"),
    ("月", "months"),
    ("mo", "months"),
    ("weeks", "weeks"),
    ("周", "weeks"),
    ("年", "years"),
)


class HeadingReader:
    """Reads the headings of tables of results."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon, self._arms = lexicon, ArmReader(lexicon)

    def headed(self, grid: Grid) -> tuple[list[Column], list[tuple[Piece, ...]]]:
        """The columns after the first, and the rows under the heading."""
        rows = list(grid.rows)
        text = (
            " | ".join(piece.text for piece in rows[0]) if grid.delimited else " ".join(piece.text for piece in rows[0])
        )
        columns = [self._column(piece.text) for piece in rows[0][1:]] if grid.delimited else self._undelimited(text)
        body = rows[1:]
        if (
            body
            and (grades := [token.grade for token in tokens(" ".join(p.text for p in body[0])) if token.kind == "G"])
            and len(grades) >= 2
        ):
            named = [column for column in columns if column.role == "arm"]
            if len(named) and len(grades) == len(named) * (len(grades) // len(named)):
                each = len(grades) // len(named)
                columns = [
                    Column("arm", column.arm, grade=grades[index * each + place])
                    for index, column in enumerate(named)
                    for place in range(each)
                ]
                body = body[1:]
        return columns, body

    def _column(self, heading: str) -> Column:
        bare = heading.strip()
        if P_HEADING.match(bare):
            return Column("P")
        if found := _EFFECT_HEADING.search(bare):
            return Column("effect", measure=MEASURES.get(found[1].lower(), found[1].upper().removeprefix("A")))
        if _N_HEADING.match(bare):
            return Column("n")
        if (named := self.named(bare)) is not None:
            return Column("endpoint", named=named, unit=unit_of(bare))
        mentioned = self.mentioned(bare)
        if mentioned:
            return Column("arm", arm=arm_of(next((m for m in mentioned if m.names), mentioned[0])))
        return Column("arm") if _PATIENTS.search(bare) else Column("")

    def _undelimited(self, text: str) -> list[Column]:
        """Headings in one line: arms where they are named, other columns by their words, in the order printed."""
        spots: list[tuple[int, Column]] = []
        mentions = self.mentioned(text)
        for place, mention in enumerate(mentions):
            if (
                place
                and mentions[place - 1].label
                and re.fullmatch(r" ?[(（]", text[mentions[place - 1].end : mention.start])
            ):
                spots.pop()  # "试验组（A+B）": one column
            spots.append((mention.start, Column("arm", arm=arm_of(mention))))
        for found in _EFFECT_HEADING.finditer(text):
            spots.append((found.start(), Column("effect", measure=found[1].upper())))
        for found in re.finditer(r"(?<![A-Za-z])[Pp](?: ?值|(?= |$))", text):
            spots.append((found.start(), Column("P")))
        for found in re.finditer(r"例数|病例数", text):
            spots.append((found.start(), Column("n")))
        reach = 0
        for spot in self._lexicon.mentions(text):
            if spot.kind == "endpoint":
                named = self.named(text[max(reach, spot.start - 8) : spot.end])
                unit = unit_of(text[spot.end : spot.end + 4])
                spots.append((spot.start, Column("endpoint", named=named, unit=unit)))
                reach = spot.end
        spots.sort(key=lambda place: place[0])
        kinds = [column.role for _, column in spots]
        if kinds.count("endpoint") == kinds.count("arm") > 1:  # one endpoint, in the heading of each arm
            names = {column.named.names for _, column in spots if column.named}
            spots = [spot for spot in spots if len(names) > 1 or spot[1].role != "endpoint"]
        return [column for _, column in spots]

    def topic(self, grid: Grid) -> Named | None:
        """The endpoint every row of a table of subgroups is about: the only one its caption and heading name."""
        text = f"{grid.caption} " + " ".join(piece.text for piece in grid.rows[0])
        mentions = [m for m in self._lexicon.mentions(text) if m.kind == "endpoint"]
        if len({m.name for m in mentions}) != 1:
            return None
        named = self.named(text)
        return named if named and named.endpoint and not named.endpoint.event else None

    def named(self, text: str) -> Named | None:
        mentions = [m for m in self._lexicon.mentions(text) if m.kind == "endpoint"]
        if not mentions:
            return None
        named, _ = named_in(text, mentions[:1], tokens(text), self._lexicon, 0, len(text))
        return named[0] if named else None

    def mentioned(self, text: str) -> list[Mentioned]:
        return [m for m in self._arms.read(text, self._lexicon.mentions(text)) if m.names or m.label]


def split_statements(grid: Grid, role: Callable[[str], str]) -> Grid:
    """Rows printed with single spaces: the grades stand at their ends, what is left is the statement."""
    line = " ".join(piece.text for piece in grid.rows[0]).strip()
    headings = line.split(" ")
    roles = [role(word) for word in headings]
    if (
        grid.delimited
        or sum(name in ("strength", "level", "agreement") for name in roles) < 2
        or "strategy" not in roles
    ):
        return grid
    last = len(roles) - 1 - roles.index("strategy")
    first = roles.index("strategy")
    rows = [tuple(Piece(word, grid.start, grid.start) for word in headings[first:])]
    for row in grid.rows[1:]:
        text = " ".join(piece.text for piece in row)
        words = text.split(" ")
        if len(words) <= last + first or any(len(word) > 12 for word in words[-last:]):
            continue
        cells = [" ".join(words[first:-last]), *words[-last:]]
        start, end = row[0].start, row[-1].end
        lead = len(text) - len(" ".join(words[first:]))
        rows.append(
            (
                Piece(cells[0], start + lead, start + lead + len(cells[0])),
                *(Piece(cell, end - len(cell), end) for cell in cells[1:]),
            )
        )
    return Grid(grid.caption, tuple(rows), True, grid.start, grid.end)


def unit_of(text: str) -> str | None:
    bare = re.sub(r"\d+ ?(?:%|[ -]?months?|个月|月|年)(?= ?(?:CI|OS|PFS|[-a-z ]*rate|生存))|\d\d% ?CI", "", text)
    return next((unit for word, unit in _UNITS if word in bare), None)


def arm_of(mention: Mentioned) -> str | None:
    return mention.text or None
