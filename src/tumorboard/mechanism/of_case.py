"""The genotype and the current drugs of a case: what a case file's biomarkers and treatments mean for the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tumorboard.case.read import Case
from tumorboard.errors import InvalidInput, Problem
from tumorboard.mechanism.genotype import Entry, Genotype, genotype_of
from tumorboard.mechanism.network import Agent, Network


@dataclass(frozen=True)
class CaseQuestion:
    """What the network is asked for a case: ``drugs`` are those of its newest line of therapy."""

    genotype: Genotype
    agents: tuple[Agent, ...]
    line: int | None


def question_of(case: Case, network: Network, drugs: Sequence[str] = ()) -> CaseQuestion:
    """The alterations recorded as present, and ``drugs``, or where none is named those of the newest line.

    A resistance marker counts only from a specimen at or after the last progression (reading 8.8 of the definitions).
    Raises InvalidInput where the case records no alteration as present or no treatment.
    """
    alterations = network.vocabulary.alterations
    progressed = max((entry.progressed for entry in case.file.treatments or () if entry.progressed), default=None)
    entries = []
    for number, entry in enumerate(case.file.biomarkers or ()):
        if entry.result != "present" or (entry.date is not None and entry.date > case.as_of):
            continue
        change = f"{entry.change}/{entry.phase}" if entry.change and entry.phase else entry.change
        found = alterations.read(entry.name, change, entry.partner, entry.assay, f"biomarkers[{number}]")
        if alterations.resistance_marker(found.id) and progressed and (entry.date is None or entry.date < progressed):
            continue
        entries.append(
            Entry(found.id, found.phase, network.alters_of(found.id), f"{entry.name} {entry.change or ''}".strip())
        )
    if not entries:
        raise InvalidInput(Problem("biomarkers", "no alteration is recorded as present", "result: present"))
    genotype = genotype_of(entries, network)
    if drugs:
        return CaseQuestion(genotype, tuple(network.agent(name, f"drug[{n}]") for n, name in enumerate(drugs)), None)
    lines = [entry for entry in case.file.treatments or () if entry.start is None or entry.start <= case.as_of]
    if not lines:
        raise InvalidInput(Problem("treatments", "no treatment is recorded", "name the drug with --drug"))
    newest = max(lines, key=lambda entry: (entry.line or 0, entry.start.toordinal() if entry.start else 0))
    agents = [network.agent(name, f"treatments.agents[{number}]") for number, name in enumerate(newest.agents)]
    return CaseQuestion(genotype, tuple(agents), newest.line)
