"""The timeline in words, for those who can't see the drawing and for plain formats."""

from __future__ import annotations

from tumorboard.report.course import Course
from tumorboard.report.names import Names


def history(course: Course, names: Names) -> tuple[tuple[str, str], ...]:
    """Day or days, and what was then, in order of time."""
    rows = [(event.day, event.day, event.text) for event in course.events]
    for bar in course.bars:
        told = names.word("marked", name=bar.line, mark=" · ".join((bar.agents, *bar.notes)))
        rows.append((bar.start, bar.until if bar.end_known else bar.start, told))
    for result in course.results:
        name = names.word("with detail", what=result.name, detail=result.detail) if result.detail else result.name
        told = names.word("marked", name=name, mark=names.word(result.mark))
        rows += [(day, day, told) for day in result.days]
    rows.sort(key=lambda row: (row[0], row[1]))
    joint = "～" if names.language == "zh" else " to "
    return tuple((str(first) if first == last else f"{first}{joint}{last}", told) for first, last, told in rows)
