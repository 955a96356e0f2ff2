"""With one or two inputs missing, what is possible is exactly what the completions give, by brute force."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from liver_oracle import ORACLE, Patient, possible, values_of

# Values on both sides of every boundary, each boundary among them.
DOMAINS: dict[str, tuple[Any, ...]] = {
    "bilirubin": tuple(map(Decimal, ("10", "34.2", "51.3", "51.4"))),
    "albumin": tuple(map(Decimal, ("40", "35", "28", "27.9"))),
    "inr": tuple(map(Decimal, ("1", "1.7", "2.3", "2.4"))),
    "ascites": ("none", "slight", "moderate"),
    "encephalopathy": (0, 1, 2, 3, 4),
    "ecog": (0, 1, 2, 3, 4),
    "count": tuple(range(14)),
    "size": tuple(map(Decimal, ("0.5", "1", "2", "2.1", "3", "3.1", "4", "4.1", "5", "5.1", "6", "6.1", "11", "12"))),
    "invasion": ("none", "lobar"),
    "spread": (False, True),
}
ONE_OR_TWO = [*((name,) for name in DOMAINS), *itertools.combinations(DOMAINS, 2)]
PATIENTS = 20


def can_be(patient: Patient) -> bool:
    """A tumour has a size, and what has a size is a tumour."""
    return patient.count is None or (patient.count == 0) == (patient.size is None)


def completions(patient: Patient, missing: tuple[str, ...]) -> Iterator[Patient]:
    domains = [(*DOMAINS[name], None) if name == "size" else DOMAINS[name] for name in missing]
    for filling in itertools.product(*domains):
        found = replace(patient, **dict(zip(missing, filling, strict=True)))
        if can_be(found):
            yield found


def patients(seed: str) -> Iterator[Patient]:
    draw = random.Random(seed)
    while True:
        drawn = {name: draw.choice(domain) for name, domain in DOMAINS.items()}
        # Most tumours that are looked at have neither, and with them everything else is decided at once.
        drawn |= {} if draw.random() < 0.2 else {"invasion": "none", "spread": False, "ecog": draw.choice((0, 0, 1))}
        patient = Patient(**drawn, transplant=draw.choice((None, True, False)))
        if can_be(patient):
            yield patient


@pytest.mark.parametrize("missing", ONE_OR_TWO, ids="+".join)
def test_possible_is_what_the_completions_give(missing: tuple[str, ...]) -> None:
    for patient in itertools.islice(patients(" ".join(missing)), PATIENTS):
        filled = list(completions(patient, missing))
        asked = replace(patient, **dict.fromkeys(missing))
        found = values_of(asked.data(), *ORACLE)
        for (name, oracle), value in zip(ORACLE.items(), found, strict=True):
            assert possible(value) == {oracle(one) for one in filled}, f"{name} of {asked}"


def test_a_class_that_every_completion_shares_is_known() -> None:
    patient = Patient(bilirubin=Decimal(40), albumin=Decimal(30), ascites=None)
    score, letter = values_of(patient.data(), "child_pugh_score", "child_pugh_class")
    assert possible(score) == {7, 8, 9}
    assert possible(letter) == {"B"}


def test_sizes_that_are_listed_bound_what_is_not_said() -> None:
    sizes = [Decimal("5.5"), Decimal(2)]
    image = {"sizes_cm": sizes, "vascular_invasion": "none", "extrahepatic_spread": False}
    data = {**Patient().data(), "imaging": [image]}
    assert [possible(value) for value in values_of(data, "milan", "up_to_seven", "bclc_stage", "bclc_b_subclass")] == [
        {"out"}, {"out"}, {"B"}, {"B2"},
    ]  # fmt: skip
