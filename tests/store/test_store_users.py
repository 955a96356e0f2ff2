"""Users: roles, passwords, locks, and links to the hospital's login."""

from __future__ import annotations

import datetime

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from tumorboard.errors import InvalidInput, NotFound
from tumorboard.store.audit import COMMAND_LINE, entries
from tumorboard.store.database import Database
from tumorboard.store.sessions import IDLE, LONGEST, end_session, session, start_session
from tumorboard.store.users import (
    FAILURES_TO_LOCK,
    LOCKED_FOR,
    LoginRefused,
    Role,
    User,
    add_user,
    authenticate,
    disable,
    enable,
    link,
    set_password,
    set_role,
    unlink,
    user,
    user_linked,
    user_named,
    users,
)

PASSWORD = "correct horse battery"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with less work; what it costs in use is not what is tested here."""
    monkeypatch.setattr("tumorboard.store.users._hasher", lambda: CHEAP)


@pytest.fixture
def anna(database: Database) -> User:
    with database.writing() as connection:
        return add_user(
            connection, "Anna", full_name="Dr Anna", role=Role.administrator, password=PASSWORD, by=COMMAND_LINE
        )


def test_each_role_covers_those_before_it() -> None:
    assert [[one.covers(other) for other in Role] for one in Role] == [
        [True, False, False, False],
        [True, True, False, False],
        [True, True, True, False],
        [True, True, True, True],
    ]


def test_a_login_takes_the_name_in_any_case_and_the_password_exactly(database: Database, anna: User) -> None:
    assert authenticate(database, " ANNA ", PASSWORD).id == anna.id
    for name, password in (("anna", PASSWORD.upper()), ("anna", ""), ("nobody", PASSWORD), ("anna", "x" * 100_000)):
        with pytest.raises(LoginRefused) as refused:
            authenticate(database, name, password)
        assert "anna" not in str(refused.value)


def test_names_and_passwords_are_the_same_however_a_keyboard_composes_them(database: Database, anna: User) -> None:
    assert authenticate(database, "Ａｎｎａ", PASSWORD).id == anna.id
    with database.writing() as connection:
        add_user(
            connection, "李　明", full_name="李　明", role=Role.reader, password="mot de passé sûr", by=COMMAND_LINE
        )
    assert authenticate(database, "李 明", "mot de passe\u0301 su\u0302r").full_name == "李　明"


def test_a_try_under_a_name_of_nobody_is_logged_without_the_name(database: Database, anna: User) -> None:
    with pytest.raises(LoginRefused):
        authenticate(database, "a patient's name", PASSWORD)
    with database.reading() as connection:
        last = list(entries(connection))[-1]
    assert (last.who, last.what, last.object) == ("nobody", "login.failed", "user/unknown")


def test_a_login_renews_a_hash_made_with_less_work_than_now_asked(
    database: Database, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    authenticate(database, "anna", PASSWORD)
    with database.reading() as connection:
        kept = connection.execute(text("SELECT password_hash FROM users")).scalar_one()
    assert not PasswordHasher().check_needs_rehash(kept)
    assert authenticate(database, "anna", PASSWORD).id == anna.id


def test_a_password_is_stored_only_as_argon2id_and_appears_nowhere(database: Database, anna: User) -> None:
    with database.reading() as connection:
        kept = connection.execute(text("SELECT password_hash FROM users")).scalar_one()
        assert kept.startswith("$argon2id$")
        assert PASSWORD not in "".join(map(repr, entries(connection)))
    assert PASSWORD not in repr(anna) and kept not in repr(anna)


def test_too_many_wrong_passwords_lock_the_account_even_for_the_right_one(database: Database, anna: User) -> None:
    for _ in range(FAILURES_TO_LOCK):
        with pytest.raises(LoginRefused):
            authenticate(database, "anna", "wrong", at=NOW)
    with pytest.raises(LoginRefused):
        authenticate(database, "anna", PASSWORD, at=NOW + LOCKED_FOR - SECOND)
    assert authenticate(database, "anna", PASSWORD, at=NOW + LOCKED_FOR).id == anna.id
    with database.reading() as connection:
        told = [entry.what for entry in entries(connection, object_=f"user/{anna.id}")][1:]
    assert told == ["login.failed"] * (FAILURES_TO_LOCK - 1) + ["login.locked", "login.refused", "login"]


def test_a_right_password_starts_the_count_anew(database: Database, anna: User) -> None:
    for password in (*["wrong"] * (FAILURES_TO_LOCK - 1), PASSWORD, "wrong"):
        try:
            authenticate(database, "anna", password, at=NOW)
        except LoginRefused:
            continue
    assert authenticate(database, "anna", PASSWORD, at=NOW).id == anna.id


def test_an_account_without_a_password_or_disabled_opens_to_none(database: Database, anna: User) -> None:
    with database.writing() as connection:
        add_user(connection, "oidc", full_name="O", role=Role.reader, by=COMMAND_LINE)
        add_user(connection, "gone", full_name="G", role=Role.reader, password=PASSWORD, by=COMMAND_LINE)
        disable(connection, user_named(connection, "gone").id, by=anna.id)
    for name in ("oidc", "gone"):
        for password in (PASSWORD, ""):
            with pytest.raises(LoginRefused):
                authenticate(database, name, password)
    with database.writing() as connection:
        enable(connection, user_named(connection, "gone").id, by=anna.id)
    assert authenticate(database, "gone", PASSWORD).name == "gone"


def test_names_are_taken_once_and_passwords_have_a_length(database: Database, anna: User) -> None:
    with database.writing() as connection:
        with pytest.raises(InvalidInput, match="anna is a user already"):
            add_user(connection, "ANNA", full_name="x", role=Role.reader, by=COMMAND_LINE)
        with pytest.raises(InvalidInput, match="12 to 1000") as refused:
            set_password(connection, anna.id, "too short", by=anna.id)
        assert "too short" not in str(refused.value).replace("is too short", "")
        for name in ("a\nb", "a\u202eb", " ", "a\0b"):
            with pytest.raises(InvalidInput):
                add_user(connection, name, full_name="x", role=Role.reader, by=COMMAND_LINE)
        with pytest.raises(NotFound):
            user_named(connection, "nobody")
        assert [one.name for one in users(connection)] == ["anna"]


def test_somebody_always_administers(database: Database, anna: User) -> None:
    with database.writing() as connection:
        with pytest.raises(InvalidInput, match="last administrator"):
            disable(connection, anna.id, by=anna.id)
        with pytest.raises(InvalidInput, match="last administrator"):
            set_role(connection, anna.id, Role.chair, by=anna.id)
        add_user(connection, "ben", full_name="Ben", role=Role.administrator, by=anna.id)
        assert set_role(connection, anna.id, Role.chair, by=anna.id).role is Role.chair


def test_a_login_of_the_hospital_opens_the_one_account_it_is_linked_to(database: Database, anna: User) -> None:
    with database.writing() as connection:
        ben = add_user(connection, "ben", full_name="Ben", role=Role.member, by=anna.id)
        link(connection, ben.id, "https://login.example", "s-1", by=anna.id)
        with pytest.raises(InvalidInput, match="another user"):
            link(connection, anna.id, "https://login.example", "s-1", by=anna.id)
        linked = user_linked(connection, "https://login.example", "s-1")
        assert linked is not None and linked.id == ben.id
        assert user_linked(connection, "https://other.example", "s-1") is None
        disable(connection, ben.id, by=anna.id)
        assert user_linked(connection, "https://login.example", "s-1") is None
        unlink(connection, ben.id, by=anna.id)
        assert user(connection, ben.id).subject is None


def test_a_session_ends_when_idle_and_in_any_case_after_its_longest(database: Database, anna: User) -> None:
    with database.writing() as connection:
        token = start_session(connection, anna.id, at=NOW)
    at = NOW
    while at < NOW + LONGEST - IDLE:
        at += IDLE - SECOND
        assert session(database, token, at=at) is not None
    assert session(database, token, at=NOW + LONGEST) is None
    with database.writing() as connection:
        idle = start_session(connection, anna.id, at=NOW)
    assert session(database, idle, at=NOW + IDLE - SECOND) is not None
    assert session(database, idle, at=NOW + 2 * IDLE) is None


def test_the_table_of_sessions_holds_no_token(database: Database, anna: User) -> None:
    with database.writing() as connection:
        token = start_session(connection, anna.id)
        rows = connection.execute(text("SELECT * FROM sessions")).all()
    assert len(rows) == 1 and token not in repr(rows)
    assert session(database, "x" + token[1:]) is None


def test_signing_out_a_new_password_another_role_and_disabling_end_sessions(database: Database, anna: User) -> None:
    def fresh() -> str:
        with database.writing() as connection:
            token = start_session(connection, anna.id)
        assert session(database, token) is not None
        return token

    with database.writing() as connection:
        add_user(connection, "ben", full_name="Ben", role=Role.administrator, by=anna.id)
    first, second = fresh(), fresh()
    with database.writing() as connection:
        end_session(connection, first)
    assert session(database, first) is None and session(database, second) is not None
    with database.writing() as connection:
        set_password(connection, anna.id, "another long password", by=anna.id)
    assert session(database, second) is None
    third = fresh()
    with database.writing() as connection:
        set_role(connection, anna.id, Role.chair, by=anna.id)
    assert session(database, third) is None
    fourth = fresh()
    with database.writing() as connection:
        disable(connection, anna.id, by=anna.id)
    assert session(database, fourth) is None
