"""The chair's page: the panel and who is done, links, rounds, conflicts, a meeting's votes, deviations."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tumorboard.consensus.kept import Consensus, add_deviation, consensus, notes
from tumorboard.consensus.meeting import import_meeting
from tumorboard.consensus.methods import definition
from tumorboard.consensus.panel import (
    Panellist,
    add_panellist,
    declare,
    declared,
    invite,
    panellist_at,
    panellists,
    read_panel,
)
from tumorboard.consensus.protocol import STANDING_NAMES
from tumorboard.consensus.rounds import close_round, conclude, open_round, progress, publish_round, reminders
from tumorboard.consensus.voting import Round, rounds
from tumorboard.errors import InvalidInput, Problem, TumorboardError, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.users import Role
from tumorboard.web.pages.consensus_access import shown
from tumorboard.web.pages.forms import Form, fields_of, file_in
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.session import allowed, database_of

router = APIRouter(prefix="/of/{name}/chair")
Links = list[tuple[Panellist, str]]
_HOURS = range(-12, 15)  # from UTC, in which a time to close may be given


@router.get("")
def lead(request: Request, name: str) -> Response:
    allowed(request, Role.chair)
    return _page(request, name)


@router.post("")
def act(request: Request, name: str, form: Form) -> Response:
    """One step, by the button that was pressed; new personal links are shown this once."""
    by, known, fields = allowed(request, Role.chair).id, knowledge_of(request), fields_of(form)
    step = fields.get("step", "")
    if step not in _STEPS:
        raise WrongUsage(Problem("step", f"{step!r} is none", " | ".join(_STEPS)))
    fields["list"] = file_in(form) or fields.get("list", "")
    try:
        with database_of(request).writing() as connection:
            held = consensus(connection, name, known)
            links = _STEPS[step](connection, held, fields, known, by)
    except TumorboardError as error:
        return _page(request, name, problems=error.problems, status=422)
    if links:
        return _page(request, name, links=links)
    return RedirectResponse(f"/consensus/of/{name}/chair", 303)


@router.get("/reminders.txt")
def letters(request: Request, name: str) -> Response:
    allowed(request, Role.chair)
    with database_of(request).reading() as connection:
        found = list(reminders(connection, consensus(connection, name, knowledge_of(request))))
    return PlainTextResponse("\n\n".join(f"To: {one.address}\n\n{text}" for one, text in found))


# -- steps -----------------------------------------------------------------------------------------------------------

Step = Callable[[Connection, Consensus, Mapping[str, str], Knowledge, str], Links | None]


def _open(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    open_round(connection, held, by=by, closes_at=_moment(fields.get("closes", ""), fields.get("hours", "")))


def _close(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    close_round(connection, held, by=by)


def _publish(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    publish_round(connection, held, by=by)


def _conclude(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    conclude(connection, held, by=by)


def _add(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    given = (fields.get(key, "") for key in ("name", "address", "language"))
    add_panellist(connection, held, *given, by=by)


def _add_list(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    for row in read_panel(fields["list"], "panel.csv"):
        add_panellist(connection, held, row["name"], row["address"], row["language"], by=by)


def _invite(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> Links:
    one = panellist_at(connection, held.id, fields.get("address", ""))
    return [(one, invite(connection, one, by=by))]


def _invite_all(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> Links:
    return [(one, invite(connection, one, by=by)) for one in panellists(connection, held.id)]


def _conflict(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    one = panellist_at(connection, held.id, fields.get("address", ""))
    question, statement = fields.get("question", ""), fields.get("statement", "")
    declare(connection, held, one, question, statement, fields.get("standing") or None, by=by)


def _meeting(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    import_meeting(connection, held, known, fields["list"], "votes.csv", by=by)


def _deviation(connection: Connection, held: Consensus, fields: Mapping[str, str], known: Knowledge, by: str) -> None:
    add_deviation(connection, held, fields.get("text", ""), by=by)


_STEPS: Mapping[str, Step] = {
    "open": _open, "close": _close, "publish": _publish, "conclude": _conclude, "add": _add, "add list": _add_list,
    "invite": _invite, "invite all": _invite_all, "conflict": _conflict, "meeting": _meeting, "deviation": _deviation,
}  # fmt: skip


def _moment(closes: str, hours: str) -> datetime.datetime | None:
    """A time as a browser gives it, so many hours from UTC; None where none was given."""
    if not closes:
        return None
    if hours not in map(str, _HOURS):
        raise InvalidInput(Problem("hours", f"{hours!r}", "whole hours from UTC, -12 to 14"))
    try:
        local = datetime.datetime.fromisoformat(closes)
    except ValueError as error:
        raise InvalidInput(Problem("closes", f"{closes!r} is no time", "write 2027-01-31T18:00")) from error
    return local.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=int(hours)))).astimezone(datetime.UTC)


# -- the page --------------------------------------------------------------------------------------------------------


def _page(
    request: Request, name: str, *, links: Links | None = None, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response:
    language = language_of(request)
    with database_of(request).reading() as connection:
        held = consensus(connection, name, knowledge_of(request))
        found = rounds(connection, held.id)
        people, conflicts = _people(connection, held, found), declared(connection, held.id)
        deviations = notes(connection, held, "deviation")
    shown_links = [
        (one, f"{_base(request)}/consensus/enter?lang={one.language}#{secret}") for one, secret in links or ()
    ]
    return shown(
        request, "chair.html", status=status, held=held, rounds=found, people=people, steps=_possible(held, found),
        links=shown_links, links_list=_list_of(shown_links), problems=problems, conflicts=conflicts,
        deviations=deviations, classes=[definition(each, held.protocol)[language] for each in held.protocol.classes],
        waiting=held.questions.unreviewed() if len(found) < held.protocol.most_rounds else (),
        closed=any(each.state != "open" for each in found), hours=_HOURS,
        standings={key: text[language] for key, text in STANDING_NAMES.items()},
    )  # fmt: skip


def _base(request: Request) -> str:
    """How a panellist reaches this server."""
    settings = request.app.state.settings
    return settings.base if settings.address else str(request.base_url).rstrip("/")


def _list_of(links: list[tuple[Panellist, str]]) -> str:
    """The links for a program that sends letters: ``name,address,language,link``."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(("name", "address", "language", "link"))
    writer.writerows((one.name, one.address, one.language, link) for one, link in links)
    return rows.getvalue()


def _people(connection: Connection, held: Consensus, found: list[Round]) -> list[tuple[str, str, str]]:
    """Name, address and how far; nothing else is known of anybody."""
    if not found:
        return [(one.name, one.address, "–") for one in panellists(connection, held.id)]
    return [
        (each.panellist.name, each.panellist.address, f"{each.answered} / {each.of}")
        for each in progress(connection, held, found[-1])
    ]


def _possible(held: Consensus, found: list[Round]) -> list[str]:
    """The steps that may come next."""
    last = found[-1].state if found else "published"
    if held.state == "concluded":
        return []
    if last == "open":
        return ["close"]
    if last == "closed":
        return ["publish"]
    more = ["open"] if len(found) < held.protocol.most_rounds else []
    return [*more, *(["conclude"] if len(found) >= held.protocol.least_rounds else [])]
