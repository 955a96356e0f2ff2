"""Parts of the FHIR resources we write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.case.fhir.codes import Codes
from tumorboard.errors import UnknownName
from tumorboard.vocabulary.library import Vocabulary
from tumorboard.vocabulary.terms import CaseTerms

Entry = Mapping[str, Any]
Written = dict[str, Any]
_DIGITS = 15  # what a JSON number keeps in every reader (IEEE 754 double)


@dataclass(frozen=True, slots=True)
class Out:
    vocabulary: Vocabulary
    codes: Codes

    @property
    def terms(self) -> CaseTerms:
        return self.vocabulary.terms

    def unit(self, name: str | None) -> str | None:
        """The vocabulary's name of a unit, or the text itself where it has none."""
        if name is None:
            return None
        try:
            return self.terms.units.read(name, "")
        except UnknownName:
            return name


def profiled(codes: Codes, profile: str, written: Written) -> Written:
    return {**written, "meta": {"profile": [codes.words["profiles"][profile]]}}


def observation(out: Out, written: Written, category: str = "") -> Written:
    listed = {"category": [out.codes.concept([f"category:{category}"])]} if category else {}
    return {"resourceType": "Observation", "status": "final", **listed, **written}


def dated(day: object, key: str = "effectiveDateTime") -> Written:
    return {key: str(day)} if day else {}


def period(start: object, end: object) -> Written:
    return {**dated(start, "start"), **dated(end, "end")}


def quantity(out: Out, value: object, unit: str | None, ucum: str | None = None) -> Written:
    """``valueQuantity``; empty where the number has more digits than JSON numbers keep (the entry has them all)."""
    number = Decimal(str(value))
    if len(number.as_tuple().digits) > _DIGITS or abs(number.adjusted()) > _DIGITS:
        return {}
    found: Written = {"value": int(number) if number == number.to_integral_value() else float(number)}
    own = out.unit(unit)
    code = ucum or next((code for code, name in out.codes.words["units"].items() if name == own), None)
    if unit:
        found["unit"] = unit
    if code:
        found |= {"system": out.codes.url("ucum"), "code": code}
    return {"valueQuantity": found}
