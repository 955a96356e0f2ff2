"""An answer about resistance as the fixed JSON form and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from tumorboard.evidence import Findings
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.answer import Answer, Used, WorldAnswer, level_name
from tumorboard.mechanism.model import LEVELS, Cell, Edge
from tumorboard.mechanism.rescue import Rescue
from tumorboard.mechanism.tiers import Tiered
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.mechanism.words import ARROW, EFFECT, VERDICT
from tumorboard.report.words import WORDS
from tumorboard.text import Language, Text

MECHANISM_ONLY = "mechanism only"
_MAIN = ("ERK", "AKT", "STAT3")  # the outputs of the fixed form, named there so
_WORDS = {
    "verdict": Text("Verdict: {verdict}", "判断：{verdict}"),
    "genotype": Text("Genotype: {genotype}", "基因型：{genotype}"),
    "drugs": Text("Drugs: {drugs}", "药物：{drugs}"),
    "ligand and knockdown": Text("Knocked down: {nodes}", "敲低：{nodes}"),
    "outputs": Text("Outputs: {outputs}", "输出：{outputs}"),
    "routes": Text("Open routes", "开放途径"),
    "because": Text("Because: {text}", "理由：{text}"),
    "cells": Text("What the drugs do to each copy", "各药对每种拷贝的作用"),
    "cell": Text(
        "{drug} on {allele}: {effect} ({basis}{reference})", "{drug}对{allele}：{effect}（{basis}{reference}）"
    ),
    "rescue": Text(
        "What would close it (a hypothesis unless a finding is named)", "可能的阻断方案（未注明证据者仅为假设）"
    ),
    "rescue one": Text("{targets}: {drugs}; {support}{overlap}", "{targets}：{drugs}；{support}{overlap}"),
    "mechanism only": Text("supported by mechanism only", "仅有机制支持"),
    "findings": Text("studied: {studies} (findings: {count})", "已有研究：{studies}（证据{count}条）"),
    "overlap": Text("; shared toxicity: {names}", "；毒性重叠：{names}"),
    "laboratory": Text("; laboratory compound", "；实验室化合物"),
    "tiers": Text("Alteration and drug on published scales", "变异与药物的证据分级"),
    "tier": Text(
        "{alteration}, {drugs}: {tiers} (as of {as_of}; {certainty})",
        "{alteration}，{drugs}：{tiers}（截至{as_of}；{certainty}）",
    ),
    "edges": Text("Steps of the open routes", "开放途径各步骤的依据"),
    "edge": Text("{from_} → {to}: {reference} ({certainty})", "{from_} → {to}：{reference}（{certainty}）"),
    "disputed": Text("disputed: {text} ({reference})", "有争议：{text}（{reference}）"),
    "world": Text("If {phase}: {verdict}", "若{phase}：{verdict}"),
    "notes": Text("Notes", "说明"),
    "adaptive": Text("Adaptive risk (never part of the verdict): {text}", "适应性风险（不参与判断）：{text}"),
    "no rescue": Text(
        "No set of up to three further targets closes every route.", "再加至多三个靶点仍不能阻断全部途径。"
    ),
    "without clingo": Text("Rescue sets need the extra `mechanism`.", "阻断方案需要安装扩展`mechanism`。"),
    "notice": Text(
        "A hypothesis from a network of published mechanisms, not a recommendation. Knowledge {version} of {date}.",
        "由已发表机制构成的网络推得的假设，并非推荐意见。知识库{version}（{date}）。",
    ),
    "clinical": Text("clinical", "临床"),
    "preclinical": Text("preclinical", "临床前"),
    "unknown level": Text("depends", "不确定"),
    "off": Text("off", "关闭"),
    "basal": Text("basal", "基础水平"),
    "active": Text("active", "激活"),
}  # fmt: skip


def resistance_record(
    answer: Answer,
    mechanism: Mechanism,
    rescues: Sequence[Rescue] | None,
    tiers: Sequence[Tiered],
    knowledge: Knowledge,
    language: Language,
) -> dict[str, Any]:
    """The fixed JSON form of ``tumorboard mechanism``; an output is null where the worlds differ or none is given.
    ``rescue`` is null where the extra that finds the sets is absent."""
    return {
        "schema": "tumorboard.mechanism/1",
        "genotype": [
            entry.id if entry.phase is None else f"{entry.id}/{entry.phase}" for entry in answer.genotype.entries
        ],
        "drugs": [agent.id for agent in answer.agents],
        "knockdown": list(answer.knockdown),
        "verdict": answer.verdict,
        "outputs": {
            node: level_name(answer.levels[node]) for node in (*_MAIN, *(n for n in answer.levels if n not in _MAIN))
        },
        "routes": [list(route) for route in answer.routes],
        "rescue": None if rescues is None else [_rescue(rescue) for rescue in rescues],
        "worlds": [_world(world, mechanism, language) for world in answer.worlds],
        "because": answer.because[language],
        "adaptive": [feedback.text[language] for feedback in answer.feedback],
        "notes": [note[language] for note in answer.notes],
        "steps": [_edge(edge, language) for edge in steps(answer, mechanism)],
        "tiers": [_tiered(pair, language) for pair in tiers],
        "knowledge": {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256},
    }


def _tiered(pair: Tiered, language: Language) -> dict[str, Any]:
    return {
        "alteration": pair.alteration,
        "drugs": list(pair.drugs),
        "tumour": pair.tumour,
        "tiers": {tier.scale: {"tier": tier.tier, "means": tier.text[language]} for tier in pair.tiers},
        "approved": dict(pair.approved),
        "as_of": pair.as_of,
        "references": list(pair.references),
        "certainty": pair.certainty,
        "note": pair.note[language] if pair.note else None,
    }


def _rescue(rescue: Rescue) -> dict[str, Any]:
    return {
        "targets": list(rescue.targets),
        "drugs": list(rescue.drugs),
        "support": list(rescue.findings) or MECHANISM_ONLY,
        "coverage": rescue.coverage,
        "overlapping_toxicity": list(rescue.overlap),
        "laboratory": rescue.laboratory,
    }


def _world(world: WorldAnswer, mechanism: Mechanism, language: Language) -> dict[str, Any]:
    return {
        "phase": mechanism.teller.phase(world.world)[language],
        "verdict": world.verdict,
        "outputs": {node: level_name(world.levels[node]) for node in _MAIN},
        "routes": [list(route) for route in world.routes],
        "effects": [_used(used) for used in world.used],
    }


def _used(used: Used) -> dict[str, Any]:
    return {
        "drug": used.agent.name.en,
        "node": used.node,
        "allele": sorted(used.haplotype),
        "effect": next(iter(used.effects)) if used.known else "unknown",
        "possible": sorted(used.effects),
        "references": list(dict.fromkeys(cell.reference.text for cell in used.cells)),
        "certainty": list(dict.fromkeys(cell.reference.certainty for cell in used.cells)),
        "basis": list(dict.fromkeys(cell.basis for cell in used.cells if cell.basis)),
    }


def _edge(edge: Edge, language: Language) -> dict[str, Any]:
    reference = edge.reference
    return {
        "from": [source.node for source in edge.by] + [f"{lost} lost" for lost in edge.without],
        "to": edge.to,
        "reference": reference.text,
        "certainty": reference.certainty,
        "context": reference.context[language] if reference.context else None,
        "dispute": reference.dispute[language] if reference.dispute else None,
    }


def steps(answer: Answer, mechanism: Mechanism) -> list[Edge]:
    """The rows of the network that the open routes run along, in their order."""
    pairs = {(one, other) for route in answer.routes for one, other in pairwise(route)}
    heads = {route[0] for route in answer.routes}
    found: dict[int, Edge] = {}
    for world in answer.worlds:
        levels = mechanism.wiring.levels(world.world, world.caps)
        for edge in mechanism.wiring.driving(levels):
            drivers = {source.node for source in edge.by} | set(edge.without)
            ligand = edge.to in heads and any(mechanism.network.nodes[node].kind == "ligand" for node in drivers)
            if ligand or any((driver, edge.to) in pairs for driver in drivers):
                found[id(edge)] = edge
    return list(found.values())


def resistance_lines(
    answer: Answer,
    mechanism: Mechanism,
    rescues: Sequence[Rescue] | None,
    tiers: Sequence[Tiered],
    knowledge: Knowledge,
    language: Language,
) -> Iterator[str]:
    """The answer for the terminal."""
    network = mechanism.network

    def word(name: str, **parts: object) -> str:
        return _WORDS[name].format(**parts)[language]

    comma = "、" if language == "zh" else ", "
    semicolon = "；" if language == "zh" else "; "
    yield word("verdict", verdict=VERDICT[answer.verdict])
    yield "  " + word(
        "genotype", genotype=semicolon.join(_named(entry, mechanism, language) for entry in answer.genotype.entries)
    )
    if answer.agents:
        yield "  " + word("drugs", drugs=" + ".join(agent.name[language] for agent in answer.agents))
    if answer.knockdown:
        yield "  " + word("ligand and knockdown", nodes=comma.join(answer.knockdown))
    shown = [
        f"{network.nodes[node].name[language]} {_WORDS['unknown level' if level is None else LEVELS[level]][language]}"
        for node, level in answer.levels.items()
    ]
    if answer.verdict != "outside the network":
        yield "  " + word("outputs", outputs=comma.join(shown))
    yield word("because", text=answer.because)
    if len(answer.worlds) > 1:
        for world in answer.worlds:
            yield "  " + word("world", phase=mechanism.teller.phase(world.world), verdict=VERDICT[world.verdict])
            yield from (f"    {ARROW.join(route)}" for route in world.routes)
    elif answer.routes:
        yield word("routes")
        for route in answer.routes:
            yield "  " + ARROW.join(route)
    told = _cells(answer, mechanism, language, word)
    if told:
        yield word("cells")
        yield from told
    if answer.verdict in ("resistant", "partial", "not known"):
        if rescues is None:
            yield word("without clingo")
        elif rescues:
            yield word("rescue")
            for rescue in rescues:
                yield "  " + rescue_line(rescue, mechanism, knowledge.findings, language)
        elif answer.verdict != "not known":
            yield word("no rescue")
    if tiers:
        yield word("tiers")
        yield from ("  " + tier_line(pair, mechanism, language) for pair in tiers)
    if answer.routes:
        yield word("edges")
        for edge in steps(answer, mechanism):
            yield from _edge_lines(edge, word, language)
    if answer.notes or answer.feedback:
        yield word("notes")
        yield from (f"  {note[language]}" for note in answer.notes)
        yield from ("  " + word("adaptive", text=feedback.text) for feedback in answer.feedback)
    yield word("notice", version=knowledge.version, date=knowledge.date)


def rescue_line(rescue: Rescue, mechanism: Mechanism, findings: Findings, language: Language) -> str:
    """One rescue set in words, with the studies that stand behind it."""
    comma = "、" if language == "zh" else ", "
    support = (
        _WORDS["findings"].format(studies=comma.join(_studies(rescue, findings)), count=len(rescue.findings))
        if rescue.findings
        else _WORDS["mechanism only"]
    )
    overlap = Text("", "")
    if rescue.overlap:
        overlap = _WORDS["overlap"].format(
            names=Text(
                ", ".join(rescue.overlap), "、".join(mechanism.network.toxicity[name] for name in rescue.overlap)
            )
        )
    if rescue.laboratory:
        overlap = Text(overlap.en + _WORDS["laboratory"].en, overlap.zh + _WORDS["laboratory"].zh)
    drugs = " + ".join(mechanism.network.agent(inn).name[language] for inn in rescue.drugs)
    return _WORDS["rescue one"].format(
        targets=" + ".join(rescue.targets), drugs=drugs, support=support, overlap=overlap
    )[language]


def _studies(rescue: Rescue, findings: Findings) -> list[str]:
    return list(dict.fromkeys(findings.get(id_).study or id_ for id_ in rescue.findings))


def tier_line(pair: Tiered, mechanism: Mechanism, language: Language) -> str:
    """One alteration–drug pair with its tier on each scale."""
    drugs = mechanism.network.vocabulary.drugs
    names = [
        drug.name[language] if (drug := drugs.get(name)) else drugs.class_name(name)[language] for name in pair.drugs
    ]
    comma = "、" if language == "zh" else ", "
    return _WORDS["tier"].format(
        alteration=mechanism.network.alteration_name(pair.alteration),
        drugs=" + ".join(names),
        tiers=comma.join(f"{tier.scale.upper()} {tier.tier}" for tier in pair.tiers),
        as_of=pair.as_of,
        certainty=WORDS[pair.certainty],
    )[language]


def _named(entry: Any, mechanism: Mechanism, language: Language) -> str:
    name = mechanism.network.alteration_name(entry.id)[language]
    return f"{name}/{entry.phase}" if entry.phase else name


def _cells(answer: Answer, mechanism: Mechanism, language: Language, word: Any) -> list[str]:
    lines: dict[str, None] = {}
    for world in answer.worlds:
        for used in mechanism.teller.telling(world):
            effect = next(iter(used.effects)) if used.known else "unknown"
            cell: Cell | None = used.cells[0] if used.cells else None
            basis = f"{word(cell.basis)}{'：' if language == 'zh' else ': '}" if cell and cell.basis else ""
            reference = cell.reference.text if cell else "–"
            lines[
                "  "
                + word(
                    "cell",
                    drug=used.agent.name,
                    allele=mechanism.teller.allele(used.node, used.haplotype),
                    effect=EFFECT[effect],
                    basis=basis,
                    reference=f"{reference}; {WORDS[cell.reference.certainty][language]}" if cell else reference,
                )
            ] = None
    return list(lines)


def _edge_lines(edge: Edge, word: Any, language: Language) -> Iterator[str]:
    drivers = [source.node for source in edge.by] + [f"{lost} –" for lost in edge.without]
    reference = edge.reference
    yield "  " + word(
        "edge", from_=" + ".join(drivers), to=edge.to, reference=reference.text, certainty=WORDS[reference.certainty]
    )
    if reference.context:
        yield f"    {reference.context[language]}"
    if reference.dispute:
        yield "    " + word("disputed", text=reference.dispute, reference=reference.disputed_by or "")
