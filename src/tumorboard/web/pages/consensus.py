"""Consensus rounds: what anybody may see, and the pages of those who vote and of the chair."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from tumorboard.consensus.kept import Consensus, consensus, listed
from tumorboard.consensus.methods import appendix
from tumorboard.consensus.result import Result
from tumorboard.consensus.rounds import result
from tumorboard.errors import NotFound, Problem
from tumorboard.report.consensus import result_parts
from tumorboard.web.pages import consensus_chair, consensus_files, consensus_new, consensus_panel, consensus_questions
from tumorboard.web.pages.consensus_access import leads, shown
from tumorboard.web.pages.consensus_files import record_of, report_file
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.session import database_of

router = APIRouter(prefix="/consensus")


@router.get("")
def overview(request: Request) -> Response:
    """All that are concluded; to the chair, all."""
    chair = leads(request)
    with database_of(request).reading() as connection:
        found = [each for each in listed(connection) if chair or each.state == "concluded"]
    return shown(request, "list.html", found=found, leads=chair)


@router.get("/of/{name}")
def public_result(request: Request, name: str) -> Response:
    known, found = knowledge_of(request), _public(request, name)
    parts = result_parts(found, appendix(found, known.folder), known, language_of(request))
    return shown(request, "result.html", name=name, files=f"/consensus/of/{name}", leads=leads(request), **parts)


@router.get("/of/{name}/result.json")
def public_record(request: Request, name: str) -> Response:
    return JSONResponse(record_of(_public(request, name), knowledge_of(request)))


@router.get("/of/{name}/report")
def public_report(request: Request, name: str, form: str = "html") -> Response:
    return report_file(request, _public(request, name), form)


def _public(request: Request, name: str) -> Result:
    """The result; what isn't concluded is, to the public, not there. Raises NotFound."""
    with database_of(request).reading() as connection:
        return result(connection, _concluded(consensus(connection, name, knowledge_of(request))), published=True)


def _concluded(held: Consensus) -> Consensus:
    if held.state != "concluded":
        raise NotFound(Problem("", f"no consensus {held.name!r} has a public result"))
    return held


for part in (consensus_panel, consensus_new, consensus_chair, consensus_questions, consensus_files):
    router.include_router(part.router)
