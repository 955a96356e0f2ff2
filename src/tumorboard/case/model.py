"""The case file as it is written (YAML or JSON), checked entry by entry. Nothing in it is computed.

Validation needs the vocabulary, given as ``context={"terms": CaseTerms}``: closed lists are read in every spelling
the vocabulary knows and held under one name. Keys that aren't part of the form are kept aside and reported, so that
nothing a person wrote disappears without a word.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError

from tumorboard.errors import InvalidInput
from tumorboard.vocabulary.terms import CaseTerms

_EARLIEST = datetime.date(1900, 1, 1)


def wrong(message: str) -> PydanticCustomError:
    # The message is data, not a template: braces in it stay as they are.
    return PydanticCustomError("case", "{message}", {"message": message})


class _Term:
    """Marks a text field as coming from one of the vocabulary's closed lists (shown in the JSON Schema)."""

    def __init__(self, heading: str) -> None:
        self.heading = heading

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "x-terms": self.heading}


def term(heading: str) -> Any:
    """A text from the closed list ``heading``, in any spelling; held as the list's own name."""

    def read(value: object, info: ValidationInfo) -> str:
        if not isinstance(value, str):
            raise wrong(f"{value!r} is not text")
        terms: CaseTerms = (info.context or {})["terms"]
        try:
            return terms.lists[heading].read(value, "").id
        except InvalidInput as error:
            raise wrong(f"{error.problems[0].what}; {error.problems[0].mend}") from error

    return Annotated[str, BeforeValidator(read), _Term(heading)]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong(f"{value!r} is not text; put it in quotes if it is meant as text")
    if len(value) > 500:
        raise wrong(f"a text of {len(value)} characters; at most 500")
    if not value.strip():
        raise wrong("an empty text; leave the entry out where nothing is known")
    return value.strip()


def _number(low: str | None, high: str | None, whole: bool) -> Callable[[object], Decimal | int]:
    def read(value: object) -> Decimal | int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
            raise wrong(f"{value!r} is not a number" + ("; take the quotes off" if isinstance(value, str) else ""))
        number = value if isinstance(value, int | Decimal) else Decimal(repr(value))
        if isinstance(number, Decimal) and not number.is_finite():
            raise wrong(f"{value} is not a number; leave the entry out where the value isn't known")
        if whole and number != int(number):
            raise wrong(f"{value} is not a whole number")
        if low is not None and number < Decimal(low):
            raise wrong(f"{value} is below {low}")
        if high is not None and number > Decimal(high):
            raise wrong(f"{value} is above {high}")
        return int(number) if whole else Decimal(number)

    return read


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if not isinstance(value, str):
        raise wrong(f"{value!r} is not a date; write YYYY-MM-DD")
    try:
        found = datetime.date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise wrong(f"{value!r} is not a date; write YYYY-MM-DD")
    if found < _EARLIEST:
        raise wrong(f"{value} is before {_EARLIEST.year}")
    return found


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong(f"{value!r} is neither true nor false")
    return value


def whole(low: int, high: int) -> Any:
    return Annotated[int, BeforeValidator(_number(str(low), str(high), whole=True)), Field(ge=low, le=high)]


Str = Annotated[str, BeforeValidator(_text)]
Date = Annotated[datetime.date, BeforeValidator(_date)]
Bool = Annotated[bool, BeforeValidator(_truth)]
Positive = Annotated[Decimal, BeforeValidator(_number("0", None, whole=False)), Field(ge=0)]
Percent = Annotated[Decimal, BeforeValidator(_number("0", "100", whole=False)), Field(ge=0, le=100)]


class Entry(BaseModel):
    """One entry of the case file. Keys it does not know stay in ``model_extra`` and are reported."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _is_mapping(cls, value: object) -> object:
        # A key written with nothing behind it is the same as the key left out: not recorded.
        if not isinstance(value, dict):
            raise wrong(f"{value!r} is not an entry with keys")
        return {name: inner for name, inner in value.items() if inner is not None}


class Condition(Entry):
    disease: Str
    histology: term("histology") | None = None  # type: ignore[valid-type]
    diagnosed: Date | None = None
    stage: Str | None = None
    transformed_from: Str | None = None
    date: Date | None = None


class Primary(Entry):
    location: term("location") | None = None  # type: ignore[valid-type]
    cavitation: Bool | None = None
    great_vessel_invasion: Bool | None = None


class Metastasis(Entry):
    site: Str
    symptomatic: Bool | None = None
    treated: Bool | None = None
    date: Date | None = None


class Medication(Entry):
    name: Str
    mg_day: Positive | None = None
    start: Date | None = None
    end: Date | None = None
    date: Date | None = None


class Vital(Entry):
    name: Str
    systolic: Positive | None = None
    diastolic: Positive | None = None
    value: Positive | None = None
    unit: Str | None = None
    date: Date | None = None


class AdverseEvent(Entry):
    event: Str
    grade: whole(1, 5) | None = None  # type: ignore[valid-type]
    agent: Str | None = None
    date: Date | None = None


class Performance(Entry):
    scale: term("scale")  # type: ignore[valid-type]
    value: whole(0, 100)  # type: ignore[valid-type]
    date: Date | None = None


class Biomarker(Entry):
    name: Str
    change: Str | None = None
    partner: Str | None = None
    phase: Str | None = None
    result: term("result") | None = None  # type: ignore[valid-type]
    assay: Str | None = None
    specimen: Str | None = None
    clone: Str | None = None
    measure: term("measure") | None = None  # type: ignore[valid-type]
    value: Positive | None = None
    unit: Str | None = None
    intensity: whole(0, 3) | None = None  # type: ignore[valid-type]
    percent_cells: Percent | None = None
    date: Date | None = None


class Treatment(Entry):
    line: whole(1, 99) | None = None  # type: ignore[valid-type]
    intent: term("intent") = "palliative"  # type: ignore[valid-type]
    agents: Annotated[list[Str], Field(min_length=1)]
    start: Date | None = None
    end: Date | None = None
    best_response: term("response") | None = None  # type: ignore[valid-type]
    progressed: Date | None = None
    progression: term("progression") | None = None  # type: ignore[valid-type]
    stopped_for: term("stopped_for") | None = None  # type: ignore[valid-type]
    cycles: whole(0, 999) | None = None  # type: ignore[valid-type]


class Procedure(Entry):
    kind: Str
    date: Date | None = None
    selective: Bool | None = None
    viable_percent: Percent | None = None
    new_lesions: Bool | None = None


class Lab(Entry):
    name: Str
    value: Positive
    unit: Str | None = None
    date: Date | None = None


class VesselDetail(Entry):
    vessel: term("vessel") | None = None  # type: ignore[valid-type]
    class_: Annotated[term("vessel_class") | None, Field(alias="class")] = None  # type: ignore[valid-type]
    occlusion: term("occlusion") | None = None  # type: ignore[valid-type]


class Imaging(Entry):
    date: Date | None = None
    tumours: whole(0, 999) | None = None  # type: ignore[valid-type]
    largest_cm: Positive | None = None
    sizes_cm: list[Positive] | None = None
    lobes: term("lobes") | None = None  # type: ignore[valid-type]
    vascular_invasion: term("vascular_invasion") | None = None  # type: ignore[valid-type]
    vascular_detail: list[VesselDetail] | None = None
    extrahepatic_spread: Bool | None = None
    spread_sites: list[Str] | None = None
    liver_occupied_percent: Percent | None = None
    pattern: list[term("pattern")] | None = None  # type: ignore[valid-type]


class ResponseMeasurement(Entry):
    date: Date
    criteria: term("criteria")  # type: ignore[valid-type]
    target_sum_mm: Positive | None = None
    nontarget: term("nontarget") | None = None  # type: ignore[valid-type]
    new_lesions: Bool | None = None
    lesions: list[dict[str, Any]] | None = None  # read and checked by response/read.py
    slice_mm: Positive | None = None


class Observation(Entry):
    name: Str
    value: bool | int | Decimal | str | None = None
    treated: Bool | None = None
    date: Date | None = None


Section = Literal["conditions", "treatments", "procedures"]
# The lists that are complete once they are given, and the tables made of them.
COMPLETE: Mapping[Section, str] = {"conditions": "tumours", "treatments": "courses", "procedures": "procedures"}


class CaseFile(Entry):
    """One patient as the record knows them."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True, populate_by_name=True)

    schema_: Annotated[Literal["tumorboard.case/1"], Field(alias="schema")] = "tumorboard.case/1"
    id: Str
    sex: term("sex") | None = None  # type: ignore[valid-type]
    birth_date: Date | None = None
    age: whole(0, 130) | None = None  # type: ignore[valid-type]
    as_of: Date | None = None
    height_cm: Annotated[Decimal, BeforeValidator(_number("30", "260", whole=False))] | None = None
    weight_kg: Annotated[Decimal, BeforeValidator(_number("1", "500", whole=False))] | None = None
    conditions: list[Condition] | None = None
    primary: Primary | None = None
    metastases: list[Metastasis] | None = None
    medication: list[Medication] | None = None
    vitals: list[Vital] | None = None
    adverse_events: list[AdverseEvent] | None = None
    performance: list[Performance] | None = None
    biomarkers: list[Biomarker] | None = None
    treatments: list[Treatment] | None = None
    procedures: list[Procedure] | None = None
    labs: list[Lab] | None = None
    imaging: list[Imaging] | None = None
    response: list[ResponseMeasurement] | None = None
    findings: list[Observation] | None = None
    eligibility: dict[str, Bool | None] | None = None
    consent: dict[str, Bool | None] | None = None
    incomplete: list[Section] | None = None  # lists that lack entries, so that their silence tells nothing
    note: Str | None = None
