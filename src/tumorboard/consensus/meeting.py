"""Votes of a meeting brought in from a list: whole or not at all, each flagged, and twice the same as once."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from tumorboard.consensus.ballots import complete_ballot
from tumorboard.consensus.kept import Consensus
from tumorboard.consensus.panel import panellist_at, pseudonym_of, read_rows
from tumorboard.consensus.voting import cast, rounds
from tumorboard.errors import InvalidInput, Problem, TumorboardError, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge

COLUMNS = ("address", "question", "answer")
MORE = ("reason", "condition", "when", "comment")


def import_meeting(
    connection: Connection, held: Consensus, knowledge: Knowledge, text: str, name: str, *, by: str
) -> int:
    """Rows ``address,question,answer[,reason,condition,when,comment]``; an empty answer is an abstention.

    How many were new. Raises InvalidInput naming every line that can't be taken; the caller's transaction is undone.
    """
    found = rounds(connection, held.id)
    if not found or found[-1].state != "open":
        raise WrongUsage(Problem(held.name, "has no open round", "open one first"))
    problems: list[Problem] = []
    new = 0
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(read_rows(text, name, COLUMNS, MORE), start=2):
        place = f"{name}:{number}"
        twice = seen.setdefault((row["address"].casefold(), row["question"]), number)
        if twice != number:
            problems.append(Problem(place, f"answers what line {twice} answers", "keep one"))
            continue
        try:
            voter = pseudonym_of(connection, panellist_at(connection, held.id, row["address"]).id)
            ballot = complete_ballot(
                held.protocol, knowledge, row["question"], voter, row["answer"] or None, row.get("reason"),
                (row.get("condition"), row.get("when")), row.get("comment"), meeting=True,
            )  # fmt: skip
            parts = "\0".join((found[-1].id, *(row.get(column, "") for column in (*COLUMNS, *MORE))))
            key = hashlib.sha256(parts.encode()).hexdigest()
            new += not cast(connection, found[-1].id, ballot, key, by=by).again
        except TumorboardError as error:
            problems += [Problem(f"{place}: {p.place}", p.what, p.mend) for p in error.problems]
    if problems:
        raise InvalidInput(*problems)
    return new
