"""Lines of therapy: the entries of one line put together, in the order the record tells."""

from __future__ import annotations

from tumorboard.case.entries import Entries
from tumorboard.case.model import Treatment
from tumorboard.case.rows import NA, Cell, Row, ranked

_Group = list[tuple[int, Treatment, int]]  # (index in the case file, entry, when it started)


def courses(entries: Entries) -> list[Row]:
    """One row a line of therapy with its maintenance; treatment with the aim of cure has rows of its own."""
    groups: dict[object, _Group] = {}
    for index, entry, when in entries.current(entries.file.treatments, "start"):
        groups.setdefault(_course_of(entries, index, entry), []).append((index, entry, when))
    rows = ranked([_course(entries, group) for group in groups.values()], _order)
    return [_followed(row, rows[position + 1 :]) for position, row in enumerate(rows)]


def is_curative(entries: Entries, entry: Treatment) -> bool:
    return bool(entries.terms.lists["intent"].terms[entry.intent].note.get("curative"))


def _course_of(entries: Entries, index: int, entry: Treatment) -> object:
    """What entries share that belong to one course: the line, and for curative intent its kind."""
    if entry.line is None:
        return "unnumbered", index
    return entry.line, is_curative(entries, entry) and entry.intent


def _order(row: Row) -> tuple[int, int, int, str]:
    """Lines by their number; what has none (some treatment with the aim of cure) before them, by date."""
    line, when = row.cells["line"], row.cells["when"]
    assert isinstance(line, int) and isinstance(when, int)
    return line, when, int(bool(row.cells["curative"])), row.place


def _course(entries: Entries, group: _Group) -> Row:
    """One line of therapy from its entry and its maintenance; what is said last stands on the last entry."""
    group = sorted(group, key=lambda item: item[1].intent == "maintenance")
    index, entry, when = group[0]
    last_index, last, _ = group[-1]
    place, last_place = f"treatments[{index}]", f"treatments[{last_index}]"
    maintenance: frozenset[str] = frozenset()
    for other, later, _ in group[1:]:
        maintenance |= entries.agents(later.agents, f"treatments[{other}].agents")
    cells: dict[str, Cell] = {
        "line": entry.line or 0,
        "curative": is_curative(entries, entry),
        "agents": entries.agents(entry.agents, f"{place}.agents"),
        "maintenance": maintenance,
        "start": entries.known_day(entry.start),
        "end": entries.known_day(entry.end),
        "last_end": entries.known_day(last.end),
        "best_response": entry.best_response or last.best_response,
        "when": when,
    }
    places = {"last_end": f"{last_place}.end"}
    for column in ("progressed", "progression", "stopped_for"):
        on_last = _up_to_the_board(entries, last, column)
        on_first = _up_to_the_board(entries, entry, column)
        own = on_last is None and on_first is not None
        cells[column] = on_first if own else on_last
        places[column] = f"{place if own else last_place}.{column}"
    cells["completed"] = any(
        entries.known_day(part.end)
        or any(_up_to_the_board(entries, part, name) for name in ("progressed", "stopped_for"))
        for _, part, _ in group
    )
    return Row(cells, place, places)


def _up_to_the_board(entries: Entries, entry: Treatment, column: str) -> Cell:
    """What the entry says in ``column``, unless its date shows that it happened after the day of the board."""
    if column == "progressed":
        return entries.known_day(entry.progressed)
    dated = entry.progressed if column == "progression" else entry.end
    if dated is not None and dated > entries.as_of:
        return None
    value: str | None = getattr(entry, column)
    return value


def _followed(row: Row, later: list[Row]) -> Row:
    """The course with what only its successors tell: that it is completed, and when the next one started.

    Parts of one treatment with the aim of cure (neoadjuvant, definitive, adjuvant) don't follow each other so.
    """
    following = next((other for other in later if not (other.cells["curative"] and row.cells["curative"])), None)
    if following is None:
        return Row({**row.cells, "next_start": NA}, row.place, row.places)
    cells = {**row.cells, "completed": True, "next_start": following.cells["start"]}
    return Row(cells, row.place, {**row.places, "next_start": following.place_of("start")})
