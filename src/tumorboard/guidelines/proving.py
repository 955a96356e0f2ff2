"""Proofs about a guideline: overlaps, gaps, dead situations, grades its rule can't give, cut-offs of its scores.

Each is a question to z3 over all complete records (``knowledge/proof/``): an answer *no* is a proof within the bounds
told with it; an answer *yes* comes with a case, which is read again by the explain reader before it is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise, product
from typing import Any

import z3

from tumorboard.case.read import case_from_data
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import AcceptedName, Guideline, Option, Situation
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer
from tumorboard.logic.proof import Lowering
from tumorboard.logic.proof_case import CaseWriter
from tumorboard.logic.proof_record import Constraint, ProofScope, Record, load_record
from tumorboard.logic.proof_tables import Named, SymTables, TableMaker, named_in
from tumorboard.logic.proof_values import Bit, SymLabel, SymNumber, all_of, any_of, at_most, exact, less, opposite
from tumorboard.logic.tree import Node, facts_read
from tumorboard.logic.values import FALSE, TRUE, Number, Truth
from tumorboard.text import Text

CaseData = dict[str, Any]
_TRIES = 40  # cases tried before a question about a rising function is given up
_SHOWN = 5  # gaps shown where none of them is accepted


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two situations of one patient that grade the same things (``on``: regimens or kinds) differently."""

    situations: tuple[str, str]
    on: tuple[str, ...]
    case: CaseData
    accepted: Text | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A patient the guideline should have a situation for and has none."""

    case: CaseData
    accepted: Text | None


@dataclass(frozen=True, slots=True)
class Dead:
    situation: str
    accepted: Text | None


@dataclass(frozen=True, slots=True)
class ImpossibleGrade:
    """A grade the guideline's own rule can't give; ``option`` prints it, or it is a line of the rule itself."""

    option: str | None
    grade: str
    accepted: Text | None


@dataclass(frozen=True, slots=True)
class BadCut:
    """Cut-offs of a fact that leave numbers out (gap) or claim some twice (overlap); ``settings``: where chosen so."""

    fact: str
    kind: str
    at: str
    settings: Mapping[str, str]
    case: CaseData | None
    accepted: Text | None


@dataclass(frozen=True)
class Proof:
    """What was proved of a guideline, what was found, and what it rests on."""

    guideline: Guideline
    overlaps: tuple[Overlap, ...]
    gaps: tuple[Gap, ...]
    dead: tuple[Dead, ...]
    grades: tuple[ImpossibleGrade, ...]
    cuts: tuple[BadCut, ...]
    scope: ProofScope
    record: Record
    constraints: tuple[Constraint, ...]
    abstracted: tuple[str, ...]
    unused: tuple[str, ...]
    open: tuple[str, ...]
    pairs: int

    @property
    def findings(self) -> tuple[Overlap | Gap | Dead | ImpossibleGrade | BadCut, ...]:
        return (*self.overlaps, *self.gaps, *self.dead, *self.grades, *self.cuts)

    @property
    def not_accepted(self) -> int:
        """How many findings nobody stands by; a question left open counts as one."""
        return sum(finding.accepted is None for finding in self.findings) + len(self.open)


class LoweringFault(AssertionError):
    """A case the proof reader made doesn't show what it was made for: the readers differ, which is a bug of ours."""


def prove(knowledge: Knowledge, guideline: Guideline) -> Proof:
    """Everything that can be proved of ``guideline``. Raises LoweringFault where the readers differ."""
    return Prover(knowledge, guideline).proof()


Expected = tuple[tuple[Node, Truth], ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A question: what must hold, and what the case found has to show when it is read again."""

    name: str
    bits: tuple[Bit, ...]
    expected: Expected


class Prover:
    """The questions about one guideline; ``more`` are facts to read beside those its situations rest on."""

    def __init__(self, knowledge: Knowledge, guideline: Guideline, more: tuple[str, ...] = ()) -> None:
        self.more = more
        self.knowledge, self.guideline, self.facts = knowledge, guideline, knowledge.facts
        self.record = load_record(knowledge.folder, knowledge.facts)
        self.scope = self.record.scopes.get(guideline.id) or ProofScope(
            guideline.scope.node, guideline.scope.text, frozenset(), guideline.scope_name
        )
        self.reached = self.reach(self.roots())
        self.constraints = tuple(c for c in self.record.constraints if self.concerns(c))
        self.named = self.naming()
        self.tables = self.made()
        self.lowering = Lowering(self.facts, self.tables)
        self.solver = z3.Solver()
        self.solver.set("random_seed", 1)
        self.open: list[str] = []
        self.base()

    def roots(self) -> Iterator[Node]:
        yield from (self.guideline.scope.node, self.scope.when)
        yield from (situation.when.node for situation in self.guideline.situations)
        yield from (entry.when.node for entry in self.guideline.not_covered)
        yield from (tree.Fact(name, self.facts.definitions[name].type) for name in self.more)

    def mentioned(self) -> Iterator[Node]:
        """Every rule of the guideline and every fact it shows, those for one option or caution included."""
        yield from self.roots()
        yield from self.shown(name for line in self.guideline.header for name in line.facts)
        for situation in self.guideline.situations:
            yield from self.shown(ask.fact for ask in situation.asks)
            for option in situation.options:
                yield from (each.when.node for each in option.conditions if each.when is not None)
                yield from (exclusion.when.node for exclusion in option.exclusions)
                cautions = (*option.cautions, *self.knowledge.cautions[self.guideline.id, option.id])
                yield from (caution.when.node for caution in cautions if caution.when is not None)

    def shown(self, names: Iterable[str]) -> Iterator[Node]:
        yield from (tree.Fact(name, self.facts.definitions[name].type) for name in names)

    def reach(self, roots: Iterable[Node]) -> dict[str, Node]:
        """The facts the guideline rests on, with their rules."""
        found: dict[str, Node] = {}
        todo = [name for node in roots for name in sorted(facts_read(node))]
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = self.facts.definitions[name].node
                todo += sorted(facts_read(found[name]))
        return found

    def concerns(self, constraint: Constraint) -> bool:
        """Of facts only those that are read anyway: a proof about lungs needs no liver."""
        return constraint.table is not None or facts_read(constraint.node) <= set(self.reached)

    def naming(self) -> Named:
        rules = named_in([*self.roots(), *self.reached.values()])
        columns = set(rules.columns)
        kept = []
        for constraint in self.constraints:
            if constraint.table is None or constraint.table in rules.tables:
                kept.append(constraint)
                columns |= {(constraint.table or "", name) for name in _columns(constraint.node)} - {
                    ("courses", "maintenance")
                }
        self.constraints = tuple(kept)
        return Named(rules.groups, rules.keys, rules.alterations, frozenset(columns), rules.tables)

    def made(self) -> SymTables:
        return TableMaker(self.facts, self.named, self.record.bounds).make()

    def base(self) -> None:
        for node in self.roots():
            self.lowering.value(node)
        for bit in self.tables.constraints:
            self.add(bit)
        for constraint in self.constraints:
            if constraint.table is None:
                self.add(self.lowering.truth(constraint.node).true)
                continue
            for row in self.tables.rows[constraint.table]:
                self.add(any_of((opposite(row.there), self.lowering.bit(constraint.node, row).true)))
        for bit in self.lowering.sides:
            self.add(bit)
        self.inside = self.lowering.holds(self.guideline.scope.node)
        self.holds = {s.id: self.lowering.holds(s.when.node) for s in self.guideline.situations}
        self.fails = {s.id: self.lowering.fails(s.when.node) for s in self.guideline.situations}

    def add(self, bit: Bit) -> None:
        if bit is not True:
            self.solver.add(bit)

    def proof(self) -> Proof:
        dead = tuple(self.dead())
        overlaps = tuple(self.overlaps({each.situation for each in dead}))
        gaps = tuple(self.gaps())
        cuts = tuple(self.cuts())
        grades = tuple(self.grades())
        return Proof(
            self.guideline, overlaps, gaps, dead, grades, cuts, self.scope, self.record, self.constraints,
            tuple(sorted(self.lowering.abstracted)), tuple(self.unused(overlaps, gaps, dead, grades, cuts)),
            tuple(self.open), self.pairs,
        )  # fmt: skip

    # -- asking --------------------------------------------------------------------------------------------------

    def find(self, wanted: _Wanted, small: bool = True) -> CaseData | None:
        """A case that shows what is wanted, read again to be sure; ``None``: there is none within the bounds.

        Where a rising function is involved, a case is first looked for at points where it is exact, then anywhere; a
        case that doesn't hold when read again pins the function down there, and the search goes on.
        """
        bits = [bit for bit in (self.inside, *wanted.bits) if bit is not True]
        if False in bits:
            return None
        if self.lowering.pinned:
            model = self.model([*bits, *self.lowering.pinned])
            if model is not None:
                exactly = [*bits, *self.lowering.pinned]
                return self.confirmed(wanted, self.smaller(exactly, model) if small else model)
        pins: list[Bit] = []
        for _ in range(_TRIES):
            model = self.model([*bits, *pins])
            if model is None:
                return None
            if small and not self.lowering.pinned:
                model = self.smaller(bits, model)
            case = self.written(model, wanted.name)
            if self.shows(case, wanted.expected):
                return case
            more = self.lowering.pin(model)
            if not more:
                raise LoweringFault(f"{wanted.name}: the readers differ on {case}")
            pins += more
        self.open.append(wanted.name)
        return None

    def model(self, bits: Sequence[Bit]) -> z3.ModelRef | None:
        self.solver.push()
        try:
            self.solver.add(*bits)
            answer = self.solver.check()
            if answer == z3.unknown:
                raise LoweringFault(f"z3 gives up: {self.solver.reason_unknown()}")
            return self.solver.model() if answer == z3.sat else None
        finally:
            self.solver.pop()

    def smaller(self, bits: Sequence[Bit], model: z3.ModelRef) -> z3.ModelRef:
        """A case with as few rows, and in these as few drugs, as a few more questions find."""
        without: list[Bit] = []
        for bit in self.spare():
            if not z3.is_true(model.eval(bit, model_completion=True)):
                without.append(opposite(bit))
                continue
            found = self.model([*bits, *without, opposite(bit)])
            if found is not None:
                without.append(opposite(bit))
                model = found
        return model

    def spare(self) -> Iterator[Bit]:
        """What a case may do without: its rows, the last first, and the members of its lists."""
        rows = [row for rows in self.tables.rows.values() for row in reversed(rows)]
        yield from (row.there for row in rows if not isinstance(row.there, bool))
        for row in rows:
            for name in ("maintenance", "agents", "pattern"):
                if name in row.raw and row.raw[name].kind == "labels":
                    yield from row.raw[name].term.values()

    def confirmed(self, wanted: _Wanted, model: z3.ModelRef) -> CaseData:
        case = self.written(model, wanted.name)
        if not self.shows(case, wanted.expected):
            raise LoweringFault(f"{wanted.name}: the readers differ on {case}")
        return case

    def written(self, model: z3.ModelRef, name: str) -> CaseData:
        return CaseWriter(self.facts, self.tables, model).case(name)

    def shows(self, data: CaseData, expected: Expected) -> bool:
        """Whether the explain reader finds every rule as expected."""
        case = case_from_data(data, self.knowledge.vocabulary, self.record.bounds.as_of)
        explainer = Explainer(self.facts, case.tables)
        return all(explainer.step(node).value == value for node, value in expected)

    # -- situations ----------------------------------------------------------------------------------------------

    def met(self, name: str, *situations: Situation) -> _Wanted:
        scope = (self.guideline.scope.node, TRUE)
        expected = (scope, *((situation.when.node, TRUE) for situation in situations))
        return _Wanted(name, tuple(self.holds[situation.id] for situation in situations), expected)

    def dead(self) -> Iterator[Dead]:
        accepted = _by_name(self.guideline.accepted.dead)
        for situation in self.guideline.situations:
            wanted = self.met(f"holds-{situation.id}", situation)
            if self.find(wanted, small=False) is None and wanted.name not in self.open:
                yield Dead(situation.id, accepted.get(situation.id))

    def overlaps(self, dead: set[str]) -> Iterator[Overlap]:
        """What counts: two situations both met, and a regimen or a strategy's kind for which the strengths one prints
        are not those the other prints. An option without a strength (ungraded) contradicts nothing. Exclusions of
        single options are left aside: that one is ruled out does not make two gradings of its kind agree."""
        accepted = {entry.situations: entry.because for entry in self.guideline.accepted.overlaps}
        self.pairs = 0
        for first, second in combinations(self.guideline.situations, 2):
            on = tuple(_differ(first, second))
            if not on or {first.id, second.id} & dead:
                continue
            self.pairs += 1
            case = self.find(self.met(f"overlap-{first.id}-{second.id}", first, second))
            if case is not None:
                yield Overlap((first.id, second.id), on, case, accepted.get(frozenset((first.id, second.id))))

    def gaps(self) -> Iterator[Gap]:
        """Patients of the proof's scope for whom every situation that counts is certainly not met. What the guideline
        says it doesn't cover is an accepted gap."""
        counted = [s for s in self.guideline.situations if s.id not in self.scope.leaves_out]
        bits = [self.lowering.holds(self.scope.when), *(self.fails[situation.id] for situation in counted)]
        expected = (
            (self.guideline.scope.node, TRUE), (self.scope.when, TRUE),
            *((situation.when.node, FALSE) for situation in counted),
        )  # fmt: skip
        said: list[Bit] = []
        self.told: set[int] = set()
        for index, entry in enumerate(self.guideline.not_covered):
            holds = self.lowering.holds(entry.when.node)
            wanted = _Wanted(f"gap-{index + 1}", (*bits, holds), (*expected, (entry.when.node, TRUE)))
            case = self.find(wanted)
            if case is not None:
                self.told.add(index)
                yield Gap(case, entry.because)
            said.append(opposite(holds))
        for index in range(_SHOWN):
            wanted = _Wanted(f"gap-open-{index + 1}", (*bits, *said), expected)
            case = self.find(wanted)
            if case is None:
                return
            yield Gap(case, None)
            said.append(self.other_than(case))

    def other_than(self, data: CaseData) -> Bit:
        """Patients that differ in what the situations read."""
        case = case_from_data(data, self.knowledge.vocabulary, self.record.bounds.as_of)
        explainer = Explainer(self.facts, case.tables)
        same: list[Bit] = []
        names = sorted({name for s in self.guideline.situations for name in facts_read(s.when.node)})
        for name in names:
            kind, value = self.facts.definitions[name].type.kind, explainer.fact(name).value
            node = tree.Fact(name, self.facts.definitions[name].type)
            if kind == "truth" and isinstance(value, Truth) and value.known:
                same.append(self.lowering.holds(node) if value == TRUE else self.lowering.fails(node))
            elif kind == "label":
                term = self.lowering.fact(name)
                assert isinstance(term, SymLabel)
                possible = getattr(value, "possible", None) or frozenset()
                same.append(
                    any_of(bit for label, bit in term.possible.items() if label in possible) if possible else term.na
                )
        return opposite(all_of(same))

    # -- grades --------------------------------------------------------------------------------------------------

    def grades(self) -> Iterator[ImpossibleGrade]:
        """Grades an option prints that no share of votes gives at its level, or not the share printed; lines of the
        rule that never decide; and strengths it names and never gives."""
        accepted = _by_name(self.guideline.accepted.grades)
        grading = self.guideline.grading
        if grading is None or not grading.rules:
            yield from self.design_grades()
            return
        share = z3.Real("share")
        votes = z3.And(share >= 0, share <= 100)
        given: dict[tuple[str, str], Bit] = {}
        deciding: dict[int, list[Bit]] = {}
        for level in grading.levels:
            before: list[Bit] = []
            for index, rule in enumerate(grading.rules):
                if level in rule.levels:
                    here = all_of((*before, at_most(exact(rule.at_least), share)))
                    given[level, rule.strength] = any_of((given.get((level, rule.strength), False), here))
                    deciding.setdefault(index, []).append(here)
                    before.append(less(share, exact(rule.at_least)))
            if _possible(votes, all_of(before)):
                yield ImpossibleGrade(None, f"level {level}: some share of votes gives no strength", None)
        for index, rule in enumerate(grading.rules):
            if not _possible(votes, any_of(deciding.get(index, ()))):
                yield ImpossibleGrade(None, f"rule {index + 1} ({rule.strength}) never decides", None)
        for strength in grading.strengths:
            if not any(_possible(votes, bit) for (_, own), bit in given.items() if own == strength):
                yield ImpossibleGrade(None, f"no level and share of votes gives {strength}", None)
        for _, option in self.guideline.options():
            if grade := _printed(option, given, votes, share):
                yield ImpossibleGrade(option.id, grade, accepted.get(option.id))

    def design_grades(self) -> Iterator[ImpossibleGrade]:
        """Of a rule by design: lines no level reaches. An option's own grade was checked when it was loaded."""
        rule = self.guideline.rule
        if rule is None:
            return
        levels = {level for group in rule.designs for level in (group.level, group.doubted)}
        for level in sorted(set(rule.levels) - levels):
            yield ImpossibleGrade(None, f"{rule.id}: no design has level {level}", None)
        for index, line in enumerate(rule.strengths):
            settled = {
                level for earlier in rule.strengths[:index] if not earlier.significant for level in earlier.levels
            }
            if not (line.levels & levels) - settled:
                yield ImpossibleGrade(None, f"{rule.id}: rule {index + 1} ({line.strength}) never decides", None)

    # -- cut-offs ------------------------------------------------------------------------------------------------

    def cuts(self) -> Iterator[BadCut]:
        accepted = _by_name(self.guideline.accepted.cuts)
        rules = self.reach(self.mentioned())
        for fact in sorted(rules):
            for band in dict.fromkeys(_bands(rules[fact])):
                for kind, low, high, settings in self.band_faults(band):
                    other = self if fact in self.reached else Prover(self.knowledge, self.guideline, (fact,))
                    case = other.at(fact, band, low, high)
                    at = f"{low}" if low == high else f"{low} to {high}"
                    yield BadCut(fact, kind, at, settings, case, accepted.get(fact))

    def band_faults(self, band: tree.Band) -> Iterator[tuple[str, Decimal, Decimal, Mapping[str, str]]]:
        """Under every choice of the options the cuts name: neighbours out of order (numbers claimed twice, one row of
        the table never reached), and rows without a value between rows with one (numbers left out)."""
        names = sorted({at.name for _, at, _ in band.cuts if isinstance(at, tree.Parameter)})
        choices = [self.facts.parameters[name].choices for name in names]
        whole = band.item.type.kind == "whole"
        for chosen in product(*choices):
            settings = dict(zip(names, chosen, strict=True))
            cuts = [
                (op, Decimal(str(settings.get(getattr(at, "name", ""), getattr(at, "value", 0)))))
                for op, at, _ in band.cuts
            ]
            shown = {name: str(value) for name, value in settings.items()}
            for (low_op, low), (high_op, high) in pairwise(cuts):
                if _empty(low_op, low, high_op, high, whole):
                    yield "overlap", min(low, high), max(low, high), shown
            given = [_gives(value) for _, _, value in band.cuts] + [_gives(band.above)]
            for index in range(1, len(given) - 1):
                if not given[index] and any(given[:index]) and any(given[index + 1 :]):
                    yield "gap", cuts[index - 1][1], cuts[index][1], shown

    def at(self, fact: str, band: tree.Band, low: Decimal, high: Decimal) -> CaseData | None:
        """A patient whose number lies there."""
        try:
            item = self.lowering.number(band.item, None)
        except AssertionError:  # a number of a row, not of the case
            return None
        assert isinstance(item, SymNumber)
        inside = all_of((
            item.some, opposite(item.na), item.known, at_most(exact(low), item.low), at_most(item.low, exact(high)),
        ))  # fmt: skip
        name = f"cut-{fact}"
        bits = [bit for bit in (self.inside, inside) if bit is not True]
        model = None if False in bits else self.model(bits)
        if model is None:
            return None
        case = self.written(model, name)
        read = Explainer(
            self.facts, case_from_data(case, self.knowledge.vocabulary, self.record.bounds.as_of).tables
        ).step(band.item)
        if not (isinstance(read.value, Number) and read.value.known):
            raise LoweringFault(f"{name}: the readers differ on {case}")
        return case

    # -- what is accepted in vain --------------------------------------------------------------------------------

    def unused(
        self, overlaps: Sequence[Overlap], gaps: Sequence[Gap], dead: Sequence[Dead],
        grades: Sequence[ImpossibleGrade], cuts: Sequence[BadCut],
    ) -> Iterator[str]:  # fmt: skip
        accepted = self.guideline.accepted
        found = {frozenset(each.situations) for each in overlaps}
        for entry in accepted.overlaps:
            if entry.situations not in found:
                yield f"overlap of {' and '.join(sorted(entry.situations))}"
        told = {self.guideline.not_covered[index].when.text for index in self.told}
        yield from (f"gap where {entry.when.text}" for entry in accepted.gaps if entry.when.text not in told)
        for heading, entries, names in (
            ("dead", accepted.dead, {each.situation for each in dead}),
            ("grade of", accepted.grades, {each.option for each in grades}),
            ("cut-offs of", accepted.cuts, {each.fact for each in cuts}),
        ):
            yield from (f"{heading} {entry.name}" for entry in entries if entry.name not in names)


def _columns(node: Node) -> Iterator[str]:
    if isinstance(node, tree.Column):
        yield node.name
    for child in tree.children(node):
        yield from _columns(child)


def _by_name(entries: Iterable[AcceptedName]) -> dict[str, Text]:
    return {entry.name: entry.because for entry in entries}


def _strengths(situation: Situation) -> dict[str, set[str]]:
    """The strengths printed for each regimen and each kind of strategy."""
    found: dict[str, set[str]] = {}
    for option in situation.options:
        if option.strength is not None:
            for key in (" + ".join(map(str, option.regimen)), f"kind: {option.strategy.kind}"):
                found.setdefault(key, set()).add(option.strength)
    return found


def _differ(first: Situation, second: Situation) -> Iterator[str]:
    here, there = _strengths(first), _strengths(second)
    return (key for key in here if key in there and here[key] != there[key])


def _possible(*bits: Bit) -> bool:
    if False in [bit for bit in bits if isinstance(bit, bool)]:
        return False
    solver = z3.Solver()
    solver.add(*(bit for bit in bits if bit is not True))
    return bool(solver.check() == z3.sat)


def _printed(option: Option, given: Mapping[tuple[str, str], Bit], votes: Bit, share: Any) -> str | None:
    """The grade an option prints, where the rule can't give it; without a level any level may have been meant."""
    if option.strength is None or option.strategy.share is None:
        return None
    levels = {level for level, _ in given} if option.level is None else {option.level}
    ways = any_of(given.get((level, option.strength), False) for level in levels)
    word = f"{option.strength} at level {option.level}"
    if not _possible(votes, ways):
        return f"{word}: no share of votes gives it"
    if not _possible(votes, ways, share == z3.RealVal(str(option.strategy.share))):
        return f"{word} with {option.strategy.agreement} % of the votes"
    return None


def _bands(node: Node) -> Iterator[tree.Band]:
    if isinstance(node, tree.Band):
        yield node
    for child in tree.children(node):
        yield from _bands(child)


def _gives(node: Node) -> bool:
    return not isinstance(node, tree.NotApplicable | tree.Undecided)


def _empty(low_op: str, low: Decimal, high_op: str, high: Decimal, whole: bool) -> bool:
    """Whether no number lies between two neighbouring cuts; a cut whose sign is ``<`` leaves its number above it."""
    if whole:
        first = -(-low // 1) if low_op == "<" else low // 1 + 1
        last = -(-high // 1) - 1 if high_op == "<" else high // 1
        return first > last
    return low > high or (low == high and not (low_op == "<" and high_op == "<="))
