"""``knowledge list|show|check`` and ``sources add|list``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tumorboard.cli.common import (
    EXAMPLE_DAY,
    KnowledgeOption,
    Lang,
    LangOption,
    load_knowledge,
    new_app,
    to_json,
    write,
)
from tumorboard.errors import InvalidKnowledge, NotFound, Problem, TumorboardError

if TYPE_CHECKING:
    from tumorboard.guidelines.knowledge import Knowledge

app = new_app("What the product knows: drugs, alterations, facts, findings, guidelines.")
sources = new_app("Your own copies of the source papers, tied by their hash.")


class What(StrEnum):
    drugs = "drugs"
    classes = "classes"
    genes = "genes"
    alterations = "alterations"
    diseases = "diseases"
    units = "units"
    facts = "facts"
    parameters = "parameters"
    findings = "findings"
    sources = "sources"
    guidelines = "guidelines"


@app.command("list")
def list_(
    what: Annotated[What, typer.Argument(help="What to list.")],
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """Everything of one kind, a line each: its name, and what it is."""
    known = load_knowledge(knowledge)
    for name, text in _listed(what, known, lang):
        write(f"{name}\t{text}\n", None)


def _listed(what: What, known: Knowledge, lang: Lang) -> Iterator[tuple[str, str]]:
    language = lang.language
    vocabulary = known.vocabulary
    match what:
        case What.drugs:
            yield from ((drug.inn, f"{drug.zh}\t{', '.join(drug.own_classes)}") for drug in vocabulary.drugs)
        case What.classes:
            yield from ((name, vocabulary.drugs.class_name(name).zh) for name in vocabulary.drugs.classes())
        case What.genes:
            yield from ((gene.symbol, ", ".join(gene.names)) for gene in vocabulary.alterations.genes)
        case What.alterations:
            yield from ((name, vocabulary.alterations.name(name)[language]) for name in vocabulary.alterations)
        case What.diseases:
            yield from ((term.id, term.name.zh) for term in vocabulary.terms.diseases.terms.values())
        case What.units:
            yield from ((name, " = ".join(names)) for name, names in vocabulary.terms.units.spellings.items())
        case What.facts:
            yield from ((name, fact.name[language]) for name, fact in known.facts.definitions.items())
        case What.parameters:
            for name, parameter in known.facts.parameters.items():
                choices = " | ".join(map(str, parameter.choices))
                yield name, f"{parameter.name[language]}\t{choices}"
        case What.findings:
            yield from ((f.id, f.claim[language] if f.claim else (f.quote or "")) for f in known.findings)
        case What.sources:
            yield from ((name, source.title[language]) for name, source in known.findings.sources.items())
        case What.guidelines:
            yield from ((name, guideline.name[language]) for name, guideline in known.guidelines.items())


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A drug, alteration, fact, finding, guideline, situation or option.")],
    lang: LangOption = Lang.en,
    knowledge: KnowledgeOption = None,
) -> None:
    """One entry of the knowledge, whole."""
    known = load_knowledge(knowledge)
    write(to_json(_shown(name, known, lang)), None)


def _shown(name: str, known: Knowledge, lang: Lang) -> dict[str, Any]:
    from tumorboard.evidence import as_record
    from tumorboard.guidelines.record import fact_definition, guideline_record, option_record, situation_record

    language = lang.language
    if name in known.facts.definitions:
        return fact_definition(known.facts.definitions[name])
    if name in known.findings:
        return as_record(known.findings.get(name))
    if name in known.guidelines:
        return guideline_record(known.guidelines[name])
    for guideline in known.guidelines.values():
        for situation in guideline.situations:
            if situation.id == name:
                return situation_record(situation)
            for option in situation.options:
                if option.id == name:
                    return option_record(option)
    drug = known.vocabulary.drugs.get(name)
    if drug is not None:
        approvals = [
            {"jurisdiction": a.jurisdiction, "date": a.date, "for": a.indication[language], "source": a.source,
             "certainty": a.certainty}
            for a in drug.approvals
        ]  # fmt: skip
        return {
            "inn": drug.inn, "zh": drug.zh, "names": list(drug.names), "classes": sorted(drug.classes),
            "targets": list(drug.targets), "approvals": approvals,
        }  # fmt: skip
    try:
        alteration = known.vocabulary.alterations.parse(name)
    except TumorboardError as error:
        raise NotFound(
            Problem("", f"nothing is called {name!r}", "`tumorboard knowledge list …` lists names")
        ) from error
    above = sorted(known.vocabulary.alterations.above(alteration.id) - {alteration.id})
    return {
        "id": alteration.id, "gene": alteration.gene, "change": alteration.change, "partner": alteration.partner,
        "name": known.vocabulary.alterations.name(alteration.id).as_dict(), "classes": above,
    }  # fmt: skip


@app.command()
def check(knowledge: KnowledgeOption = None) -> None:
    """Load and check everything: rules, names, grades against their rule, examples, quotes against added sources."""
    from tumorboard.advice.examples import check_guidelines
    from tumorboard.evidence import default_store, stored_texts, verify
    from tumorboard.logic.examples import check_examples

    known = load_knowledge(knowledge)
    texts = stored_texts(known.findings, default_store(os.environ))
    problems = [
        *check_examples(known.facts, known.vocabulary, EXAMPLE_DAY),
        *check_guidelines(known, EXAMPLE_DAY),
        *verify(known.findings, known.findings.sources, texts),
    ]
    examples = sum(len(fact.examples) for fact in known.facts.definitions.values())
    write(
        f"{len(known.vocabulary.drugs)} drugs, {len(known.vocabulary.alterations)} alterations, "
        f"{len(known.facts.definitions)} facts with {examples} examples, {len(known.findings)} findings, "
        f"{len(known.guidelines)} guidelines with {sum(len(g.options()) for g in known.guidelines.values())} options\n",
        None,
    )
    for guideline in known.guidelines.values():
        for difference in guideline.differences():
            write(f"{guideline.id}: {difference}\n", None)
    documents = [source for source in known.findings.sources.values() if source.is_document]
    write(f"quotes verified in {len(texts)} of {len(documents)} source texts (`tumorboard sources add FILE`)\n", None)
    if problems:
        raise InvalidKnowledge(*problems)


@sources.command("add")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The text of a source paper.")],
    knowledge: KnowledgeOption = None,
) -> None:
    """Tie your own copy of a source text by its hash, so that every quote is verified and shown in its context."""
    from tumorboard.evidence import add_source, default_store

    known = load_knowledge(knowledge)
    source = add_source(file, known.findings, default_store(os.environ))
    count = sum(1 for finding in known.findings.of_source(source.id) if finding.place)
    write(f"{source.id}: {count} quotes verified\n", None)


@sources.command("list")
def list_sources(lang: LangOption = Lang.en, knowledge: KnowledgeOption = None) -> None:
    """The sources findings come from, and which of their texts you have added."""
    from tumorboard.evidence import default_store, stored_texts

    known = load_knowledge(knowledge)
    texts = stored_texts(known.findings, default_store(os.environ))
    for name, source in known.findings.sources.items():
        if source.is_document:
            state = "added" if name in texts else "not added"
            write(f"{name}\t{state}\t{source.title[lang.language]}\n", None)


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="knowledge")
    parent.add_typer(sources, name="sources")
