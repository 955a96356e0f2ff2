"""The whole knowledge of one or more folders: vocabulary, facts, findings, guidelines, cautions, and their version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tumorboard.errors import NotFound, Problem
from tumorboard.evidence import Findings
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.guidelines.load import load_cautions, load_guidelines
from tumorboard.guidelines.model import Caution, Guideline, Option, Slot
from tumorboard.logic.facts import Facts, load_facts
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.recalling import Recall
from tumorboard.vocabulary.drugs import Drugs
from tumorboard.vocabulary.library import Vocabulary


@dataclass(frozen=True)
class Knowledge:
    """Everything the product knows; ``version`` and ``date`` stand on every answer, ``sha256`` covers all files."""

    folder: KnowledgeFolder
    version: str
    date: str
    vocabulary: Vocabulary
    facts: Facts
    findings: Findings
    guidelines: Mapping[str, Guideline]
    cautions: Mapping[tuple[str, str], tuple[Caution, ...]]  # by guideline and option

    @cached_property
    def fast(self) -> FastFacts:
        """The facts compiled for quick verdicts, once for all cases."""
        return FastFacts(self.facts)

    @cached_property
    def recall(self) -> Recall:
        """What was told of facts and rules, once for all cases that are alike in what it rests on."""
        return Recall(self.facts)

    @property
    def sha256(self) -> str:
        return self.folder.sha256

    @classmethod
    def load(cls, *more: Path, root: Path = SHIPPED) -> Knowledge:
        """The shipped knowledge, further folders beside it. Raises InvalidKnowledge with file and line."""
        folder = KnowledgeFolder(root, *more)
        about = folder.read("knowledge.yaml")
        vocabulary = Vocabulary.load(folder)
        facts = load_facts(folder, vocabulary)
        findings = Findings.from_folder(folder)
        guidelines = load_guidelines(folder, facts, findings)
        general = load_cautions(folder, facts, findings)
        cautions = {
            (guideline.id, option.id): tuple(
                caution for caution in general if concerns(caution, option, vocabulary.drugs)
            )
            for guideline in guidelines.values()
            for _, option in guideline.options()
        }
        return cls(folder, about["version"], about["date"], vocabulary, facts, findings, guidelines, cautions)

    def guideline(self, name: str) -> Guideline:
        if name not in self.guidelines:
            raise NotFound(Problem("", f"no guideline {name!r}", f"there are {', '.join(self.guidelines)}"))
        return self.guidelines[name]

    def with_settings(self, chosen: Mapping[str, str]) -> Knowledge:
        """The same knowledge with options of its facts set by name."""
        return replace(self, facts=self.facts.with_settings(chosen)) if chosen else self


def concerns(caution: Caution, option: Option, drugs: Drugs) -> bool:
    """Whether each name the caution is for is in the regimen: as itself, or as a class of one of its drugs."""
    return all(any(_belongs(slot, name, drugs) for slot in option.regimen) for name in caution.for_)


def _belongs(slot: Slot, name: str, drugs: Drugs) -> bool:
    for own in slot.alternatives:
        drug = drugs.get(own)
        if own == name or name in (drugs.ancestors(own) if drug is None else drug.classes):
            return True
    return False
