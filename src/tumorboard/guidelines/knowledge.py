"""The whole knowledge of one or more folders: vocabulary, facts, findings, guidelines, cautions, and their version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tumorboard.errors import NotFound, Problem
from tumorboard.evidence import Findings
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.guidelines.load import load_cautions, load_guidelines
from tumorboard.guidelines.model import Caution, Guideline
from tumorboard.logic.facts import Facts, load_facts
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
    cautions: tuple[Caution, ...]

    @property
    def sha256(self) -> str:
        return self.folder.sha256

    @classmethod
    def load(cls, *more: Path, root: Path = SHIPPED) -> Knowledge:
        """The shipped knowledge with the files of further folders beside it. Raises InvalidKnowledge with file and line."""
        folder = KnowledgeFolder(root, *more)
        about = folder.read("knowledge.yaml")
        vocabulary = Vocabulary.load(folder)
        facts = load_facts(folder, vocabulary)
        findings = Findings.from_folder(folder)
        guidelines = load_guidelines(folder, facts, findings)
        cautions = load_cautions(folder, facts, findings)
        return cls(folder, about["version"], about["date"], vocabulary, facts, findings, guidelines, cautions)

    def guideline(self, name: str) -> Guideline:
        if name not in self.guidelines:
            raise NotFound(Problem("", f"no guideline {name!r}", f"there are {', '.join(self.guidelines)}"))
        return self.guidelines[name]

    def with_settings(self, chosen: Mapping[str, str]) -> Knowledge:
        """The same knowledge with options of its facts set by name."""
        return replace(self, facts=self.facts.with_settings(chosen)) if chosen else self
