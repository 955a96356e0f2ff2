"""Who a result is of beside its arm, and the criterion a response is judged by."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import ahocorasick

from tumorboard.evidence.findings import Population
from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.lexicon import small_letters, whole_word
from tumorboard.reading.study import Mentioned, Study

_LONGEST_ABBREVIATION = 5  # Latin names up to this length are read only in the case they are listed in


@dataclass(frozen=True, slots=True)
class Said:
    """A word about the patients or the criterion: ``disease``, ``stage`` or ``criterion``, and its one name."""

    kind: str
    name: str
    start: int
    end: int


@dataclass(slots=True)
class Patients:
    """What the text has said so far of the patients of one study."""

    said: dict[str, str] = field(default_factory=dict)
    biomarker: str | None = None
    prior: str | None = None


class PatientReader:
    def __init__(self, folder: KnowledgeFolder) -> None:
        data = folder.read("reading/patients.yaml")
        self._judged = frozenset(data["judged"])
        self._parents: dict[str, frozenset[str]] = {}
        names: dict[str, tuple[str, str, str]] = {}
        for entry in folder.read("vocabulary/diseases.yaml")["diseases"]:
            if entry.get("tumour"):
                self._parents[entry["id"]] = frozenset(entry.get("parents", ()))
                for form in (entry["id"], entry["zh"], *entry.get("names", ())):
                    names[form.lower()] = ("disease", entry["id"], form)
        for kind, heading in (("stage", "stages"), ("criterion", "criteria")):
            for name, forms in data[heading].items():
                for form in forms:
                    names[form.lower()] = (kind, name, form)
        self._automaton = ahocorasick.Automaton()
        for folded, entry in names.items():
            self._automaton.add_word(folded, (len(folded), *entry))
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Said]:
        """Everything said of patients in ``text``, from left to right, the longest name at each place."""
        spots = [
            (last - size + 1, last + 1, *entry) for last, (size, *entry) in self._automaton.iter(small_letters(text))
        ]
        found: list[Said] = []
        reached = 0
        for start, end, kind, name, form in sorted(spots, key=lambda spot: (spot[0], -spot[1])):
            short = form.isascii() and len(form) <= _LONGEST_ABBREVIATION
            if start >= reached and whole_word(text, start, end) and (not short or text[start:end] == form):
                found.append(Said(kind, name, start, end))
                reached = end
        return found

    def note(
        self, patients: Patients, said: Sequence[Said], groups: Sequence[Mentioned], mentioned: Sequence[Mentioned]
    ) -> None:
        """Adds what a sentence says; the first word of a kind stays, but for a disease that narrows the one before."""
        for word in said:
            known = patients.said.get(word.kind)
            if known is None or (word.kind == "disease" and known in self._parents.get(word.name, ())):
                patients.said[word.kind] = word.name
        if patients.biomarker is None:
            patients.biomarker = next((g.names[0] for g in groups if g.marker.isupper() and " " in g.names[0]), None)
        if patients.prior is None:
            patients.prior = next((m.text for m in mentioned if m.role == "prior" and m.names), None)

    def criterion(self, endpoint: str, said: Sequence[Said], at: int, patients: Patients) -> str | None:
        """The criterion named last before a result in its sentence, else first after it, else the study's."""
        if endpoint not in self._judged:
            return None
        named = [word for word in said if word.kind == "criterion"]
        before = bisect_left(named, at, key=lambda word: word.start)
        if named:
            return named[before - 1].name if before else named[0].name
        return patients.said.get("criterion")

    def population(
        self,
        patients: Patients,
        study: Study,
        groups: Sequence[Mentioned],
        compared: frozenset[str],
        at: int,
        n: int | None,
    ) -> Population:
        """Who the result printed at ``at`` is of; ``groups`` are those its sentence names, but for the ``compared``."""
        mine = [group for group in groups if group.names[0] not in compared and group.end <= at]
        return Population(
            disease=patients.said.get("disease"),
            stage=patients.said.get("stage"),
            biomarker=patients.biomarker,
            line=study.line,
            prior_therapy=patients.prior,
            n=n,
            other=mine[-1].names[0] if mine else None,
        )
