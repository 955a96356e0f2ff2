"""Rounds from draft to published: what may happen when, who sees what, and that nothing is lost or counted twice."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from panels import panel_of, paper, small, small_data
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from tumorboard.consensus.ballots import Ballot, complete_ballot
from tumorboard.consensus.kept import add_deviation, consensus, revise, start
from tumorboard.consensus.meeting import import_meeting
from tumorboard.consensus.panel import (
    add_panellist,
    conflicts_of,
    declare,
    enter,
    invite,
    panellists,
    pseudonym_of,
    read_panel,
    session_of,
)
from tumorboard.consensus.protocol import protocol_from
from tumorboard.consensus.questions import questions_from
from tumorboard.consensus.rounds import (
    close_round,
    conclude,
    open_round,
    progress,
    publish_round,
    questions_to_ask,
    reminders,
    result,
)
from tumorboard.consensus.voting import (
    ChangedBallots,
    MayNotVote,
    RoundClosed,
    cast,
    current,
    history,
    rounds,
    verify_ballots,
)
from tumorboard.errors import InvalidInput, NotFound, TumorboardError, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.audit import entries
from tumorboard.store.consensus_tables import BALLOTS, CONSENSUS, PANELLISTS, PSEUDONYMS
from tumorboard.store.database import Database, new_id
from tumorboard.store.schema import downgrade, upgrade
from tumorboard.store.tables import METADATA
from tumorboard.store.verify import verify


class Panel:
    """A consensus under way, with what a test does to it in one line."""

    def __init__(self, database: Database, knowledge: Knowledge, size: int = 4) -> None:
        self.database, self.knowledge = database, knowledge
        self.name = panel_of(database, knowledge, size)

    def do(self, what: Any, *more: Any, **named: Any) -> Any:
        with self.database.writing() as connection:
            return what(connection, consensus(connection, self.name, self.knowledge), *more, by="chair", **named)

    def see(self, what: Any, *more: Any, **named: Any) -> Any:
        with self.database.reading() as connection:
            return what(connection, consensus(connection, self.name, self.knowledge), *more, **named)

    def round(self) -> Any:
        return self.see(lambda connection, held: rounds(connection, held.id))[-1]

    def member(self, number: int) -> Any:
        everybody = self.see(lambda connection, held: panellists(connection, held.id))
        return next(p for p in everybody if p.name == f"Panellist {number}")

    def vote(self, number: int, question: str, answer: str | None, key: str | None = None, **more: Any) -> Any:
        with self.database.writing() as connection:
            pseudonym = pseudonym_of(connection, self.member(number).id)
            ballot = complete_ballot(paper(self.knowledge), self.knowledge, question, pseudonym, answer, **more)
            return cast(connection, rounds(connection, self.id)[-1].id, ballot, key or new_id())

    @property
    def id(self) -> str:
        return str(self.see(lambda _, held: held.id))

    def everybody_recommends(self, size: int = 4) -> None:
        for number in range(size):
            for question in ("chemotherapy", "immunotherapy"):
                self.vote(number, question, "recommend")


@pytest.fixture
def panel(sqlite: Database, knowledge: Knowledge) -> Panel:
    return Panel(sqlite, knowledge)


@pytest.fixture
def either(database: Database, knowledge: Knowledge) -> Panel:
    """On both kinds of database, for what a database could do differently."""
    return Panel(database, knowledge)


def test_the_migration_makes_what_the_tables_say_and_takes_it_back(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    downgrade(database, "0001")
    upgrade(database)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_two_rounds_end_in_a_result(either: Panel) -> None:
    for _ in range(2):
        either.everybody_recommends()
        either.vote(0, "immunotherapy", "do not recommend", reason="no controlled trial")
        either.do(close_round)
        either.do(publish_round)
        if either.round().number == 1:
            either.do(open_round)
    either.do(conclude)
    found = either.see(result, published=True)
    assert [(o.question.id, o.tally.share) for o in found.outcomes] == [("chemotherapy", 100), ("immunotherapy", 75)]
    assert found.outcomes[1].minority == ("no controlled trial",)
    assert found.outcomes[1].options[0].decided.strength == "weak"
    assert found.outcome("chemotherapy").change.changed == 0
    assert [r.voters for r in found.rounds] == [4, 4]
    assert found.attrition == (4, 4)


def test_the_same_ballot_sent_twice_is_one(either: Panel) -> None:
    first = either.vote(0, "chemotherapy", "recommend", key="k" * 20)
    again = either.vote(0, "chemotherapy", "recommend", key="k" * 20)
    assert (first.again, again.again, again.revision) == (False, True, 1)


def test_a_changed_answer_counts_once_and_keeps_its_history(either: Panel) -> None:
    either.vote(0, "chemotherapy", "recommend")
    either.vote(0, "chemotherapy", "do not recommend", reason="too toxic")
    with either.database.reading() as connection:
        held = rounds(connection, either.id)[-1]
        pseudonym = pseudonym_of(connection, either.member(0).id)
        kept = history(connection, held.id, "chemotherapy", pseudonym)
        assert [each.ballot.answer for each in kept] == ["recommend", "do not recommend"]
        assert [b.answer for b in current(connection, held.id)["chemotherapy"]] == ["do not recommend"]


def test_a_ballot_that_arrives_late_does_not_undo_a_change(panel: Panel) -> None:
    panel.vote(0, "chemotherapy", "recommend", key="a" * 20)
    panel.vote(0, "chemotherapy", None, key="b" * 20)
    with pytest.raises(InvalidInput, match="fresh page"):
        panel.vote(0, "chemotherapy", "recommend", key="a" * 20)


def test_a_key_belongs_to_one_ballot(panel: Panel) -> None:
    panel.vote(0, "chemotherapy", "recommend", key="a" * 20)
    with pytest.raises(InvalidInput, match="another ballot"):
        panel.vote(1, "chemotherapy", "recommend", key="a" * 20)


def test_nothing_is_taken_after_closing(panel: Panel) -> None:
    panel.do(close_round)
    with pytest.raises(RoundClosed, match="round 1: is closed"):
        panel.vote(0, "chemotherapy", "recommend")


def test_nothing_is_taken_after_the_announced_time(either: Panel) -> None:
    with either.database.writing() as connection:
        held = rounds(connection, either.id)[-1]
        connection.execute(
            text("UPDATE consensus_rounds SET closes_at = '2026-01-01 00:00:00+00:00' WHERE id = :id"), {"id": held.id}
        )
    with pytest.raises(RoundClosed):
        either.vote(0, "chemotherapy", "recommend")


def test_there_is_no_result_while_a_round_is_open(panel: Panel) -> None:
    panel.vote(0, "chemotherapy", "recommend")
    with pytest.raises(WrongUsage, match="there is no result"):
        panel.see(result)


def test_the_panel_sees_a_round_only_once_it_is_published(panel: Panel) -> None:
    panel.do(close_round)
    assert panel.see(result).outcomes
    with pytest.raises(WrongUsage):
        panel.see(result, published=True)


def test_the_moderator_sees_who_is_done_and_no_answer(either: Panel) -> None:
    either.vote(0, "chemotherapy", "recommend")
    either.vote(0, "immunotherapy", None)
    either.vote(1, "chemotherapy", "recommend")
    found = {p.panellist.name: (p.answered, p.of, p.done) for p in either.see(progress, either.round())}
    assert found == {
        "Panellist 0": (2, 2, True),
        "Panellist 1": (1, 2, False),
        "Panellist 2": (0, 2, False),
        "Panellist 3": (0, 2, False),
    }


def test_reminders_go_to_those_who_are_not_done_in_their_language(panel: Panel) -> None:
    for question in ("chemotherapy", "immunotherapy"):
        panel.vote(0, question, "recommend")
    texts = {p.name: said for p, said in panel.see(lambda c, held: list(reminders(c, held)))}
    assert set(texts) == {"Panellist 1", "Panellist 2", "Panellist 3"}
    assert "尚有2/2个问题" in texts["Panellist 1"]
    assert "2 of your 2 questions" in texts["Panellist 2"]


def test_no_table_but_the_identities_names_a_person(panel: Panel) -> None:
    panel.everybody_recommends()
    with panel.database.reading() as connection:
        for table in METADATA.sorted_tables:
            if table in (PANELLISTS, PSEUDONYMS):
                continue
            for row in connection.execute(table.select()):
                assert "Panellist" not in str(row)
                assert "example.org" not in str(row)
        people = {row.id for row in connection.execute(PANELLISTS.select())}
        for row in connection.execute(BALLOTS.select()):
            assert row.pseudonym not in people
        assert not any(entry.who in people for entry in entries(connection))


@pytest.mark.parametrize(("standing", "eligible"), [("discusses", 3), ("recused", 3), ("votes", 4)])
def test_a_declared_conflict_changes_who_may_vote_and_both_denominators_stand(
    panel: Panel, standing: str, eligible: int
) -> None:
    panel.do(declare, panel.member(0), "chemotherapy", "advised its maker", standing)
    if standing == "votes":
        panel.vote(0, "chemotherapy", "recommend")
    else:
        with pytest.raises(MayNotVote):
            panel.vote(0, "chemotherapy", "recommend")
    panel.vote(0, "immunotherapy", "recommend")
    for number in (1, 2, 3):
        panel.vote(number, "chemotherapy", "recommend")
    panel.do(close_round)
    tallied = panel.see(result).outcome("chemotherapy").tally
    assert (tallied.electorate.panellists, tallied.electorate.eligible) == (4, eligible)
    assert tallied.votes == eligible
    assert tallied.conflicted == (standing == "votes")


def test_a_vote_cast_before_the_conflict_was_declared_does_not_count(panel: Panel) -> None:
    panel.vote(0, "chemotherapy", "recommend")
    panel.do(declare, panel.member(0), "chemotherapy", "advised its maker", "discusses")
    panel.do(close_round)
    assert panel.see(result).outcome("chemotherapy").tally.votes == 0


def test_a_conflict_declared_after_closing_leaves_the_closed_round_as_it_was(panel: Panel) -> None:
    panel.everybody_recommends()
    panel.do(close_round)
    panel.do(declare, panel.member(0), "chemotherapy", "advised its maker", "recused")
    assert panel.see(result).outcome("chemotherapy").tally.votes == 4


def test_an_unreviewed_translation_keeps_a_round_shut(sqlite: Database, knowledge: Knowledge) -> None:
    data = small_data()
    del data["questions"][1]["translation"]
    with sqlite.writing() as connection:
        questions = questions_from(data, "q.yaml", paper(knowledge), knowledge)
        start(connection, questions, paper(knowledge), by="chair")
        held = consensus(connection, questions.id, knowledge)
        add_panellist(connection, held, "Panellist", "p@example.org", "en", by="chair")
        with pytest.raises(InvalidInput, match="immunotherapy was not reviewed"):
            open_round(connection, held, by="chair")
        revise(connection, held, small(knowledge), "translation reviewed", by="chair")
        assert open_round(connection, consensus(connection, held.id, knowledge), by="chair").number == 1


def test_questions_do_not_change_while_a_round_is_open(panel: Panel, knowledge: Knowledge) -> None:
    with pytest.raises(WrongUsage, match="open round"):
        panel.do(revise, small(knowledge), "a typing error")


def test_rounds_come_one_after_the_other_and_end_with_the_protocol(panel: Panel) -> None:
    with pytest.raises(WrongUsage, match="round 1 is open"):
        panel.do(open_round)
    panel.do(close_round)
    with pytest.raises(WrongUsage, match="closed"):
        panel.do(open_round)
    panel.do(publish_round)
    with pytest.raises(WrongUsage, match="1 of at least 2 rounds"):
        panel.do(conclude)
    panel.do(open_round)
    panel.do(close_round)
    panel.do(publish_round)
    with pytest.raises(WrongUsage, match="all were held"):
        panel.do(open_round)


def test_a_settled_question_is_not_asked_again_where_the_protocol_says_so(panel: Panel, knowledge: Knowledge) -> None:
    data = {**paper(knowledge).data, "stopping": {"settled": ["strong", "moderate on weaker evidence"]}}
    with panel.database.writing() as connection:
        from tumorboard.consensus.writing import to_yaml

        protocol = protocol_from(data, "mine")
        values = {"protocol": to_yaml(protocol.data), "protocol_sha256": protocol.sha256}
        connection.execute(update(CONSENSUS).values(**values))
    panel.everybody_recommends()
    panel.vote(1, "immunotherapy", "do not recommend", reason="x")
    panel.do(close_round)
    panel.do(publish_round)
    assert panel.see(questions_to_ask) == ("immunotherapy",)
    assert panel.do(open_round).asked == ("immunotherapy",)


def test_a_protocol_changed_in_the_database_is_found(panel: Panel, knowledge: Knowledge) -> None:
    with panel.database.writing() as connection:
        connection.execute(update(CONSENSUS).values(protocol=text("replace(protocol, 'at_least: 80', 'at_least: 70')")))
    with pytest.raises(InvalidInput, match="changed in the database"):
        panel.see(result)


@pytest.mark.parametrize("column", ["answer", "reason", "comment", "meeting"])
def test_a_ballot_changed_past_the_log_is_found(either: Panel, column: str) -> None:
    either.everybody_recommends()
    with either.database.reading() as connection:
        assert verify_ballots(connection) == 8
    value = True if column == "meeting" else "do not recommend"
    change = update(BALLOTS).where(BALLOTS.c.question == "chemotherapy").values({column: value})
    with either.database.writing() as connection, pytest.raises(DBAPIError, match="kept as they are"):
        connection.execute(change)
    if not either.database.is_sqlite:
        return
    with either.database.writing() as connection:
        connection.execute(text("DROP TRIGGER consensus_ballots_refuses_update"))
        connection.execute(change)
    with either.database.reading() as connection, pytest.raises(ChangedBallots, match="was changed after it was cast"):
        verify_ballots(connection)


def test_a_ballot_taken_away_is_found(panel: Panel) -> None:
    panel.vote(0, "chemotherapy", "recommend")
    with panel.database.writing() as connection:
        connection.execute(delete(BALLOTS))
    with panel.database.reading() as connection, pytest.raises(ChangedBallots, match="is absent"):
        verify_ballots(connection)


def test_a_ballot_written_past_the_log_is_found(panel: Panel) -> None:
    panel.vote(0, "chemotherapy", "recommend")
    with panel.database.writing() as connection:
        row = dict(connection.execute(BALLOTS.select()).one()._mapping)
        connection.execute(BALLOTS.insert().values({**row, "pseudonym": new_id(), "key": new_id()}))
    with panel.database.reading() as connection, pytest.raises(ChangedBallots, match="past the log"):
        verify_ballots(connection)


def test_the_log_stays_whole_under_all_of_it(panel: Panel) -> None:
    panel.everybody_recommends()
    panel.do(add_deviation, "the meeting was held online")
    panel.do(close_round)
    with panel.database.reading() as connection:
        assert verify(connection).entries > 8
    assert panel.see(result).deviations == ("the meeting was held online",)


# -- links ---------------------------------------------------------------------------------------------------------


def test_a_personal_link_works_once(either: Panel) -> None:
    with either.database.writing() as connection:
        secret = invite(connection, either.member(0), by="chair")
        one, token = enter(connection, secret)
        assert one.name == "Panellist 0"
        with pytest.raises(NotFound, match="used already"):
            enter(connection, secret)
    assert session_of(either.database, token) is not None
    assert session_of(either.database, "another") is None
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=15)
    assert session_of(either.database, token, at=later) is None


def test_a_new_link_ends_the_old_one_and_its_sessions_and_keeps_the_pseudonym(panel: Panel) -> None:
    with panel.database.writing() as connection:
        before = pseudonym_of(connection, panel.member(0).id)
        first = invite(connection, panel.member(0), by="chair")
        _, token = enter(connection, first)
        invite(connection, panel.member(0), by="chair")
        assert pseudonym_of(connection, panel.member(0).id) == before
    assert session_of(panel.database, token) is None


def test_no_secret_is_kept_or_logged(panel: Panel) -> None:
    with panel.database.writing() as connection:
        secret = invite(connection, panel.member(0), by="chair")
        _, token = enter(connection, secret)
        for table in METADATA.sorted_tables:
            for row in connection.execute(table.select()):
                assert secret not in str(row)
                assert token not in str(row)


def test_conflicts_are_seen_by_who_declared_them(panel: Panel) -> None:
    panel.do(declare, panel.member(0), "chemotherapy", "advised its maker")
    with panel.database.reading() as connection:
        assert conflicts_of(connection, panel.member(0))["chemotherapy"].statement == "advised its maker"
        assert conflicts_of(connection, panel.member(1)) == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("name,address\n", "panel.csv:1: has no column 'language'"),
        ("name,address,language,role\n", "panel.csv:1: unknown column 'role'"),
        ("name,address,language\nA,a@example.org\n", "panel.csv:2: has not 3 fields"),
        ('name,address,language\n"A,a@example.org,en\n', "is not CSV"),
    ],
)
def test_a_list_of_panellists_that_is_wrong_names_its_line(rows: str, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_panel(rows, "panel.csv")
    assert said in str(raised.value)


# -- meetings ------------------------------------------------------------------------------------------------------

HEAD = "address,question,answer,reason,condition,when,comment\n"


def _import(panel: Panel, rows: str) -> int:
    return int(panel.do(import_meeting, panel.knowledge, HEAD + rows, "meeting.csv"))


def test_votes_of_a_meeting_are_taken_once_and_flagged(either: Panel) -> None:
    rows = (
        "P0@example.org,chemotherapy,recommend,,,,\n"
        "p1@example.org,chemotherapy,conditional,toxic,fit patients,ecog <= 1,\n"
        "p2@example.org,chemotherapy,,,,,no opinion\n"
    )
    assert _import(either, rows) == 3
    assert _import(either, rows) == 0
    either.do(close_round)
    tallied = either.see(result).outcome("chemotherapy").tally
    assert (tallied.votes, tallied.abstained, tallied.meeting) == (2, 1, 3)


def test_a_meetings_list_with_one_wrong_line_is_not_taken_at_all(either: Panel) -> None:
    rows = (
        "p0@example.org,chemotherapy,recommend,,,,\n"
        "p9@example.org,chemotherapy,recommend,,,,\n"
        "p1@example.org,surgery,recommend,,,,\n"
        "p1@example.org,chemotherapy,do not recommend,,,,\n"
        "p0@example.org,chemotherapy,recommend,,,,\n"
    )
    with pytest.raises(InvalidInput) as raised:
        _import(either, rows)
    for said in (":3: panellist", ":4: question", ":5: reason", ":6: answers what line 2 answers"):
        assert f"meeting.csv{said}" in str(raised.value)
    assert all(p.answered == 0 for p in either.see(progress, either.round()))


def test_only_what_is_complete_can_be_cast(panel: Panel) -> None:
    with panel.database.writing() as connection, pytest.raises(TumorboardError, match="not asked"):
        cast(connection, rounds(connection, panel.id)[-1].id, Ballot("surgery", "x", "recommend"), new_id())
