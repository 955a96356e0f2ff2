"""What else would close the open routes: minimal sets of targets, and the drugs that close them for this tumour.

The sets are the subset-minimal answers of a small logic program (clingo, extra ``mechanism``); each is then mapped to
drugs that fully close every copy of its targets in the tumour, and the whole is judged again by the network.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, product

from tumorboard.errors import NotFound, Problem
from tumorboard.mechanism.answer import Answer, WorldAnswer
from tumorboard.mechanism.genotype import Genotype
from tumorboard.mechanism.model import ACTIVE, OFF, WILD_TYPE
from tumorboard.mechanism.network import Agent
from tumorboard.mechanism.verdict import Mechanism

MAX_TARGETS = 3  # more than three further targets is no treatment
_DRUGS_A_TARGET = 4
_RESCUES = 8
_LABORATORY = "laboratory compound"


@dataclass(frozen=True, slots=True)
class Rescue:
    """Further ``drugs`` that close ``targets`` so that the tumour is sensitive, added to what is given.

    ``findings`` are the ids of clinical findings behind the combination; without any it is supported by mechanism only.
    ``coverage`` is the share of the targets' known alleles the drugs close, ``overlap`` the toxicities they share with
    each other and with what is given, ``laboratory`` whether one of them is no medicine, ``approved`` whether an
    approval of each is recorded, for whatever disease.
    """

    targets: tuple[str, ...]
    drugs: tuple[str, ...]
    findings: tuple[str, ...]
    coverage: float
    overlap: tuple[str, ...]
    laboratory: bool
    approved: bool


def available() -> bool:
    """Whether the extra that finds the sets is installed."""
    return importlib.util.find_spec("clingo") is not None


def rescues(mechanism: Mechanism, answer: Answer) -> tuple[Rescue, ...]:
    """The rescue sets of a tumour that is not sensitive, best first: with clinical findings before mechanism only,
    medicines before compounds, few drugs before many, approved ones before others, then by allele coverage and
    overlapping toxicity.

    Raises NotFound where clingo isn't installed.
    """
    if answer.verdict not in ("resistant", "partial", "not known"):
        return ()
    if not available():
        raise NotFound(Problem("", "rescue sets need clingo", "pip install 'tumorboard[mechanism]'"))
    open_worlds = [world for world in answer.worlds if world.verdict in ("resistant", "partial")]
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for world in open_worlds:
        closers = _closers(mechanism, world, answer)
        for targets in _minimal_cuts(mechanism, world, sorted(closers)):
            for drugs in _combinations(mechanism, targets, closers):
                found.setdefault(drugs, targets)
    given = answer.agents
    ranked = []
    for drugs, targets in islice(found.items(), 60):
        agents = [mechanism.network.agent(inn) for inn in drugs]
        if mechanism.judge(answer.genotype, (*given, *agents), answer.knockdown).verdict == "sensitive":
            ranked.append(_rescue(mechanism, targets, agents, answer))
    ranked = [one for one in ranked if not any(set(other.drugs) < set(one.drugs) for other in ranked)]
    ranked.sort(
        key=lambda one: (
            not one.findings, one.laboratory, len(one.drugs),
            not one.approved, -one.coverage, len(one.overlap), one.drugs,
        )
    )  # fmt: skip
    return tuple(ranked[:_RESCUES])


def _closers(mechanism: Mechanism, world: WorldAnswer, answer: Answer) -> dict[str, tuple[str, ...]]:
    """For each node on an open route: the drugs that fully close every copy of it in this tumour."""
    network = mechanism.network
    copies = dict(world.world.copies)
    # A route starts at a receptor; the ligand that holds it up is a target too.
    on_routes = {node for route in world.routes for node in route}
    on_routes |= {node for node in copies if network.nodes[node].kind == "ligand"}
    given = {agent.id for agent in answer.agents}
    backed = _backed(mechanism, answer)
    found: dict[str, tuple[str, ...]] = {}
    for node in on_routes:
        left = [
            (copy.haplotype, copy.mode == "mutated")
            for number, copy in enumerate(copies.get(node, ()))
            if world.standing.altered.get((node, number), ACTIVE) > OFF
        ] or [(frozenset({f"{node} {WILD_TYPE}"}), False)]
        able = [
            drug.inn
            for drug in network.drugs.values()
            if node in drug.acts_on and drug.inn not in given and drug.decoy is None
            and all(_full(mechanism, drug.inn, node, haplotype, mutated) for haplotype, mutated in left)
        ]  # fmt: skip
        if able:
            able.sort(
                key=lambda inn: (
                    inn not in backed,
                    _is_laboratory(mechanism, inn),
                    not _approved(mechanism, inn),
                    -_covered(mechanism, inn, node),
                    inn,
                )
            )
            found[node] = tuple(able)
    return found


def _backed(mechanism: Mechanism, answer: Answer) -> frozenset[str]:
    """The drugs that findings about such tumours name."""
    network = mechanism.network
    carried = _carried(mechanism, answer.genotype)
    return frozenset(name for row in network.support if carried.issuperset(row.alterations) for name in row.drugs)


def _carried(mechanism: Mechanism, genotype: Genotype) -> frozenset[str]:
    """The tumour's alterations and all classes over them."""
    return frozenset(above for entry in genotype.entries for above in mechanism.network.above(entry.id))


def _full(mechanism: Mechanism, inn: str, node: str, haplotype: frozenset[str], mutated: bool) -> bool:
    ends, _ = mechanism.on_copy([mechanism.network.agent(inn)], node, haplotype, mutated)
    return ends == (OFF, OFF)


def _combinations(
    mechanism: Mechanism, targets: tuple[str, ...], closers: dict[str, tuple[str, ...]]
) -> list[tuple[str, ...]]:
    several = set.intersection(*(set(closers[target]) for target in targets)) if len(targets) > 1 else set()
    choices = [closers[target][: _DRUGS_A_TARGET // len(targets)] for target in targets]
    singles = [
        (inn,) for inn in sorted(several, key=lambda inn: (_is_laboratory(mechanism, inn), inn))[:_DRUGS_A_TARGET]
    ]
    return [*singles, *(tuple(sorted(set(drugs))) for drugs in islice(product(*choices), _DRUGS_A_TARGET))]


def _rescue(mechanism: Mechanism, targets: tuple[str, ...], agents: Sequence[Agent], answer: Answer) -> Rescue:
    network = mechanism.network
    inns = tuple(agent.id for agent in agents)
    toxicities = [set(network.drugs[inn].toxicity) for inn in inns]
    toxicities += [set(network.drugs[agent.id].toxicity) for agent in answer.agents if agent.id in network.drugs]
    overlap = {
        name for number, own in enumerate(toxicities) for other in toxicities[number + 1 :] for name in own & other
    }
    covered = [max(_covered(mechanism, inn, target) for inn in inns) for target in targets]
    return Rescue(
        targets=targets,
        drugs=inns,
        findings=supporting(mechanism, answer.genotype, answer.agents, agents),
        coverage=round(sum(covered) / len(covered), 3),
        overlap=tuple(sorted(overlap)),
        laboratory=any(_is_laboratory(mechanism, inn) for inn in inns),
        approved=all(_approved(mechanism, inn) for inn in inns),
    )


def supporting(
    mechanism: Mechanism, genotype: Genotype, given: Sequence[Agent], added: Sequence[Agent]
) -> tuple[str, ...]:
    """The findings about these drugs together in tumours with such alterations."""
    network = mechanism.network
    carried = _carried(mechanism, genotype)
    ids: dict[str, None] = {}
    for row in network.support:
        if not carried.issuperset(row.alterations):
            continue
        if all(any(_is(agent, name) for agent in (*given, *added)) for name in row.drugs) and any(
            _is(agent, name) for agent in added for name in row.drugs
        ):
            ids.update(dict.fromkeys(row.findings))
    return tuple(ids)


def _is(agent: Agent, name: str) -> bool:
    return name == agent.id or name in agent.classes


def _covered(mechanism: Mechanism, inn: str, node: str) -> float:
    """The share of the node's alleles (those any drug has a cell for) that the drug fully closes."""
    effects = [cell.effect for cell in mechanism.network.cells_of(node, inn)]
    return effects.count("full") / len(mechanism.network.alleles_of(node))


def _is_laboratory(mechanism: Mechanism, inn: str) -> bool:
    return _LABORATORY in mechanism.network.vocabulary.drugs.classes_of(inn)


def _approved(mechanism: Mechanism, inn: str) -> bool:
    return bool(mechanism.network.vocabulary.drugs.find(inn).approvals)


def _minimal_cuts(mechanism: Mechanism, world: WorldAnswer, candidates: Sequence[str]) -> list[tuple[str, ...]]:
    """The subset-minimal sets of candidate nodes whose closing leaves no output active."""
    import clingo

    if not candidates:
        return []
    control = clingo.Control(["0", "--heuristic=Domain", "--enum-mode=domRec"], logger=lambda *_: None)
    control.add("base", [], _program(mechanism, world, candidates))
    control.ground([("base", [])])
    found: list[tuple[str, ...]] = []
    names = list(candidates)
    with control.solve(yield_=True) as models:
        for model in models:
            cut = tuple(sorted(names[symbol.arguments[0].number] for symbol in model.symbols(shown=True)))
            if cut:
                found.append(cut)
    return sorted(found, key=lambda cut: (len(cut), cut))


def _program(mechanism: Mechanism, world: WorldAnswer, candidates: Sequence[str]) -> str:
    wiring, network = mechanism.wiring, mechanism.network
    number = {node: place for place, node in enumerate(candidates)}
    last = len(candidates) - 1
    lines = [
        f"{{ cut(0..{last}) }}.",
        f":- #count {{ N : cut(N) }} > {MAX_TARGETS}.",
        f"#heuristic cut(N) : N=0..{last}. [1,false]",
        "#show cut/1.",
    ]
    for rule in wiring.rules(world.world, world.standing):
        body = [f"l({place},{level})" for place, level in rule.body]
        if rule.node in number:
            body.append(f"not cut({number[rule.node]})")
        lines.append(f"l({rule.place},{rule.level}) :- {', '.join(body) or '#true'}.")
    lines += [f":- l({wiring.index[node, None]},{ACTIVE})." for node in (*network.decides, *network.lesser)]
    return "\n".join(lines)
