"""Writes docs/mechanism.md: how well the network answers, which rows carry it, and where it has no skill.

Run it, or ``make docs``. Everything in the page is computed here: agreement on the statements of
tests/mechanism/statements.yaml, the look-up by gene beside it, the ablation (each row that a statement uses deleted
singly), and the simulated clones against trials.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "mechanism"))

from scoring import ABSTAINS, Statement, answer, by_gene, mechanism, shows_route, statements

from tumorboard.errors import TumorboardError
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.mechanism.clones import Arm, Rates, load_rates, simulate
from tumorboard.mechanism.genotype import parse_genotype
from tumorboard.mechanism.model import Cell, Edge
from tumorboard.mechanism.network import Network
from tumorboard.mechanism.verdict import Mechanism

PAGE = HERE / "mechanism.md"
HEAD = """# The signalling network: how well it answers

`tumorboard mechanism GENOTYPE --drug DRUG` reads a network of published mechanisms: {nodes} nodes, {edges} steps
between them, {cells} cells of what a drug does to an allele, {drugs} drugs, each row with its reference. Levels are
*off*, *basal* and *active*; a verdict is *resistant* where ERK or AKT stays active. The rows are in
`src/tumorboard/knowledge/network/`. This page is written by `make docs`; nothing in it is typed by hand.
"""
COLLECTED = """## Agreement with published statements

{count} statements (genotype, drugs, outcome, route) were collected from the literature by somebody who did not look
at the network's data, most of them from memory. Laboratory compounds and gene names that the vocabulary lacked were
added afterwards, and so were general rules (an antibody to ERBB3 closes the ligand, not the receptor); no cell was
changed for a single statement.

| kind | statements | network right | look-up by driver gene right |
|---|---|---|---|"""
ABSTENTION = "* Abstention: {right} of {due} where due ({share:.0%}), {needless} of {others} needless ({rate:.0%})."
ABLATION = """
## Ablation: what each row carries

Each row that an answer to a statement uses was deleted singly. *Lost* counts statements that were right and no
longer are, *gained* the reverse, *changed* other changes of verdict.

### Steps ({steps}; {carrying} carry a verdict)

| step | lost | gained | changed |
|---|---|---|---|"""
CELLS = """
### Cells

{used} of the {total} cells are used by some statement; {carrying} of them change a verdict when deleted (a missing
cell is *not known*), {losing} lose a right one. The {unused} others carry nothing in this set and rest on their own
reference alone. Those that carry most:

| cell | lost | gained | changed |
|---|---|---|---|"""
ARMS = """With the mutation rate as it is the median for {arm} would be {default:.1f} months; fitted, the rate
is {supply:g} times as high.

| arm | patients | published median | simulated median | 80 % of trials | covered | 80 % of tumours | within | |
|---|---|---|---|---|---|---|---|---|"""
COVERED = """
Of {arms} arms it was not fitted to, {covered} have their median in the middle 80 % of simulated trials ({share:.0%}
against a nominal 80 %), and {within} in the middle 80 % of simulated tumours ({single:.0%}). The process knows no
difference between drugs but which clones they close, so it gives osimertinib no longer a time than gefitinib, and
trials of one drug differ more than chance in it allows. Its shares of clones after gefitinib ({shares}) were fitted
to nothing; biopsies found T790M in 49 to 62 % and MET amplification in 5 to 22 % (sources 001 and 000)."""
LIMITS = """
## What it can't do

It knows what is closed, not how much the tumour depends on it. The limits below are shown with an answer they
concern.

"""
FRAME = """
## Clones against trials

Rates are those of Bozic 2013 (division 0.14, death 0.13 a day, 1e-9 mutations a base and division); one number, how
many times that mutation rate, is fitted to the median of one arm. Then each arm is simulated as often as patients
were in it, 400 times; *covered* says whether the published median lies in the middle 80 % of
the simulated ones, *within* whether it lies in the middle 80 % of single tumours.

"""


def main() -> None:
    PAGE.write_text("\n".join(page()) + "\n", encoding="utf-8")


def page() -> Iterator[str]:
    network = mechanism().network
    yield HEAD.format(
        nodes=len(network.nodes), edges=len(network.edges), cells=len(network.cells), drugs=len(network.drugs)
    )
    yield from accuracy()
    yield from differing()
    yield from ablation()
    yield LIMITS
    yield from (f"* {limit.text.en}" for limit in network.limits)
    yield FRAME
    yield from trials()


def accuracy() -> Iterator[str]:
    found = {one: answer(one) for one in statements()}
    right = {one: found[one].verdict == one.verdict for one in found}
    routes = [one for one in found if one.route]
    due = [one for one in found if one.verdict in ABSTAINS]
    others = [one for one in found if one.verdict not in ABSTAINS]
    yield COLLECTED.format(count=len(found))
    for kind in (*dict.fromkeys(one.kind for one in found), "all"):
        among = [one for one in found if kind in (one.kind, "all")]
        gene = sum(by_gene(one) == one.verdict for one in among)
        network = sum(right[one] for one in among)
        yield f"| {kind} | {len(among)} | {network} ({network / len(among):.0%}) | {gene} ({gene / len(among):.0%}) |"
    shown = sum(shows_route(found[one], one) for one in routes)
    yield f"\n* Routes: of {len(routes)} statements with a route, {shown} ({shown / len(routes):.0%}) show it."
    abstained = sum(found[one].verdict in ABSTAINS for one in due)
    needless = sum(found[one].verdict in ABSTAINS for one in others)
    yield ABSTENTION.format(
        right=abstained, due=len(due), share=abstained / len(due),
        needless=needless, others=len(others), rate=needless / len(others),
    )  # fmt: skip


def differing() -> Iterator[str]:
    yield "\n### Where it differs\n\n| question | published | network |\n|---|---|---|"
    for one in statements():
        found = answer(one).verdict
        if found != one.verdict:
            yield f"| {one} | {one.verdict} ({one.reference}) | {found} |"


def ablation() -> Iterator[str]:
    reader = mechanism()
    used: dict[int, list[Statement]] = defaultdict(list)
    rows: dict[int, Cell | Edge] = {}
    for one in statements():
        found = answer(one)
        for world in found.worlds:
            levels = reader.wiring.levels(world.world, world.caps)
            along = [cell for used_cell in world.used for cell in used_cell.cells]
            for row in (*along, *reader.wiring.driving(levels)):
                rows[id(row)] = row
                if one not in used[id(row)]:
                    used[id(row)].append(one)
        for edge in reader.network.edges:  # an untreated route counts too: without it there is no driver
            rows[id(edge)] = edge
            if one not in used[id(edge)]:
                used[id(edge)].append(one)
    effects: dict[str, list[tuple[str, Counter[str]]]] = {"edges": [], "cells": []}
    for key, row in rows.items():
        changed = Counter(change for one in used[key] if (change := _changed(one, reader, row)) is not None)
        effects["edges" if isinstance(row, Edge) else "cells"].append((_name(row), changed))
    cells, edges = effects["cells"], effects["edges"]
    idle = [name for name, changed in edges if not changed]
    yield ABLATION.format(steps=len(edges), carrying=len(edges) - len(idle))
    for name, changed in sorted(edges, key=lambda edge: -edge[1]["lost"]):
        if changed:
            yield f"| {name} | {changed['lost']} | {changed['gained']} | {changed['changed']} |"
    yield f"\nNo verdict of this set changes without: {'; '.join(idle)}."
    carrying = [(name, changed) for name, changed in cells if changed]
    total = len(reader.network.cells)
    losing = sum(changed["lost"] > 0 for _, changed in carrying)
    yield CELLS.format(used=len(cells), total=total, carrying=len(carrying), losing=losing, unused=total - len(cells))
    for name, changed in sorted(carrying, key=lambda cell: -cell[1]["lost"])[:25]:
        yield f"| {name} | {changed['lost']} | {changed['gained']} | {changed['changed']} |"
    gaining = [(name, changed) for name, changed in carrying if changed["gained"]]
    if gaining:
        names = "; ".join(name for name, _ in gaining)
        yield f"\nDeleting these would make a statement right that now is not: {names}."


def _changed(one: Statement, reader: Mechanism, row: Cell | Edge) -> str | None:
    before = answer(one).verdict
    try:
        after = answer(one, _without(reader, row)).verdict
    except TumorboardError:
        return "lost"
    if after == before:
        return None
    return "lost" if before == one.verdict else "gained" if after == one.verdict else "changed"


_readers: dict[int, Mechanism] = {}


def _without(reader: Mechanism, row: Cell | Edge) -> Mechanism:
    if id(row) not in _readers:
        network = reader.network
        fresh: dict[str, object] = {"_above": network._above, "_found": {}, "_alleles": {}}
        if isinstance(row, Edge):
            edges = tuple(edge for edge in network.edges if edge is not row)
            less: Network = replace(network, edges=edges, **fresh)  # type: ignore[arg-type]
        else:
            cells = tuple(cell for cell in network.cells if cell is not row)
            less = replace(network, cells=cells, **fresh)  # type: ignore[arg-type]
        _readers.clear()
        _readers[id(row)] = Mechanism(less)
    return _readers[id(row)]


def _name(row: Cell | Edge) -> str:
    if isinstance(row, Cell):
        return f"{' + '.join(row.drugs)} on {' with '.join(row.allele)} ({row.effect})"
    by = " + ".join(f"{source.node}{' ' + source.mode if source.mode else ''}" for source in row.by)
    lost = f" without {', '.join(row.without)}" if row.without else ""
    return f"{by} → {row.to}{lost}{' (weak)' if row.weak else ''}"


def trials() -> Iterator[str]:
    rates = load_rates(KnowledgeFolder(SHIPPED))
    fitted = next(arm for arm in rates.arms if arm.fitted)
    default = _medians(fitted, rates, 1.0)
    yield ARMS.format(arm=fitted.arm, default=np.median(default), supply=rates.fitted_supply)
    covered, within = [], []
    for arm in rates.arms:
        medians = _medians(arm, rates, rates.fitted_supply)
        low, middle, high = np.quantile(medians, (0.1, 0.5, 0.9))
        inside = low <= arm.months <= high
        times = _course(arm, rates, rates.fitted_supply)
        single = (times.quantile(0.1) or 0.0) <= arm.months <= (times.quantile(0.9) or np.inf)
        if not arm.fitted:
            covered.append(inside)
            within.append(single)
        cells = (
            f"{arm.arm} ({arm.reference})", arm.n, arm.months, f"{middle:.1f}", f"{low:.1f} to {high:.1f}",
            "yes" if inside else "no", f"{times.quantile(0.1):.1f} to {times.quantile(0.9):.1f}",
            "yes" if single else "no", "fitted to it" if arm.fitted else "",
        )  # fmt: skip
        yield f"| {' | '.join(map(str, cells))} |"
    yield COVERED.format(
        arms=len(covered), covered=sum(covered), share=sum(covered) / len(covered), within=sum(within),
        single=sum(within) / len(within), shares=_shares(fitted, rates),
    )  # fmt: skip


def _medians(arm: Arm, rates: Rates, supply: float) -> np.ndarray:
    times = _course(arm, rates, supply).progression
    draws = np.random.default_rng(1).integers(0, len(times), (400, arm.n))
    medians: np.ndarray = np.median(np.where(np.isnan(times), np.inf, times)[draws], axis=1)
    return medians


def _course(arm: Arm, rates: Rates, supply: float):  # type: ignore[no-untyped-def]
    reader = mechanism()
    genotype = parse_genotype(arm.genotype, reader.network)
    return simulate(reader, genotype, [reader.network.agent(arm.drug)], rates, supply=supply)


def _shares(arm: Arm, rates: Rates) -> str:
    winners = _course(arm, rates, rates.fitted_supply).winners
    shown = sorted(winners.items(), key=lambda winner: -winner[1])[:4]
    return ", ".join(f"{name} {share:.0%}" for name, share in shown)


if __name__ == "__main__":
    main()
