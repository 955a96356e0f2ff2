"""Two or more arms of a cohort compared: who was given what next, and how long they lived.

Patients are those with a follow-up whose next treatment is exactly one of the arms. Covariates are facts of the rule
language; a patient for whom one isn't known is left out and counted, never guessed. Observational: a difference
between arms is not an effect of the treatment.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tumorboard.cohort.outcomes.balance import Balance, balance
from tumorboard.cohort.outcomes.cox import CoxModel, cox
from tumorboard.cohort.outcomes.kaplan_meier import Curve, kaplan_meier
from tumorboard.cohort.outcomes.logrank import LogRank, log_rank
from tumorboard.cohort.outcomes.matching import caliper_width, match
from tumorboard.cohort.outcomes.propensity import propensity
from tumorboard.cohort.outcomes.rmst import RestrictedMeanDifference, rmst_difference
from tumorboard.cohort.patients import case_of
from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.folder import KnowledgeFolder
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.values import TRUE, Label, Number, Truth, Value

Regimen = frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of an outcome report that somebody had to choose; ``smallest`` group that may be shown."""

    smallest: int
    caliper_share: float
    balanced: float
    days_a_month: float
    level: float


@dataclass(frozen=True)
class Subject:
    """One patient of a study: arm by its number, months under observation, death, and the covariates' values."""

    arm: int
    months: float
    died: bool
    values: tuple[float | str, ...]


@dataclass(frozen=True)
class Comparison:
    """Arms compared, before matching or on matched sets.

    ``model`` is adjusted for the covariates before matching, and holds the arm alone after it; ``difference`` is the
    first arm's restricted mean minus the second's, up to ``horizon``.
    """

    curves: tuple[Curve, ...]
    test: LogRank
    model: CoxModel
    difference: RestrictedMeanDifference | None
    horizon: float


@dataclass(frozen=True)
class Study:
    """The whole comparison; ``left_out`` counts patients by why they take no part."""

    arms: tuple[tuple[str, ...], ...]
    covariates: tuple[str, ...]
    patients: int
    left_out: Mapping[str, int]
    whole: Comparison
    matched: Comparison | None
    balance: Balance | None
    unmatched: int
    rules: Rules


def load_rules(folder: KnowledgeFolder) -> Rules:
    data: Any = folder.read("cohort/outcomes.yaml")["outcomes"]
    return Rules(
        int(data["smallest"]),
        float(data["caliper_share"]),
        float(data["balanced"]),
        float(data["days_a_month"]),
        float(data["level"]),
    )


def study(
    patients: Iterable[Mapping[str, Any]],
    arms: Sequence[Sequence[str]],
    covariates: Sequence[str],
    knowledge: Knowledge,
    rules: Rules,
    *,
    matched: int = 0,
    seed: int = 0,
) -> Study:
    """The arms compared: Kaplan–Meier, log-rank, Cox adjusted for ``covariates``, difference of restricted means, and
    with ``matched`` the first two arms again in propensity sets of one to that many.

    Raises NotFound for an unknown fact, UnknownName for an unknown drug, InvalidInput for fewer than two arms, one
    given twice, matching without covariates or of more than two arms, or an arm of fewer patients than may be shown.
    """
    regimens = _regimens(arms, knowledge)
    if matched and (len(regimens) != 2 or not covariates):
        raise InvalidInput(Problem("--match", "needs two arms and covariates", "name facts with --adjust"))
    for name in covariates:
        if name not in knowledge.facts.definitions:
            raise NotFound(Problem("--adjust", f"no fact {name!r}", "`tumorboard knowledge list facts` lists them"))
    left_out: Counter[str] = Counter()
    subjects = [
        subject
        for patient in patients
        if (subject := _subject(patient, regimens, covariates, knowledge, rules, left_out)) is not None
    ]
    for number, regimen in enumerate(regimens):
        size = sum(subject.arm == number for subject in subjects)
        if size < rules.smallest:
            raise InvalidInput(
                Problem(
                    f"--arm {' + '.join(sorted(regimen))}",
                    f"fewer than {rules.smallest} patients",
                    "too few to be shown; take a larger cohort or another arm",
                )
            )
    times = np.array([subject.months for subject in subjects])
    died = np.array([subject.died for subject in subjects])
    arm = np.array([subject.arm for subject in subjects])
    columns, names = _columns([subject.values for subject in subjects], covariates)
    weighed = found = None
    unmatched = 0
    if matched:
        treated = (arm == 0).astype(np.int64)
        logits = propensity(treated, columns, names).logits
        caliper = caliper_width(logits, treated, rules.caliper_share)
        sets = match(logits, treated, k=matched, caliper=caliper, seed=seed)
        weighed = balance(treated, columns, names, sets.weights)
        inside = sets.patients
        unmatched = sets.unmatched
        found = _compared(times[inside], died[inside], arm[inside], None, (), len(regimens), rules)
    return Study(
        arms=tuple(tuple(sorted(regimen)) for regimen in regimens),
        covariates=tuple(covariates),
        patients=len(subjects),
        left_out=dict(left_out),
        whole=_compared(times, died, arm, columns, names, len(regimens), rules),
        matched=found,
        balance=weighed,
        unmatched=unmatched,
        rules=rules,
    )


def _regimens(arms: Sequence[Sequence[str]], knowledge: Knowledge) -> tuple[Regimen, ...]:
    drugs = knowledge.vocabulary.drugs
    found = tuple(
        frozenset(drugs.find(name, f"--arm[{number}]").inn for name in arm) for number, arm in enumerate(arms)
    )
    if len(found) < 2 or len(set(found)) < len(found):
        raise InvalidInput(Problem("--arm", "an outcome is compared between two or more different arms"))
    return found


def _subject(
    patient: Mapping[str, Any],
    regimens: Sequence[Regimen],
    covariates: Sequence[str],
    knowledge: Knowledge,
    rules: Rules,
    left_out: Counter[str],
) -> Subject | None:
    after = patient["follow_up"] or {}
    given = frozenset(after.get("given") or ())
    if given not in regimens:
        return None
    start, seen, died = after.get("start"), after.get("last_seen"), after.get("died")
    if start is None or seen is None or died is None:
        left_out["follow-up"] += 1
        return None
    reader = knowledge.fast.reader(case_of(patient).tables) if covariates else None
    values: list[float | str] = []
    for name in covariates:
        assert reader is not None
        value = _plain(reader.fact(name))
        if value is None:
            left_out[name] += 1
            return None
        values.append(value)
    return Subject(regimens.index(given), (seen - start).days / rules.days_a_month, died, tuple(values))


def _plain(value: Value) -> float | str | None:
    """A known value as a number or a word; None where it isn't known or has no meaning."""
    if not value.known:
        return None
    if isinstance(value, Truth):
        return float(value == TRUE)
    if isinstance(value, Number):
        return None if value.low is None else float(value.low)
    if isinstance(value, Label):
        return next(iter(value.possible), None) if value.possible is not None else None
    return None


def _columns(rows: Sequence[tuple[float | str, ...]], names: Sequence[str]) -> tuple[np.ndarray[Any, Any], list[str]]:
    """Covariates as numbers: a word becomes one column of zeros and ones for each of its values but the first."""
    columns: list[np.ndarray[Any, Any]] = []
    found: list[str] = []
    for place, name in enumerate(names):
        values = [row[place] for row in rows]
        if all(isinstance(value, float) for value in values):
            columns.append(np.array(values, dtype=np.float64))
            found.append(name)
            continue
        for word in sorted({str(value) for value in values})[1:]:
            columns.append(np.array([str(value) == word for value in values], dtype=np.float64))
            found.append(f"{name} = {word}")
    if not columns:
        return np.zeros((len(rows), 0)), found
    return np.column_stack(columns), found


def _compared(
    times: np.ndarray[Any, Any],
    died: np.ndarray[Any, Any],
    arm: np.ndarray[Any, Any],
    columns: np.ndarray[Any, Any] | None,
    names: Sequence[str],
    arms: int,
    rules: Rules,
) -> Comparison:
    curves = tuple(kaplan_meier(times[arm == number], died[arm == number], rules.level) for number in range(arms))
    marks = np.column_stack([(arm == number).astype(np.float64) for number in range(1, arms)])
    marked = [f"arm {number + 1}" for number in range(1, arms)]
    x = marks if columns is None or not len(names) else np.column_stack((marks, columns))
    horizon = min(float(curve.times[-1]) for curve in curves)
    difference = rmst_difference(curves[0], curves[1], horizon, rules.level) if arms == 2 and horizon > 0 else None
    return Comparison(
        curves=curves,
        test=log_rank(times, died, arm),
        model=cox(times, died, x, [*marked, *names], rules.level),
        difference=difference,
        horizon=horizon,
    )


def hazard_ratio(comparison: Comparison) -> tuple[float, float, float, float]:
    """Of the second arm against the first: ratio, low, high, P."""
    model = comparison.model
    low, high = model.intervals[0]
    return float(model.hazard_ratios[0]), float(low), float(high), model.p_values[0]


def rounded(value: float | None, digits: int) -> float | None:
    """A figure for a record; None where there is none."""
    return None if value is None or math.isnan(value) else round(value, digits)
