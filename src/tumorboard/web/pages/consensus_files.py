"""A result as files: report, record, signed record, and the guideline that runs; keys and signatures of chairs."""

from __future__ import annotations

import datetime
import importlib.util
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from tumorboard.consensus.kept import consensus
from tumorboard.consensus.methods import appendix, appendix_record
from tumorboard.consensus.package import checked, guideline_content, write_guideline
from tumorboard.consensus.result import Result, result_record
from tumorboard.consensus.rounds import result
from tumorboard.consensus.signing import key_from, new_pem, signed, verify
from tumorboard.data import parse
from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.consensus import consensus_html, result_parts
from tumorboard.store.users import Role
from tumorboard.text import LANGUAGES
from tumorboard.web.pages.consensus_access import shown
from tumorboard.web.pages.forms import Fields, Form, fields_of, file_in
from tumorboard.web.pages.page import knowledge_of, language_of
from tumorboard.web.pages.pdf import pdf_of
from tumorboard.web.pages.session import allowed, database_of
from tumorboard.web.proofs import one_at_a_time

router = APIRouter()
_OF = "/of/{name}/chair"


@router.get(f"{_OF}/result")
def closed_result(request: Request, name: str) -> Response:
    """Of the closed rounds: what the chair may see before the panel does."""
    known, found = knowledge_of(request), _of_chair(request, name)
    parts = result_parts(found, appendix(found, known.folder), known, language_of(request))
    return shown(request, "result.html", name=name, files=f"/consensus/of/{name}/chair", leads=True, **parts)


@router.get(f"{_OF}/report")
def chairs_report(request: Request, name: str, form: str = "html") -> Response:
    return report_file(request, _of_chair(request, name), form)


@router.get(f"{_OF}/result.json")
def chairs_record(request: Request, name: str) -> Response:
    return _json(record_of(_of_chair(request, name), knowledge_of(request)), f"{name}.json")


@router.post(f"{_OF}/package")
async def package(request: Request, name: str, fields: Fields) -> Response:
    """The guideline with its record and reports, once its examples hold and it is proved; it may take a minute."""
    known, found = knowledge_of(request), _of_chair(request, name)
    more = [Path(folder) for folder in request.app.state.settings.knowledge]
    content = await one_at_a_time(lambda: _packed(found, known, more))
    return _file(content, f"{name}.zip", "application/zip")


@router.post(f"{_OF}/sign")
def sign(request: Request, name: str, form: Form) -> Response:
    """The record with the chair's signature. The key is used for this one answer and kept nowhere."""
    record = record_of(_of_chair(request, name), knowledge_of(request))
    key = key_from(file_in(form, "key").encode(), fields_of(form).get("passphrase") or None, "key")
    return _json(signed(record, key), f"{name}.signed.json")


@router.post("/key")
def new_key(request: Request, fields: Fields) -> Response:
    """A new private key for a chair, as a file with its public part at the head."""
    allowed(request, Role.chair)
    passphrase = fields.get("passphrase", "")
    if len(passphrase) < 12:
        raise InvalidInput(Problem("passphrase", f"has {len(passphrase)} characters", "12 or more"))
    pem, public = new_pem(passphrase)
    return _file(f"public key: {public}\n".encode() + pem, "consensus-key.pem", "application/x-pem-file")


@router.get("/verify")
def verify_page(request: Request) -> Response:
    return shown(request, "verify.html", public=None, problems=())


@router.post("/verify")
def verified(request: Request, form: Form) -> Response:
    """Whose key signed a record that somebody was sent."""
    try:
        public = verify(parse(file_in(form), "signed.json"), fields_of(form).get("public") or None)
    except TumorboardError as error:
        return shown(request, "verify.html", status=422, public=None, problems=error.problems)
    return shown(request, "verify.html", public=public, problems=())


def record_of(found: Result, knowledge: Knowledge) -> dict[str, Any]:
    """The result with its methods appendix, as JSON-ready data."""
    about = {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256}
    return {**result_record(found, about), "methods": appendix_record(appendix(found, knowledge.folder))}


def report_file(request: Request, found: Result, form: str) -> Response:
    """The printable report as ``html`` or ``pdf``. Raises NotFound for another form."""
    known, language = knowledge_of(request), language_of(request)
    name = f"{found.questions.id}.{language}.{form}"
    whole = consensus_html(found, appendix(found, known.folder), known, language)
    match form:
        case "html":
            return _file(whole.encode(), name, "text/html; charset=utf-8")
        case "pdf":
            return _file(pdf_of(whole), name, "application/pdf")
    raise NotFound(Problem("", f"no report as {form!r}", "html or pdf"))


def _of_chair(request: Request, name: str) -> Result:
    """Raises Refused, and WrongUsage before a round is closed."""
    allowed(request, Role.chair)
    with database_of(request).reading() as connection:
        return result(connection, consensus(connection, name, knowledge_of(request)))


def _packed(found: Result, knowledge: Knowledge, more: list[Path]) -> bytes:
    """Raises InvalidKnowledge with everything that keeps it from being a guideline."""
    prove = importlib.util.find_spec("z3") is not None
    passed = checked(guideline_content(found), more, datetime.date.today(), prove)
    filled = appendix(found, knowledge.folder)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_guideline(passed.content, folder)
        (folder / "result.json").write_text(_text(record_of(found, knowledge)), "utf-8")
        for language in LANGUAGES:
            (folder / f"report.{language}.html").write_text(consensus_html(found, filled, knowledge, language), "utf-8")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*")):
                packed.write(path, path.relative_to(folder))
    return buffer.getvalue()


def _json(content: Any, name: str) -> Response:
    return _file(_text(content).encode(), name, "application/json")


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _file(content: bytes, name: str, media_type: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
