"""What a panel is asked, for the chair: the review of translations, and revision between rounds with its reason."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from tumorboard.consensus.kept import Consensus, consensus, is_open, notes, revise
from tumorboard.consensus.questions import questions_from
from tumorboard.consensus.writing import to_yaml
from tumorboard.data import parse
from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.report.names import Names
from tumorboard.store.users import Role, User
from tumorboard.text import LANGUAGES
from tumorboard.web.pages.consensus_access import shown, worded
from tumorboard.web.pages.consensus_question import regimens_of
from tumorboard.web.pages.forms import Fields, Form
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.session import allowed, database_of

router = APIRouter(prefix="/of/{name}/chair/questions")


@router.get("")
def questions_page(request: Request, name: str) -> Response:
    allowed(request, Role.chair)
    return _page(request, name, {}, ())


@router.post("/review")
def review(request: Request, name: str, form: Form) -> Response:
    """The translations that were ticked are reviewed by whoever is logged in, today."""
    user, chosen = allowed(request, Role.chair), set(form.getlist("question"))
    mark = {"reviewed_by": user.full_name, "on": datetime.date.today().isoformat()}

    def marked(data: dict[str, Any]) -> None:
        for entry in data["questions"]:
            if entry["id"] in chosen:
                entry["translation"] = mark

    if not chosen:
        return _page(request, name, {}, (Problem("question", "none is ticked"),), 422)
    reason = worded(language_of(request))("reviewed reason", names=", ".join(sorted(map(str, chosen))))
    return _revised(request, name, marked, reason, user, {})


@router.post("/text")
def whole_text(request: Request, name: str, fields: Fields) -> Response:
    """All questions as the text of their file."""
    user = allowed(request, Role.chair)

    def replaced(data: dict[str, Any]) -> None:
        given = parse(fields.get("text", ""), "questions.yaml")
        if not isinstance(given, dict):
            raise InvalidInput(Problem("questions.yaml", "is no file of questions", "write NAME: VALUE"))
        data.clear()
        data.update(given)

    return _revised(request, name, replaced, fields.get("reason", ""), user, fields)


@router.post("/one/{question}")
def one_question(request: Request, name: str, question: str, fields: Fields) -> Response:
    """The words of one question and the levels under it; whoever changes words makes its translation unreviewed."""
    user = allowed(request, Role.chair)

    def changed(data: dict[str, Any]) -> None:
        entry = next((each for each in data["questions"] if each["id"] == question), None)
        if entry is None:
            raise InvalidInput(Problem("question", f"no question {question!r}"))
        key = "text" if entry.get("text") else "strategy"
        entry[key] = {language: fields.get(language, "").strip() for language in LANGUAGES}
        for regimen in entry.get("regimens") or ():
            level = fields.get(f"level.{regimen['id']}", "").strip()
            words = {language: fields.get(f"{language}.{regimen['id']}", "").strip() for language in LANGUAGES}
            regimen |= {"level": level or None, "rationale": words if any(words.values()) else None}
            for absent in [key for key, value in regimen.items() if value is None]:
                del regimen[absent]
        entry.pop("translation", None)

    return _revised(request, name, changed, fields.get("reason", ""), user, fields)


def _revised(
    request: Request, name: str, change: Callable[[dict[str, Any]], None], reason: str, user: User,
    fields: Mapping[str, str],
) -> Response:  # fmt: skip
    """The questions with one change made, checked as a whole. Every slip is told beside what was typed."""
    known = knowledge_of(request)
    try:
        with database_of(request).writing() as connection:
            held = consensus(connection, name, known)
            data = deepcopy(dict(held.questions.data))
            change(data)
            revise(connection, held, questions_from(data, "questions.yaml", held.protocol, known), reason, by=user.id)
    except TumorboardError as error:
        return _page(request, name, fields, error.problems, 422)
    return RedirectResponse(f"/consensus/of/{name}/chair/questions", 303)


def _page(
    request: Request, name: str, fields: Mapping[str, str], problems: tuple[Problem, ...], status: int = 200
) -> Response:
    known, language = knowledge_of(request), language_of(request)
    with database_of(request).reading() as connection:
        held = consensus(connection, name, known)
        may = held.state != "concluded" and not is_open(connection, held.id)
        said = notes(connection, held, "revision")
    names = Names(known.vocabulary, language)
    return shown(
        request, "questions.html", status=status, held=held, may=may, said=said, problems=problems, fields=fields,
        regimens={each.id: regimens_of(each, known, names) for each in held.questions.questions},
        text=fields.get("text") or to_yaml(dict(held.questions.data)), situations=_rules(held),
    )  # fmt: skip


def _rules(held: Consensus) -> dict[str, str]:
    """The rule of each situation, for whom a question is asked."""
    return {entry["id"]: entry["when"] for entry in held.questions.data.get("situations") or ()}
