"""A hundred panellists at once, the server killed among them; five hundred on sixty questions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from panels import panel_of, paper, small
from sqlalchemy import select

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.kept import consensus
from tumorboard.consensus.panel import panellists, pseudonym_of
from tumorboard.consensus.questions import QuestionSet, questions_from
from tumorboard.consensus.rounds import close_round, progress, result
from tumorboard.consensus.voting import cast, current, rounds, verify_ballots
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.consensus_tables import BALLOTS
from tumorboard.store.database import Database, new_id

LONG = bool(os.environ.get("TUMORBOARD_LONG"))
SUBMIT = Path(__file__).with_name("submit.py")
PANELLISTS = 100 if LONG else 24
KILLS = 8 if LONG else 2


def _orders(database: Database, knowledge: Knowledge, name: str) -> tuple[str, list[str]]:
    """The open round, and a line for each panellist with the ballots they will send."""
    with database.reading() as connection:
        held = consensus(connection, name, knowledge)
        asked = rounds(connection, held.id)[-1]
        lines = []
        for one in panellists(connection, held.id):
            pseudonym = pseudonym_of(connection, one.id)
            lines.append(";".join(f"{new_id()}|{pseudonym}|{question}" for question in asked.asked))
        return asked.id, lines


def test_after_a_kill_every_confirmed_ballot_is_there_and_none_twice(database: Database, knowledge: Knowledge) -> None:
    """Killed again and again while all submit, started again with the same keys, until all are in."""
    name = panel_of(database, knowledge, PANELLISTS)
    round_id, lines = _orders(database, knowledge, name)
    url = database.url.render_as_string(hide_password=False)
    expected = {each.split("|")[0] for line in lines for each in line.split(";")}
    confirmed: set[str] = set()
    for attempt in range(KILLS + 1):
        process = subprocess.Popen(
            [sys.executable, SUBMIT, url, round_id], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n".join(lines))
        process.stdin.close()
        told = 0
        if attempt < KILLS:
            for line in process.stdout:
                confirmed.add(line.strip())
                told += 1
                if told == 3 + 5 * attempt:  # in the midst of it
                    process.kill()
                    break
        confirmed |= {line.strip() for line in process.stdout if len(line) == 33}
        process.wait()
        process.stdout.close()
        with database.reading() as connection:
            kept = list(connection.execute(select(BALLOTS.c.key)).scalars())
            assert confirmed <= set(kept), "a confirmed ballot is absent"
            assert len(kept) == len(set(kept))
            assert verify_ballots(connection) == len(kept)
    assert confirmed == expected
    with database.reading() as connection:
        ballots = current(connection, round_id)
        assert {len(each) for each in ballots.values()} == {PANELLISTS}
        assert connection.execute(select(BALLOTS.c.revision).distinct()).scalars().all() == [1]


def _sixty(knowledge: Knowledge, count: int) -> QuestionSet:
    data = dict(small(knowledge).data)
    first = data["questions"][0]
    data["questions"] = [
        {**first, "id": f"q{n}", "regimens": [{**r, "id": f"q{n}-{r['id']}"} for r in first["regimens"]]}
        for n in range(count)
    ]
    return questions_from(data, "questions.yaml", paper(knowledge), knowledge)


def test_five_hundred_panellists_on_sixty_questions(
    database: Database, knowledge: Knowledge, record_property: Callable[[str, object], None]
) -> None:
    """Each panellist's answers as one transaction apiece (all of them with TUMORBOARD_LONG); counted in seconds."""
    people, count = (500, 60) if LONG else (40, 10)
    name = panel_of(database, knowledge, people, _sixty(knowledge, count))
    round_id, lines = _orders(database, knowledge, name)
    began = time.monotonic()
    for line in lines:
        with database.writing() as connection:
            for each in line.split(";"):
                key, pseudonym, question = each.split("|")
                cast(connection, round_id, Ballot(question, pseudonym, "recommend"), key)
    record_property("seconds to cast", time.monotonic() - began)
    began = time.monotonic()
    with database.reading() as connection:
        held = consensus(connection, name, knowledge)
        assert all(each.done for each in progress(connection, held, rounds(connection, held.id)[-1]))
    record_property("seconds for who is done", time.monotonic() - began)
    with database.writing() as connection:
        close_round(connection, held, by="chair")
    began = time.monotonic()
    with database.reading() as connection:
        found = result(connection, consensus(connection, name, knowledge))
    record_property("seconds for the result", time.monotonic() - began)
    assert [outcome.tally.votes for outcome in found.outcomes] == [people] * count
    assert {outcome.tally.share for outcome in found.outcomes} == {100}
    assert time.monotonic() - began < 60
