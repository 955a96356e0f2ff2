"""Cases: every version is kept, and nobody overwrites what they haven't seen."""

from __future__ import annotations

import pytest

from tumorboard.store.audit import COMMAND_LINE
from tumorboard.store.boards import add_board
from tumorboard.store.cases import Conflict, add_case, latest_version, save_case, versions
from tumorboard.store.database import Database


def test_an_edit_of_a_version_that_is_not_the_newest_is_a_conflict_that_holds_both(database: Database) -> None:
    with database.writing() as connection:
        board = add_board(connection, "Thoracic", by=COMMAND_LINE)
        case = add_case(connection, board.id, name="lung-07", text="ECOG 1", by=COMMAND_LINE)
        save_case(connection, case.id, based_on=1, name="lung-07", text="ECOG 2", by="a")
        with pytest.raises(Conflict) as conflict:
            save_case(connection, case.id, based_on=1, name="lung-07", text="ECOG 3", by="b")
    assert (conflict.value.yours, conflict.value.theirs.text) == ("ECOG 3", "ECOG 2")
    assert "ECOG" not in str(conflict.value)
    with database.reading() as connection:
        assert latest_version(connection, case.id).text == "ECOG 2"
        assert [one.text for one in versions(connection, case.id)] == ["ECOG 1", "ECOG 2"]
