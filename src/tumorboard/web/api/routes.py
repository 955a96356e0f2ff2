"""The routes of ``/api/v1``. Cases travel in bodies, never in addresses; errors are ``application/problem+json``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tumorboard.data import parse_json
from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError
from tumorboard.evidence import as_record
from tumorboard.evidence.checks import check_all
from tumorboard.evidence.statistics import Check, NotReadable, grim, p_from_counts, ratio
from tumorboard.guidelines.record import guideline_record
from tumorboard.store.sessions import start_session
from tumorboard.store.users import authenticate
from tumorboard.text import Language
from tumorboard.web.api.answers import Answers, as_json
from tumorboard.web.api.bodies import (
    CalculateBody,
    Case,
    CountsBody,
    ExplainBody,
    GrimBody,
    LoginBody,
    MechanismBody,
    StatisticsBody,
)
from tumorboard.web.api.schemas import ERRORS, ref
from tumorboard.web.api.schemas import answers as answers_with
from tumorboard.web.cds.routes import language_of
from tumorboard.web.exact_json import ExactRoute
from tumorboard.web.proofs import proved

_LINE = 2**20  # bytes of one case of a batch
Lang = Annotated[Literal["en", "zh"] | None, Query(description="Language; otherwise that of Accept-Language.")]


async def _language(request: Request, lang: Lang = None) -> Language:  # else each would wait for a thread
    return lang or language_of(request)


async def _answers(request: Request) -> Answers:
    found: Answers = request.app.state.answers
    return found


Language_ = Annotated[Language, Depends(_language)]
Answers_ = Annotated[Answers, Depends(_answers)]
router = APIRouter(prefix="/api/v1", responses=ERRORS, route_class=ExactRoute)


_EXPORTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Done", "content": {
        "application/json": {"schema": {"type": "object"}},
        "text/cql": {"schema": {"type": "string"}},
        "application/fhir+json": {"schema": ref("Resource")},
        "text/html": {"schema": {"type": "string"}},
    }},
}  # fmt: skip


class Document(JSONResponse):
    """JSON that is written already."""

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else as_json(content)


# -- a case ------------------------------------------------------------------------------------------------------------


@router.post("/advice", tags=["case"], responses=answers_with(ref("Advice")), response_class=Document)
def advice(case: Case, answers: Answers_, language: Language_) -> Response:
    """Situations, options with grade and reason, and the missing inputs that would decide (tumorboard.advice/1)."""
    return Document(answers.advice(case, language))


@router.post("/assess", tags=["case"], responses=answers_with(ref("Assessment")), response_class=Document)
def assess(case: Case, answers: Answers_, language: Language_) -> Response:
    """Every fact computed from the case: its value, or what is still possible and what is missing."""
    return Document(answers.facts(case, language))


@router.post("/explain", tags=["case"], responses=answers_with(ref("Explanation")), response_class=Document)
def explain(asked: ExplainBody, answers: Answers_, language: Language_) -> Response:
    """The full derivation of one fact, situation or option."""
    return Document(answers.explanation(asked.case, asked.name, language))


_LINES = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}, "required": True}
_ANSWERED_LINES = answers_with({"type": "string"}, "application/x-ndjson")


@router.post(
    "/advice/batch", tags=["case"], openapi_extra={"requestBody": _LINES}, responses=_ANSWERED_LINES,
    response_class=StreamingResponse,
)  # fmt: skip
async def advice_batch(request: Request, answers: Answers_, language: Language_) -> Response:
    """One case a line in, one advice (or error) a line out, in order, as they come."""
    return _batch(request, lambda case: answers.advice(case, language))


@router.post(
    "/assess/batch", tags=["case"], openapi_extra={"requestBody": _LINES}, responses=_ANSWERED_LINES,
    response_class=StreamingResponse,
)  # fmt: skip
async def assess_batch(request: Request, answers: Answers_, language: Language_) -> Response:
    """One case a line in, its facts (or an error) a line out, in order, as they come."""
    return _batch(request, lambda case: answers.facts(case, language))


def _batch(request: Request, answer: Any) -> Response:
    async def answered() -> AsyncIterator[bytes]:
        number = 0
        async for line in _lines(request):
            number += 1
            yield await anyio.to_thread.run_sync(_answer_line, line, number, answer) + b"\n"

    return _Streamed(answered(), media_type="application/x-ndjson")


class _Streamed(StreamingResponse):
    """An answer that begins while its request still comes; waiting for the client to go would eat the request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


def _answer_line(line: bytes, number: int, answer: Any) -> bytes:
    name = f"line {number}"
    try:
        if len(line) > _LINE:
            raise InvalidInput(Problem(name, "is too long", f"at most {_LINE // 2**20} MiB a case"))
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInput(Problem(name, "is not UTF-8")) from error
        case = parse_json(text, name)
        if not isinstance(case, dict):
            raise InvalidInput(Problem(name, "is not a case", "write one JSON object a line"))
        name = str(case.get("id", name))
        found: bytes = answer(case)
    except TumorboardError as error:
        return as_json({"case": name, "error": str(error), "problems": problems_of(error)})
    return found


async def _lines(request: Request) -> AsyncIterator[bytes]:
    """The lines of a body as they come; of one that is too long no more than tells so is kept."""
    rest = b""
    async for chunk in request.stream():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
        rest = rest[: _LINE + 1]
    if rest.strip():
        yield rest


def problems_of(error: TumorboardError) -> list[dict[str, str]]:
    return [{"place": each.place, "what": each.what, "mend": each.mend} for each in error.problems]


# -- calculators, mechanism, statistics --------------------------------------------------------------------------------


@router.get("/calculators", tags=["calculators"])
def calculators(answers: Answers_, language: Language_) -> list[dict[str, Any]]:
    """The calculators with their inputs."""
    return [
        {"name": each.id, "title": each.name[language], "inputs": list(each.inputs)}
        for each in answers.calculators.values()
    ]


@router.post(
    "/calculate/{name}", tags=["calculators"], responses=answers_with(ref("Calculation")), response_class=Document
)
def calculate(name: str, asked: CalculateBody, answers: Answers_, language: Language_) -> Response:
    """One score: value, points, interval, class."""
    return Document(answers.calculation(name, asked.inputs, language))


@router.post("/mechanism", tags=["mechanism"], responses=answers_with(ref("Mechanism")), response_class=Document)
def mechanism(asked: MechanismBody, answers: Answers_, language: Language_) -> Response:
    """Which outputs stay active under drugs, by which route: a hypothesis, never advice."""
    return Document(answers.mechanism(asked, language))


@router.post("/statistics", tags=["evidence"])
def statistics(asked: StatisticsBody) -> dict[str, Any]:
    """Whether a printed statistic can be reproduced from the numbers beside it."""
    try:
        return _checked(asked).record()
    except NotReadable as error:
        raise InvalidInput(Problem(error.place, error.what, error.mend)) from error


def _checked(asked: StatisticsBody) -> Check:
    match asked:
        case GrimBody():
            return grim(asked.percentage, asked.n)
        case CountsBody():
            return p_from_counts(asked.first, asked.second, asked.printed)
    return ratio(asked.value, (asked.low, asked.high), asked.p)


# -- evidence and guidelines -------------------------------------------------------------------------------------------


@router.get("/evidence", tags=["evidence"])
def evidence(answers: Answers_, source: str | None = None) -> list[dict[str, Any]]:
    """All findings, or those of one source."""
    findings = answers.knowledge.findings
    found = findings.of_source(source) if source else findings
    return [as_record(finding) for finding in found if finding.kind != "cell"]


@router.get("/evidence/search", tags=["evidence"])
def search(
    answers: Answers_,
    question: Annotated[str, Query(min_length=1, max_length=300)],
    endpoint: Annotated[str | None, Query(max_length=50)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[dict[str, Any]]:
    """Findings by any name of a drug, gene, disease or study, in English or Chinese, best first."""
    hits = answers.index.search(question, endpoint=endpoint, limit=limit).hits
    found = [hit for hit in hits if hit.kind == "finding"]
    return [{"score": round(h.score, 2), "finding": as_record(answers.knowledge.findings.get(h.id))} for h in found]


@router.get("/evidence/checks", tags=["evidence"])
def checks(answers: Answers_) -> list[dict[str, Any]]:
    """The statistics checks of every finding."""
    return [check.record() for check in check_all(answers.knowledge.findings)]


@router.get("/evidence/{id_}", tags=["evidence"])
def finding(id_: str, answers: Answers_) -> dict[str, Any]:
    """One finding, tied to its place in its source."""
    return as_record(answers.knowledge.findings.get(id_))


@router.get("/guidelines", tags=["guidelines"])
def guidelines(answers: Answers_, language: Language_) -> list[dict[str, Any]]:
    """The guidelines."""
    return [
        {"id": each.id, "name": each.name[language], "source": each.source, "basis": each.basis,
         "situations": len(each.situations), "options": len(each.options())}
        for each in answers.knowledge.guidelines.values()
    ]  # fmt: skip


@router.get("/guidelines/{name}", tags=["guidelines"])
def guideline(name: str, answers: Answers_) -> dict[str, Any]:
    """One guideline: situations, rules, options, grades."""
    return guideline_record(answers.knowledge.guideline(name))


@router.get("/guidelines/{name}/proof", tags=["guidelines"])
async def proof(name: str, answers: Answers_, language: Language_) -> dict[str, Any]:
    """Its gaps, overlaps and dead situations, each with a case that shows it. The first time this may take a minute."""
    known = answers.knowledge
    found = await proved(known.guideline(name), known)
    from tumorboard.report.proof import proof_record  # needs the extra too

    return proof_record(found, language)


@router.get("/guidelines/{name}/export/{form}", tags=["guidelines"], responses=_EXPORTS, response_class=Response)
def export(
    name: str, form: Literal["elm", "cql", "fhir", "dmn-html"], answers: Answers_, language: Language_
) -> Response:
    """The guideline for another engine."""
    known = answers.knowledge
    found = known.guideline(name)
    match form:
        case "elm":
            from tumorboard.guidelines.exporting import elm_library

            return Document(as_json(elm_library(found, known)))
        case "cql":
            from tumorboard.guidelines.exporting import cql_library

            return Response(cql_library(found, known), media_type="text/cql")
        case "fhir":
            from tumorboard.guidelines.plan_definition import plan_definition

            return Response(as_json(plan_definition(found, known)), media_type="application/fhir+json")
    from tumorboard.report.decision_tables import decision_tables

    return Response(decision_tables(found, known, language), media_type="text/html")


@router.get("/knowledge", tags=["knowledge"])
def knowledge(answers: Answers_) -> dict[str, str]:
    """The version, date and hash of what is known here."""
    return answers.about()


@router.post("/login", tags=["session"])
def login(asked: LoginBody, request: Request) -> dict[str, str]:
    """A token for the header ``Authorization: Bearer …``, good for half an hour after each use."""
    database = request.app.state.database
    if database is None:
        raise NotFound(Problem("", "nobody logs in here", "start with a database and users"))
    found = authenticate(database, asked.name, asked.password)
    with database.writing() as connection:
        return {"token": start_session(connection, found.id), "role": found.role.value}
