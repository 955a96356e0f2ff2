"""What clients send, checked at the border; a case itself is checked by its own reader, which names each entry."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Case = Annotated[dict[str, Any], Field(description="A case file (tumorboard.case/1) or a FHIR R4 Bundle, as JSON.")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExplainBody(Body):
    case: Case
    name: Annotated[str, Field(description="A fact, situation or option by its id.", max_length=200)]


class CalculateBody(Body):
    inputs: Annotated[dict[str, str], Field(description='As {"bilirubin": "34.2 umol/L"}.', max_length=50)]


class MechanismBody(Body):
    genotype: Annotated[str, Field(max_length=2000, examples=["EGFR ex19del; MET amplification"])]
    drugs: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    ligands: Annotated[tuple[str, ...], Field(max_length=10)] = ()
    knockdowns: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class LoginBody(Body):
    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1000)]


class GrimBody(Body):
    kind: Literal["grim"]
    percentage: str
    n: str


class CountsBody(Body):
    kind: Literal["p-from-counts"]
    first: str
    second: str
    printed: str


class RatioBody(Body):
    kind: Literal["ratio"]
    value: str
    low: str
    high: str
    p: str | None = None


StatisticsBody = Annotated[GrimBody | CountsBody | RatioBody, Field(discriminator="kind")]
