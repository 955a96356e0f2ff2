"""The definitions of liver facts once more, in plain exact arithmetic, and cases made of their inputs.

Written from the papers' tables, not from the rules: thresholds are integers or decimals, sizes tenths of a millimetre.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from tumorboard.case.read import Case, case_from_data
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.logic.explain import Explainer
from tumorboard.logic.facts import Facts, load_facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.values import Label, Labels, Number, Truth, Value
from tumorboard.vocabulary.library import Vocabulary

AS_OF = datetime.date(2026, 3, 1)
NA = "not applicable"
D = Decimal
D1, D4, D10, D40 = map(Decimal, (1, 4, 10, 40))


@dataclass(frozen=True)
class Patient:
    """What the liver facts of one patient are made from; ``None``: not recorded. In µmol/L and g/L."""

    bilirubin: Decimal | None = D10
    albumin: Decimal | None = D40
    inr: Decimal | None = D1
    ascites: str | None = "none"
    encephalopathy: int | None = 0
    ecog: int | None = 0
    count: int | None = 2
    size: Decimal | None = D4
    invasion: str | None = "none"
    spread: bool | None = False
    transplant: bool | None = None

    def data(self) -> dict[str, Any]:
        labs = [
            {"name": name, "value": value, **unit}
            for name, value, unit in (
                ("bilirubin", self.bilirubin, {"unit": "umol/L"}),
                ("albumin", self.albumin, {"unit": "g/L"}),
                ("INR", self.inr, {}),
            )
            if value is not None
        ]
        findings = [
            {"name": name, "value": value}
            for name, value in (("ascites", self.ascites), ("encephalopathy", self.encephalopathy))
            if value is not None
        ]
        image = {
            "tumours": self.count, "largest_cm": self.size, "vascular_invasion": self.invasion,
            "extrahepatic_spread": self.spread,
        }  # fmt: skip
        found: dict[str, Any] = {"conditions": [{"disease": "HCC"}], "labs": labs, "findings": findings}
        found["imaging"] = [{name: value for name, value in image.items() if value is not None}]
        if self.ecog is not None:
            found["performance"] = [{"scale": "ECOG", "value": self.ecog}]
        if self.transplant is not None:
            found["eligibility"] = {"transplant": self.transplant}
        return found


# -- what the program says -------------------------------------------------------------------------------------------


@cache
def shipped() -> Facts:
    folder = KnowledgeFolder(SHIPPED)
    return load_facts(folder, Vocabulary.load(folder))


@cache
def _fast(settings: tuple[tuple[str, str], ...]) -> FastFacts:
    return FastFacts(shipped().with_settings(dict(settings)))


def case_of(data: Mapping[str, Any]) -> Case:
    return case_from_data({"schema": "tumorboard.case/1", "id": "liver", **data}, shipped().vocabulary, AS_OF)


def values_of(data: Mapping[str, Any], *names: str, settings: Mapping[str, str] | None = None) -> list[Value]:
    """The facts of a case by the fast reader; the explain reader must say the same."""
    tables, chosen = case_of(data).tables, settings or {}
    fast = _fast(tuple(sorted(chosen.items()))).reader(tables)
    explain = Explainer(shipped().with_settings(dict(chosen)), tables)
    found = [fast.fact(name) for name in names]
    assert found == [explain.fact(name).value for name in names]
    return found


def possible(value: Value) -> set[Any]:
    """Everything a value leaves possible (of a number: whole numbers)."""
    match value:
        case Truth():
            return {answer for answer, can in ((True, value.can_be_true), (False, value.can_be_false)) if can}
        case Label(words, na):
            assert words is not None
            return {*words, *([NA] if na else [])}
        case Labels(certain, most):
            assert certain == most
            return set(certain)
        case Number(low, high, na, some):
            numbers = set(range(int(low), int(high) + 1)) if some and low is not None and high is not None else set()
            return numbers | ({NA} if na else set())
    raise AssertionError(f"no set for {value!r}")


def only(data: Mapping[str, Any], name: str, settings: Mapping[str, str] | None = None) -> Any:
    """The one value of a fact, known."""
    (value,) = values_of(data, name, settings=settings)
    (found,) = possible(value)
    return found


# -- the definitions -------------------------------------------------------------------------------------------------


def bilirubin_points(umol: Decimal) -> int:
    return 1 if umol < 2 * D("17.1") else 2 if umol <= 3 * D("17.1") else 3


def albumin_points(grams: Decimal) -> int:
    return 1 if grams > 35 else 3 if grams < 28 else 2


def inr_points(inr: Decimal) -> int:
    return 1 if inr < D("1.7") else 3 if inr > D("2.3") else 2


def child_pugh(p: Patient) -> int:
    assert p.bilirubin and p.albumin and p.inr and p.ascites and p.encephalopathy is not None
    ascites = {"none": 1, "slight": 2, "moderate": 3}[p.ascites]
    encephalopathy = (1, 2, 2, 3, 3)[p.encephalopathy]
    return bilirubin_points(p.bilirubin) + albumin_points(p.albumin) + inr_points(p.inr) + ascites + encephalopathy


def child_pugh_class(p: Patient) -> str:
    return "AABBBCCCCCC"[child_pugh(p) - 5]


def tenths(size: Decimal) -> int:
    """A size in tenths of a millimetre."""
    found = size * 100
    assert found == int(found)
    return int(found)


def up_to_seven(p: Patient) -> str:
    if p.count == 0:
        return NA
    assert p.count and p.size
    return "in" if p.count * 100 + tenths(p.size) <= 700 else "out"


def milan(p: Patient) -> str:
    if p.invasion != "none" or p.spread:
        return "out"
    if p.count == 0:
        return NA
    assert p.count and p.size
    return "in" if (p.count == 1 and p.size <= 5) or (p.count in (2, 3) and p.size <= 3) else "out"


def bclc(p: Patient) -> str:
    assert p.ecog is not None and p.count is not None
    if p.ecog > 2 or (child_pugh_class(p) == "C" and not p.transplant):
        return "D"
    if p.ecog > 0 or p.invasion != "none" or p.spread:
        return "C"
    if p.count == 0:
        return NA
    assert p.size
    if p.count == 1:
        return "0" if p.size <= 2 and child_pugh_class(p) == "A" else "A"
    return "A" if p.count <= 3 and p.size <= 3 else "B"


def bolondi(p: Patient) -> str:
    score = child_pugh(p)
    if bclc(p) != "B" or score > 9:
        return NA
    if score > 7:
        return "B4"
    if up_to_seven(p) == "in":
        return "B1"
    return "B3" if score == 7 else "B2"


def kinki(p: Patient) -> str:
    score, inside = child_pugh(p), up_to_seven(p) == "in"
    if bclc(p) != "B" or score > 9:
        return NA
    return ("B1" if inside else "B2") if score <= 7 else ("B3a" if inside else "B3b")


def cnlc(p: Patient) -> str:
    assert p.ecog is not None and p.count is not None
    if p.ecog > 2 or child_pugh_class(p) == "C":
        return "IV"
    if p.spread or p.invasion != "none":
        return "IIIb" if p.spread else "IIIa"
    if p.count == 0:
        return NA
    assert p.size
    if p.count == 1:
        return "Ia" if p.size <= 5 else "Ib"
    if p.count > 3:
        return "IIb"
    return "Ib" if p.size <= 3 else "IIa"


def six_and_twelve(p: Patient) -> int | str:
    if p.count == 0:
        return NA
    assert p.count and p.size
    total = p.count * 100 + tenths(p.size)
    return 1 if total <= 600 else 2 if total <= 1200 else 3


ORACLE = {
    "child_pugh_score": child_pugh, "child_pugh_class": child_pugh_class, "milan": milan, "up_to_seven": up_to_seven,
    "bclc_stage": bclc, "bclc_b_subclass": bolondi, "kinki_subclass": kinki, "cnlc_stage": cnlc,
    "six_and_twelve": six_and_twelve,
}  # fmt: skip
