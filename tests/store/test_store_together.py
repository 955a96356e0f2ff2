"""Many at once, and programs that die: nothing confirmed is lost, and nothing is overwritten unseen."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from filled import Filled
from saver import text_of
from sqlalchemy import text

import tumorboard
from tumorboard.store.audit import head
from tumorboard.store.cases import Conflict, add_case, latest_version, save_case, versions
from tumorboard.store.database import Database
from tumorboard.store.schema import open_database
from tumorboard.store.verify import verify

LONG = bool(os.environ.get("TUMORBOARD_LONG"))
KILLS = 40 if LONG else 2
EDITORS, EDITS = (20, 25) if LONG else (6, 5)


def test_two_people_who_edit_the_same_version_get_one_save_and_one_conflict(database: Database, filled: Filled) -> None:
    both_have_read = threading.Barrier(2)
    outcomes: list[str] = []

    def edit(name: str) -> None:
        with database.reading() as connection:
            seen = latest_version(connection, filled.case.id)
        both_have_read.wait()
        try:
            with database.writing() as connection:
                save_case(connection, filled.case.id, based_on=seen.number, name="lung-07", text=name, by=name)
            outcomes.append(f"saved {name}")
        except Conflict as conflict:
            outcomes.append(f"kept {conflict.yours} beside {conflict.theirs.text}")

    _together([lambda name=name: edit(name) for name in ("anna", "ben")])
    first = sorted(outcomes)[1].removeprefix("saved ")
    other = {"anna": "ben", "ben": "anna"}[first]
    assert sorted(outcomes) == [f"kept {other} beside {first}", f"saved {first}"]


def test_editors_who_start_again_after_a_conflict_lose_no_line(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        case = add_case(connection, filled.board.id, name="made-up", text="", by="x").id

    def edit(editor: int) -> None:
        for edit in range(EDITS):
            while True:
                with database.reading() as connection:
                    seen = latest_version(connection, case)
                mine = f"{seen.text}{editor}.{edit}\n"
                try:
                    with database.writing() as connection:
                        save_case(connection, case, based_on=seen.number, name="made-up", text=mine, by=f"{editor}")
                    break
                except Conflict:
                    time.sleep(random.random() / 100)

    _together([lambda editor=editor: edit(editor) for editor in range(EDITORS)])
    with database.reading() as connection:
        found = versions(connection, case)
        assert sorted(found[-1].text.split()) == sorted(f"{a}.{b}" for a in range(EDITORS) for b in range(EDITS))
        assert [one.number for one in found] == list(range(1, EDITORS * EDITS + 2))
        assert all(later.text.startswith(earlier.text) for earlier, later in itertools.pairwise(found))
        verify(connection)


def test_what_was_confirmed_is_there_after_the_program_was_killed(
    database: Database, database_url: str, filled: Filled
) -> None:
    with database.writing() as connection:
        case = add_case(connection, filled.board.id, name="made-up", text=text_of(1), by="x").id
    for _ in range(KILLS):
        with database.reading() as connection:
            kept, before = head(connection), latest_version(connection, case).number
        confirmed = _killed_while_saving(database_url, case)
        again = open_database(database_url)
        with again.reading() as connection:
            found = versions(connection, case)
            assert len(found) in (confirmed, confirmed + 1), "a version may be there whose confirmation was cut off"
            assert confirmed > before
            assert all(one.text == text_of(one.number) for one in found)
            assert verify(connection, [kept]).entries >= kept.number + confirmed - before
            if again.is_sqlite:
                assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        again.close()


def _killed_while_saving(url: str, case: str) -> int:
    """The last version that was confirmed before the kill, at a moment nobody chose."""
    environment = {**os.environ, "PYTHONPATH": str(Path(tumorboard.__file__).parents[1])}
    saver = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("saver.py")), url, case],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert saver.stdout is not None
    with saver.stdout:
        said = [saver.stdout.readline()]  # it is saving
        time.sleep(random.uniform(0, 0.3))
        saver.send_signal(signal.SIGKILL)
        said += saver.stdout.readlines()
    assert saver.wait() == -signal.SIGKILL
    return int([line for line in said if line.endswith("\n")][-1])


def _together(tasks: list) -> None:  # type: ignore[type-arg]
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
