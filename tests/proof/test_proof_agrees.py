"""The proof reader's value of every situation and fact is the fast reader's, on random cases with entries missing."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

z3 = pytest.importorskip("z3")

from tumorboard.case.read import case_from_data  # noqa: E402
from tumorboard.errors import InvalidInput  # noqa: E402
from tumorboard.guidelines.knowledge import Knowledge  # noqa: E402
from tumorboard.guidelines.proving import Prover  # noqa: E402
from tumorboard.logic.proof_case import CaseWriter  # noqa: E402
from tumorboard.logic.proof_values import SymLabel, SymLabels, SymNumber, SymTruth, SymValue  # noqa: E402
from tumorboard.logic.values import Day, Label, Labels, Number, Truth, Value  # noqa: E402

KNOWLEDGE = Knowledge.load()
CASES = 24


def variables(prover: Prover) -> list[Any]:
    """What a symbolic case is made of, in a fixed order."""
    found: dict[str, Any] = {}
    for rows in prover.tables.rows.values():
        for row in rows:
            terms = [row.there]
            for raw in row.raw.values():
                terms += [raw.recorded, *(raw.term.values() if isinstance(raw.term, dict) else (raw.term,))]
            for term in terms:
                if z3.is_expr(term) and z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                    found.setdefault(str(term), term)
    return list(found.values())


def base(prover: Prover) -> Any:
    solver = z3.Solver()
    solver.add(*(bit for bit in (*prover.tables.constraints, *prover.lowering.sides) if bit is not True))
    for constraint in prover.constraints:
        if constraint.table is not None and "complete record" not in constraint.because.en:
            for row in prover.tables.rows[constraint.table]:
                kept = prover.lowering.bit(constraint.node, row).true
                solver.add(z3.Or(z3.Not(row.there), kept))
    return solver


def random_model(prover: Prover, solver: Any, terms: list[Any], chance: random.Random) -> Any:
    """A random case that contradicts nothing; what a complete record holds is left aside."""
    wanted = []
    for term in chance.sample(terms, len(terms) * 2 // 3):
        if z3.is_bool(term):
            wanted.append(term if chance.random() < (0.25 if ":" in str(term) else 0.75) else z3.Not(term))
        else:
            shift = (
                chance.randint(0, 3600) if "date" in str(term) or "treatments" in str(term) else chance.randint(0, 9)
            )
            wanted.append(term % chance.choice((2, 3, 5, 7)) == shift % 2 if chance.random() < 0.5 else term > shift)
    while solver.check(*wanted) == z3.unsat:
        core = {bit.get_id() for bit in solver.unsat_core()}
        wanted = [bit for bit in wanted if bit.get_id() not in core]
    model = solver.model()
    solver.push()
    solver.add(*(term == model.eval(term, model_completion=True) for term in terms))
    for _ in range(3):  # functions, and functions of products, made exact where this case reads them
        solver.add(*prover.lowering.pin(model))
        assert solver.check() == z3.sat
        model = solver.model()
    solver.pop()
    return model


def truth(model: Any, bit: Any) -> bool:
    return bit if isinstance(bit, bool) else z3.is_true(model.eval(bit, model_completion=True))


def number(model: Any, term: Any) -> Fraction:
    if isinstance(term, int | Fraction):
        return Fraction(term)
    return Fraction(model.eval(z3.ToReal(term) if z3.is_int(term) else term, model_completion=True).as_fraction())


def read(model: Any, value: SymValue) -> Any:
    match value:
        case SymTruth(true, false):
            return truth(model, true), truth(model, false)
        case SymLabel(possible, na):
            return frozenset(name for name, bit in possible.items() if truth(model, bit)), truth(model, na)
        case SymLabels(certain, possible):
            sure, may = ({n for n, bit in part.items() if truth(model, bit)} for part in (certain, possible))
            return sure, may
        case SymNumber(low, high, from_, to, na, some):
            if not truth(model, some):
                return "not applicable"
            lowest = number(model, low) if truth(model, from_) else None
            highest = number(model, high) if truth(model, to) else None
            return lowest, highest, truth(model, na)


def plain(value: Value) -> Any:
    match value:
        case Truth(true, false):
            return true, false
        case Label(possible, na):
            return possible, na
        case Labels(certain, possible):
            return set(certain), None if possible is None else set(possible)
        case Number(low, high, na, some) | Day(low, high, na, some):
            if not some:
                return "not applicable"
            return None if low is None else Fraction(low), None if high is None else Fraction(high), na


def close(found: Any, expected: Any) -> bool:
    """Numbers that went through a function or a division keep fifty digits, a proof keeps them all."""
    if not (isinstance(found, tuple) and isinstance(found[0], Fraction) and found[2:] == expected[2:]):
        return False
    return all(
        a is not None and b is not None and abs(a - b) < Fraction(1, 10**40)
        for a, b in zip(found[:2], expected[:2], strict=True)
    )


@pytest.mark.parametrize("name", sorted(KNOWLEDGE.guidelines))
def test_values_of_situations_and_facts_agree_with_the_fast_reader(name: str) -> None:
    assert differences(Prover(KNOWLEDGE, KNOWLEDGE.guideline(name)), CASES) == []


def differences(prover: Prover, cases: int) -> list[tuple[str, Any, Any, dict[str, Any]]]:
    """Situations and facts of random cases to which proof and fast reader give different values, each with its case."""
    different = []
    terms, chance, tried = variables(prover), random.Random(7), 0
    solver = base(prover)
    for index in range(cases):
        model = random_model(prover, solver, terms, chance)
        data = CaseWriter(KNOWLEDGE.facts, prover.tables, model).case(f"random-{index}")
        try:
            case = case_from_data(data, KNOWLEDGE.vocabulary, prover.record.bounds.as_of)
        except InvalidInput:
            continue  # dates or sizes that contradict each other, which the constraints would have kept out
        tried += 1
        reader = KNOWLEDGE.fast.reader(case.tables)
        for situation in prover.guideline.situations:
            found, expected = read(model, prover.lowering.truth(situation.when.node)), reader.value(situation.when.node)
            if found != plain(expected):
                different.append((situation.id, found, plain(expected), data))
        for fact in prover.reached:
            kind = KNOWLEDGE.facts.definitions[fact].type
            found, expected = read(model, prover.lowering.fact(fact)), plain(reader.fact(fact))
            if kind.kind == "labels" and expected[1] is None:
                continue
            # Any name at all, or every name of the list: of those nobody tells apart the proof holds one.
            open_label = kind.kind == "label" and (
                expected[0] is None or (kind.domain is not None and expected[0] == kind.domain)
            )
            same = len(found[0]) > 1 if open_label else found == expected or close(found, expected)
            if not same:
                different.append((fact, found, expected, data))
    assert tried >= cases // 2, "too few of the random cases are cases"
    return different


def test_every_fact_there_is_agrees_whichever_guideline_reads_it() -> None:
    name = "refractory-lung-cancer-2023"
    assert differences(Prover(KNOWLEDGE, KNOWLEDGE.guideline(name), tuple(KNOWLEDGE.facts.definitions)), 12) == []
