"""The routes of CDS Hooks: discovery, the services, feedback."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from tumorboard.advice.advise import advise
from tumorboard.advice.given import case_given
from tumorboard.case.fhir.case import codes_of
from tumorboard.case.fhir.medicines import drug_of, medication_concept
from tumorboard.case.fhir.reading import Reading
from tumorboard.case.fhir.resources import find_resources
from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.database import Database
from tumorboard.store.feedback import add_feedback
from tumorboard.text import Language
from tumorboard.web.api.schemas import ERRORS
from tumorboard.web.cds.cards import Telling
from tumorboard.web.cds.chart import NotEnough, bundle_of
from tumorboard.web.cds.messages import Call, FeedbackCall
from tumorboard.web.cds.services import Service, Services, load_services
from tumorboard.web.cds.tokens import Client, Refused, Tokens
from tumorboard.web.cds.used import UsedTokens
from tumorboard.web.exact_json import ExactRoute
from tumorboard.web.language import preferred

_THREADS = 8  # that wait for clients' servers at a time
ORDER_SELECT = "order-select"


@dataclass
class Cds:
    """The services of one application. ``address``: where it is reached from outside, for audiences and links.

    Without ``clients`` nobody has to show a token, which is for this machine alone. ``database`` keeps feedback.
    """

    knowledge: Knowledge
    address: str
    clients: Sequence[Client] = ()
    database: Database | None = None
    open_to_all: bool = False
    used: UsedTokens = field(default_factory=UsedTokens)

    @cached_property
    def services(self) -> Services:
        return load_services(self.knowledge.folder)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.clients, used=self.used)

    def caller(self, request: Request, path: str) -> Client:
        """Who calls. Raises Refused."""
        if not self.clients and self.open_to_all:
            return Client("anybody on this machine")
        return self.tokens.client(request.headers.get("Authorization"), f"{self.address.rstrip('/')}{path}")

    def service(self, id_: str) -> Service:
        found = self.services.services.get(id_)
        if found is None:
            raise NotFound(Problem("", "no such service", f"there are {', '.join(self.services.services)}"))
        return found

    def cards(self, call: Call, service: Service, client: Client, language: Language) -> list[dict[str, Any]]:
        """The cards of one call. Raises InvalidInput naming the entry, or NotEnough."""
        if call.hook != service.hook:
            raise InvalidInput(Problem("hook", f"{service.id} is not called by this hook", f"use {service.hook}"))
        bundle = bundle_of(call, self.services.prefetch, client.fhir_servers)
        case = case_given(bundle, self.knowledge, datetime.date.today(), call.context.patientId)
        telling = Telling(self.knowledge, language, self.services.reasons(language), f"{self.address.rstrip('/')}/")
        advice = advise(case, self.knowledge)
        if service.hook == ORDER_SELECT:
            return telling.order_select(advice, self.selected(call))
        return telling.patient_view(advice, call.context.patientId)

    def selected(self, call: Call) -> list[str]:
        """The medicines among the selected draft orders, by INN; what is no medicine, or unknown, is left out."""
        context = call.context
        if context.draftOrders is None or context.selections is None:
            raise InvalidInput(Problem("context", "lacks draftOrders or selections", "order-select sends both"))
        found = find_resources(context.draftOrders, None)
        reading = Reading(found, self.knowledge.vocabulary, codes_of(self.knowledge.folder))
        names: list[str] = []
        for resource in reading.of_type("MedicationRequest"):
            if f"MedicationRequest/{resource.get('id')}" in context.selections:
                drug = drug_of(reading, resource, medication_concept(reading, resource))
                names += [drug.inn] if drug is not None and drug.inn not in names else []
        return sorted(names)


def cds_router(cds: Cds) -> APIRouter:
    """The routes; work is done in threads of their own, so that a slow FHIR server keeps nobody else waiting."""
    router = APIRouter(prefix="/cds-services", tags=["CDS Hooks"], responses=ERRORS, route_class=ExactRoute)
    threads = CapacityLimiter(_THREADS)

    @router.get("")
    def discovery(request: Request) -> dict[str, Any]:
        """The services on offer, and what to send beforehand."""
        return cds.services.discovery(language_of(request))

    def cards(service_id: str, message: Call, request: Request) -> JSONResponse:
        try:
            service = cds.service(service_id)
            client = cds.caller(request, f"/cds-services/{service_id}")
            return JSONResponse({"cards": cds.cards(message, service, client, language_of(request))})
        except TumorboardError as error:
            return _problem(error)

    def kept(service_id: str, message: FeedbackCall, request: Request) -> JSONResponse:
        try:
            service = cds.service(service_id)
            client = cds.caller(request, f"/cds-services/{service_id}/feedback")
            if cds.database is None:
                raise NotFound(Problem("", "nothing is kept here", "start with a database"))
            _keep(cds.database, service, client, message)
        except TumorboardError as error:
            return _problem(error)
        return JSONResponse({})

    @router.post("/{service_id}")
    async def call(service_id: str, message: Call, request: Request) -> JSONResponse:
        """The cards for one patient."""
        return await run_sync(cards, service_id, message, request, limiter=threads)

    @router.post("/{service_id}/feedback")
    async def feedback(service_id: str, message: FeedbackCall, request: Request) -> JSONResponse:
        """What became of the cards."""
        return await run_sync(kept, service_id, message, request, limiter=threads)

    return router


def _keep(database: Database, service: Service, client: Client, message: FeedbackCall) -> None:
    with database.writing() as connection:
        for entry in message.feedback:
            add_feedback(
                connection,
                service=service.id,
                card=str(entry.card),
                outcome=entry.outcome,
                outcome_at=entry.outcomeTimestamp,
                accepted_suggestions=tuple(str(each.id) for each in entry.acceptedSuggestions),
                override_reason=entry.overrideReason.model_dump() if entry.overrideReason else None,
                received_from=client.issuer,
            )


def language_of(request: Request) -> Language:
    """``?lang``, else the one of ours the client likes best, else English."""
    return preferred(request.query_params.get("lang") or request.headers.get("Accept-Language", ""))


def _problem(error: TumorboardError) -> JSONResponse:
    status = 401 if isinstance(error, Refused) else 412 if isinstance(error, NotEnough) else _STATUS[error.exit_code]
    detail = [{"place": each.place, "what": each.what, "mend": each.mend} for each in error.problems]
    body = {"type": "about:blank", "title": str(error), "status": status, "problems": detail}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


_STATUS = {2: 400, 3: 404, 4: 422, 5: 422}
