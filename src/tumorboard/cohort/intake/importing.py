"""Patients' records → a cohort on disk, by as many processes as there are, with an account of what was left out."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tumorboard.cohort.files import Written, write_cohort
from tumorboard.cohort.intake.refusals import Account, Refusal
from tumorboard.cohort.intake.sorting import Group
from tumorboard.cohort.intake.taking import Reader, Taken, Taker
from tumorboard.errors import InvalidInput, NotFound, Problem

Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
_AT_A_TIME = 50  # patients a process is given
_TOLD_EVERY = 20_000  # patients


@contextmanager
def new_cohort(out: Path) -> Iterator[Path]:
    """The folder of a new cohort, and in it one for sorting, gone afterwards.

    Raises InvalidInput where the folder holds a cohort, NotFound where it can't be written or the disk is full.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.glob("part-*.parquet")):
            raise InvalidInput(Problem(str(out), "holds a cohort already", "name a new folder"))
        try:
            with tempfile.TemporaryDirectory(dir=out, prefix=".importing-") as temporary:
                yield Path(temporary)
        except BaseException:
            for part in out.glob("part-*.parquet"):  # half a cohort must not be taken for a whole one
                part.unlink()
            raise
    except OSError as error:
        raise NotFound(Problem(str(out), f"can't be written: {error.strerror or error}")) from error


def import_groups(
    groups: Iterable[Group], read: Reader, taker: Taker, out: Path, rows: int, account: Account, spread: Spread
) -> Written:
    """The patients of ``groups`` as a cohort in ``out``; what can't be taken is told to ``account``."""

    def work(some: list[Group]) -> list[Taken]:
        return taker.taken(read, some)

    found = (taken for some in spread(work, _batches(groups)) for taken in some)
    return write_taken(found, out, rows, account)


def write_taken(found: Iterable[Taken], out: Path, rows: int, account: Account) -> Written:
    """The rows among what was taken as a cohort in ``out``; refusals and what was not understood to ``account``."""

    def patients() -> Iterator[dict[str, Any]]:
        for count, taken in enumerate(found, 1):
            account.refuse(*taken.refusals)
            account.not_understood(taken.unknown)
            if count % _TOLD_EVERY == 0:
                account.say(f"{count} patients read")
            if taken.patient is not None:
                yield taken.patient

    written = write_cohort(patients(), out, rows)
    again = Problem("id", "stands twice in the cohort", "the first was taken")
    account.refuse(*(Refusal(id_, ((again, None),)) for id_ in written.twice))
    return written


def _batches(groups: Iterable[Group]) -> Iterator[list[Group]]:
    given = iter(groups)
    while batch := list(itertools.islice(given, _AT_A_TIME)):
        yield batch
