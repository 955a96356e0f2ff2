"""Saves one case again and again, and says each version only after it was confirmed; it ends when it is killed."""

from __future__ import annotations

import itertools
import sys

from tumorboard.store.cases import latest_version, save_case
from tumorboard.store.database import Database


def text_of(number: int) -> str:
    """What version ``number`` says: long enough that writing it takes more than one page."""
    return f"version {number}\n" + f"line of {number}\n" * 2000


def save_for_ever(url: str, case_id: str) -> None:
    database = Database(url)
    with database.reading() as connection:
        first = latest_version(connection, case_id).number
    for number in itertools.count(first + 1):
        with database.writing() as connection:
            save_case(connection, case_id, based_on=number - 1, name="made-up", text=text_of(number), by="saver")
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    save_for_ever(*sys.argv[1:])
