"""Cases: every version is kept, and nobody overwrites what they haven't seen."""

from __future__ import annotations

import pytest
from filled import Filled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tumorboard.errors import InvalidInput, NotFound
from tumorboard.store.audit import COMMAND_LINE, entries
from tumorboard.store.boards import add_board, agenda, put_on_agenda, take_off_agenda
from tumorboard.store.cases import Conflict, add_case, cases, latest_version, save_case, version, versions
from tumorboard.store.database import Database, new_id
from tumorboard.store.verify import verify


def test_an_edit_of_a_version_that_is_not_the_newest_is_a_conflict_that_holds_both(
    database: Database, filled: Filled
) -> None:
    with database.writing() as connection, pytest.raises(Conflict) as conflict:
        save_case(connection, filled.case.id, based_on=1, name="lung-07", text="ECOG: 3", by="b")
    assert conflict.value.yours == "ECOG: 3"
    assert conflict.value.theirs.text == "ECOG: 2  # synthetic"
    assert "ECOG" not in str(conflict.value) and "lung-07" not in str(conflict.value)
    with database.reading() as connection:
        assert [one.text for one in versions(connection, filled.case.id)] == [
            "ECOG: 1  # synthetic",
            "ECOG: 2  # synthetic",
        ]


def test_saving_what_is_already_the_newest_makes_no_version(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        same = save_case(connection, filled.case.id, based_on=1, name="lung-07", text="ECOG: 2  # synthetic", by="b")
        assert (same.number, same.saved_by) == (2, filled.user.id)


def test_a_case_file_comes_back_to_the_character(database: Database) -> None:
    text = "id: 肺-07\r\n\ttrailing \u0085 \U0001f642 ' \" \\ %s :x\n\n"
    with database.writing() as connection:
        board = add_board(connection, "Thoracic", by=COMMAND_LINE)
        case = add_case(connection, board.id, name="肺-07", text=text, by=COMMAND_LINE)
    with database.reading() as connection:
        assert version(connection, case.id, 1).text == text


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "x" * 2_000_001])
def test_text_that_a_database_could_not_give_back_is_refused(database: Database, text: str) -> None:
    with database.writing() as connection, pytest.raises(InvalidInput):
        add_case(connection, add_board(connection, "T", by="x").id, name="n", text=text, by="x")


def test_what_is_not_there_is_said(database: Database, filled: Filled) -> None:
    with database.reading() as connection:
        with pytest.raises(NotFound, match="is not there"):
            latest_version(connection, new_id())
        with pytest.raises(NotFound, match="no version 3"):
            version(connection, filled.case.id, 3)


def test_a_board_shows_its_cases_with_their_newest_version_last_saved_first(database: Database, filled: Filled) -> None:
    with database.writing() as connection:
        newer = add_case(connection, filled.board.id, name="lung-08", text="x", by="b")
    with database.reading() as connection:
        assert [(one.id, one.name, one.version) for one in cases(connection, filled.board.id)] == [
            (newer.id, "lung-08", 1),
            (filled.case.id, "lung-07", 2),
        ]


def test_a_meeting_keeps_the_order_of_its_cases_and_takes_none_of_another_board(
    database: Database, filled: Filled
) -> None:
    with database.writing() as connection:
        second = add_case(connection, filled.board.id, name="lung-08", text="x", by="b")
        put_on_agenda(connection, filled.meeting.id, second.id, by="b")
        put_on_agenda(connection, filled.meeting.id, filled.case.id, by="b")
        assert agenda(connection, filled.meeting.id) == [filled.case.id, second.id]
        take_off_agenda(connection, filled.meeting.id, filled.case.id, by="b")
        assert agenda(connection, filled.meeting.id) == [second.id]
        with pytest.raises(NotFound, match="not on the agenda"):
            take_off_agenda(connection, filled.meeting.id, filled.case.id, by="b")
        other = add_board(connection, "Liver", by="b")
        theirs = add_case(connection, other.id, name="liver-01", text="x", by="b")
        with pytest.raises(InvalidInput, match="another board"):
            put_on_agenda(connection, filled.meeting.id, theirs.id, by="b")


_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_EDITS = st.lists(st.tuples(st.integers(0, 6), _TEXTS), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=settings().max_examples // 10)
@given(first=_TEXTS, edits=_EDITS)
def test_versions_are_those_of_a_plain_list_that_only_takes_edits_of_its_last(
    database: Database, first: str, edits: list[tuple[int, str]]
) -> None:
    expected = [first]
    with database.writing() as connection:
        board = add_board(connection, new_id(), by="x")
        case = add_case(connection, board.id, name="made-up", text=first, by="x")
    for based_on, text in edits:
        try:
            with database.writing() as connection:
                saved = save_case(connection, case.id, based_on=based_on, name="made-up", text=text, by="x")
        except Conflict as conflict:
            assert based_on != len(expected) and text != expected[-1]
            assert (conflict.yours, conflict.theirs.text) == (text, expected[-1])
        else:
            if text != expected[-1]:
                assert based_on == len(expected)
                expected.append(text)
            assert (saved.number, saved.text) == (len(expected), expected[-1])
    with database.reading() as connection:
        assert [one.text for one in versions(connection, case.id)] == expected
        logged = [entry.object for entry in entries(connection, object_=f"case/{case.id}")]
        assert logged == [f"case/{case.id}/{number}" for number in range(1, len(expected) + 1)]
        verify(connection)
