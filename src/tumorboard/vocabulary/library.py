"""The whole vocabulary of a knowledge folder."""

from __future__ import annotations

from dataclasses import dataclass

from tumorboard.folder import KnowledgeFolder
from tumorboard.vocabulary.alterations import Alterations
from tumorboard.vocabulary.drugs import Drugs
from tumorboard.vocabulary.studies import StudyWords
from tumorboard.vocabulary.terms import CaseTerms


@dataclass(frozen=True)
class Vocabulary:
    drugs: Drugs
    alterations: Alterations
    terms: CaseTerms
    studies: StudyWords

    @classmethod
    def load(cls, folder: KnowledgeFolder) -> Vocabulary:
        """From the folder's ``vocabulary/``; InvalidKnowledge where a file contradicts itself or another."""
        files = dict(folder.under("vocabulary"))
        drug_files = [name for name in files if name.startswith("vocabulary/drugs-")]
        named = [name.removeprefix("vocabulary/") for name in ("vocabulary/drug-classes.yaml", *drug_files)]
        return cls(
            drugs=Drugs.from_data(
                files["vocabulary/drug-classes.yaml"], [files[name] for name in drug_files], "vocabulary", named
            ),
            alterations=Alterations.from_data(
                folder.read("vocabulary/genes.yaml"), folder.read("vocabulary/alterations.yaml"), "vocabulary"
            ),
            terms=CaseTerms.from_data(
                folder.read("vocabulary/terms.yaml"),
                folder.read("vocabulary/diseases.yaml"),
                folder.read("vocabulary/observations.yaml"),
                folder.read("vocabulary/analytes.yaml"),
            ),
            studies=StudyWords.from_data(folder.read("vocabulary/studies.yaml")),
        )
