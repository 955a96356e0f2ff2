"""Reading order: columns by the gutters between them, line by line from the top of each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from tumorboard.reading.glyphs import Run

_STEP = 2.0  # points between the places tried for a gutter
_LEAST = 4  # lines on either side of a gutter
_WIDE = 0.28  # of the region's width: lines of a column are this wide; cells of a table are narrower


def in_reading_order(runs: list[Run]) -> list[list[Run]]:
    """The runs of a page in blocks: each one column of one band of the page, in reading order.

    What crosses the gutter (a title, a wide figure's caption) ends a band: the columns above it are read before it.
    """
    gutter = _gutter(runs)
    if gutter is None:
        return [sorted(runs, key=lambda run: (run.middle, run.left))] if runs else []
    blocks: list[list[Run]] = []
    across = sorted((run for run in runs if run.left < gutter < run.right), key=lambda run: run.middle)
    beside = sorted((run for run in runs if not run.left < gutter < run.right), key=lambda run: run.middle)
    crossing: list[Run] = []
    for run in [*across, None]:
        band = [other for other in beside if run is None or other.middle < run.middle]
        beside = beside[len(band) :]
        if band and crossing:
            blocks.append(crossing)
            crossing = []
        for side in ([one for one in band if one.right <= gutter], [one for one in band if one.left >= gutter]):
            blocks += in_reading_order(side)
        if run is not None:
            crossing.append(run)
    return [*blocks, crossing] if crossing else blocks


def _gutter(runs: list[Run]) -> float | None:
    """The place that the fewest lines cross, with lines of a column on both its sides; ``None`` where there is none."""
    if len(runs) < 2 * _LEAST:
        return None
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    width = right - left
    ends, starts = sorted(run.right for run in runs), sorted(run.left for run in runs)
    most = 0
    places: list[float] = []
    for step in range(int(width * 0.6 / _STEP)):
        place = left + 0.2 * width + step * _STEP
        before, after = bisect_right(ends, place), len(starts) - bisect_left(starts, place)
        if min(before, after) < _LEAST or before + after < most:
            continue
        if before + after > most:
            most, places = before + after, []
        places.append(place)
    if not places:
        return None
    place = places[len(places) // 2]
    sides = [run.width for run in runs if run.right <= place], [run.width for run in runs if run.left >= place]
    if not all(_is_prose(widths, width) for widths in sides):
        return None
    return place


def _is_prose(widths: list[float], region: float) -> bool:
    """Whether most of what stands on one side are whole lines of a column, not cells of a table."""
    lines = [width for width in widths if width >= _WIDE * region]
    return len(lines) >= _LEAST - 1 and sum(lines) >= 0.5 * sum(widths)
