"""The messages of CDS Hooks 2.0.1 that clients send, checked at the border."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-.]{1,64}$")]  # an id of FHIR: nothing else may go into a query


class Message(BaseModel):
    """Unknown fields are allowed, as the standard asks; none is read."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Authorization(Message):
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
    subject: str


class Context(Message):
    userId: str  # noqa: N815 - the standard's own names
    patientId: Id  # noqa: N815
    encounterId: str | None = None  # noqa: N815
    selections: list[str] | None = None
    draftOrders: dict[str, Any] | None = None  # noqa: N815


class Call(Message):
    hook: str
    hookInstance: UUID  # noqa: N815
    context: Context
    fhirServer: HttpUrl | None = None  # noqa: N815
    fhirAuthorization: Authorization | None = None  # noqa: N815
    prefetch: dict[str, dict[str, Any] | None] | None = None


class AcceptedSuggestion(Message):
    id: UUID


class Reason(Message):
    code: str
    system: str | None = None
    display: str | None = None


class OverrideReason(Message):
    reason: Reason | None = None
    userComment: Annotated[str, Field(max_length=2000)] | None = None  # noqa: N815


class CardFeedback(Message):
    card: UUID
    outcome: Literal["accepted", "overridden"]
    outcomeTimestamp: datetime.datetime  # noqa: N815
    acceptedSuggestions: list[AcceptedSuggestion] = []  # noqa: N815
    overrideReason: OverrideReason | None = None  # noqa: N815


class FeedbackCall(Message):
    feedback: Annotated[list[CardFeedback], Field(min_length=1, max_length=1000)]
