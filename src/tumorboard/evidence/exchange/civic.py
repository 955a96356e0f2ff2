"""CIViC's table of clinical evidence (25 columns, content CC0): each evidence item a finding, and a report of the rest.

CIViC's words stay CIViC's: its level A to E is no level of evidence of ours and stands in ``design``, its statement
in a remark. Names are read by the vocabulary; one that it does not know is kept as written and reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tumorboard.errors import InvalidInput, Problem, TumorboardError
from tumorboard.evidence.exchange.entries import Imported, read_entries
from tumorboard.evidence.sources import Source
from tumorboard.vocabulary.library import Vocabulary

COLUMNS = (
    *("molecular_profile", "molecular_profile_id", "disease", "doid", "phenotypes", "therapies"),
    *("therapy_interaction_type", "evidence_type", "evidence_direction", "evidence_level", "significance"),
    *("evidence_statement", "citation_id", "source_type", "asco_abstract_id", "citation", "nct_ids", "rating"),
    *("evidence_status", "evidence_id", "variant_origin", "last_review_date", "evidence_civic_url"),
    *("molecular_profile_civic_url", "is_flagged"),
)
SOURCE = "update:CIViC"
_KINDS = {
    "Predictive": "efficacy", "Prognostic": "prognosis", "Diagnostic": "diagnosis", "Predisposing": "predisposition",
    "Oncogenic": "oncogenicity", "Functional": "function",
}  # fmt: skip
_DIRECTIONS = ("Supports", "Does Not Support", "")
_LEVELS = {
    "A": "validated association", "B": "clinical evidence", "C": "case study", "D": "preclinical evidence",
    "E": "inferential association",
}  # fmt: skip
_RATINGS = ("", "1", "2", "3", "4", "5")
_UNUSED = ("molecular_profile_id", "doid", "phenotypes", "asco_abstract_id", "evidence_civic_url",
           "molecular_profile_civic_url", "last_review_date", "variant_origin")  # fmt: skip
_JOINED = re.compile(r"(\s+(?:AND|OR)\s+|\bNOT\s+|[()])")
_COMBINED = {"Combination": " + ", "Sequential": " then ", "Substitutes": " or "}
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class CivicImport:
    """What a file of CIViC gave.

    ``mapped`` counts the names the vocabulary knows and ``unmapped`` those it does not, by kind (variant, therapy,
    disease) and name; ``not_accepted`` are items whose status is not *accepted*; ``unused`` are columns that have
    values but no place in a finding.
    """

    read: Imported
    mapped: Mapping[str, int]
    unmapped: Mapping[tuple[str, str], int]
    not_accepted: int
    unused: tuple[str, ...]


def civic_import(text: str, name: str, vocabulary: Vocabulary, sources: Mapping[str, Source]) -> CivicImport:
    """The accepted evidence items of a CIViC file as findings of the source ``update:CIViC``.

    Raises InvalidInput where the header is not CIViC's; a row that is wrong is told, with its line, and left out.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    header = lines[0].split("\t")
    if header != list(COLUMNS):
        absent = [column for column in COLUMNS if column not in header]
        what = f"lacks the column {absent[0]}" if absent else "has other columns, or in another order"
        raise InvalidInput(Problem(f"{name}:1", what, f"the {len(COLUMNS)} columns of CIViC's evidence summaries"))
    names = _Names(vocabulary)
    entries: list[tuple[str, object]] = []
    problems: list[Problem] = []
    used: set[str] = set()
    rows = not_accepted = 0
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            row = _row(line, place)
        except TumorboardError as error:
            rows += 1
            problems += error.problems
            continue
        if row["evidence_status"] != "accepted":
            not_accepted += 1
            continue
        rows += 1
        used |= {column for column in _UNUSED if row[column]}
        entries.append((place, _entry(row, names)))
    read = read_entries(entries, sources)
    imported = Imported(read.findings, (*problems, *read.problems), rows)
    unused = tuple(column for column in _UNUSED if column in used)
    return CivicImport(imported, names.mapped, names.unmapped, not_accepted, unused)


class _Names:
    """Reads names by the vocabulary and keeps count of those it knows and does not know."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.mapped: Counter[str] = Counter()
        self.unmapped: Counter[tuple[str, str]] = Counter()

    def variant(self, written: str) -> str:
        """The molecular profile with each variant in it by its own name; ``v::w Fusion`` is one variant."""
        parts = _JOINED.split(written)  # variants at even places, what joins them between
        return "".join(part if place % 2 else self._one_variant(part) for place, part in enumerate(parts))

    def _one_variant(self, written: str) -> str:
        if not written.strip():
            return written
        try:
            found = self._vocabulary.alterations.parse(written.strip())
        except TumorboardError:  # unknown, or it contradicts the gene's sequence: kept as written and reported
            self.unmapped["variant", written.strip()] += 1
            return written
        self.mapped["variant"] += 1
        return f"{found.id} ({found.partner})" if found.partner else found.id

    def therapy(self, written: str) -> tuple[str, str]:
        """The drug in English and Chinese."""
        drug = self._vocabulary.drugs.get(written)
        if drug is None:
            self.unmapped["therapy", written] += 1
            return written, written
        self.mapped["therapy"] += 1
        return drug.inn, drug.zh

    def disease(self, written: str) -> tuple[str, str]:
        term = self._vocabulary.terms.diseases.find(written)
        if term is None:
            self.unmapped["disease", written] += 1
            return written, written
        self.mapped["disease"] += 1
        return term.id, term.name.zh


def _row(line: str, place: str) -> dict[str, str]:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise InvalidInput(Problem(place, f"has {len(cells)} columns", f"{len(COLUMNS)}, as the header"))
    row = {column: cell.strip() for column, cell in zip(COLUMNS, cells, strict=True)}
    problems = []
    if not row["evidence_id"].isdecimal():
        problems.append(Problem(place, f"evidence_id must be a whole number, not {row['evidence_id']!r}"))
    if not row["molecular_profile"]:
        problems.append(Problem(place, "molecular_profile is empty"))
    closed = {"evidence_type": _KINDS, "evidence_direction": _DIRECTIONS, "evidence_level": _LEVELS, "rating": _RATINGS}
    for column, allowed in closed.items():
        if row[column] not in allowed:
            known = ", ".join(filter(None, allowed))
            problems.append(Problem(place, f"{column} {row[column]!r} is not known", f"one of {known}"))
    if problems:
        raise InvalidInput(*problems)
    return row


def _entry(row: Mapping[str, str], names: _Names) -> dict[str, object]:
    variant = names.variant(row["molecular_profile"])
    disease, disease_zh = names.disease(row["disease"]) if row["disease"] else ("", "")
    drugs = [names.therapy(part.strip()) for part in row["therapies"].split(",") if part.strip()]
    sign = _COMBINED.get(row["therapy_interaction_type"], " + ")
    drug, drug_zh = (sign.join(side) for side in (zip(*drugs, strict=True) if drugs else ((), ())))
    says = f"{row['significance'] or row['evidence_type']} ({row['evidence_direction'] or 'no direction'})"
    level = row["evidence_level"]
    entry: dict[str, object] = {
        "id": f"CIViC-EID{row['evidence_id']}",
        "kind": _KINDS[row["evidence_type"]],
        "source": SOURCE,
        "certainty": "verified",
        "study": "; ".join(filter(None, (row["citation"], row["nct_ids"], _citation_id(row)))),
        "design": f"CIViC level {level} ({_LEVELS[level]})",
        "population": {"biomarker": variant} | ({"disease": disease} if disease else {}),
        "direction": f"{row['evidence_type']}: {says}",
        "claim": {
            "en": f"CIViC EID{row['evidence_id']}: " + ", ".join(filter(None, (variant, disease, drug))) + f": {says}",
            "zh": f"CIViC EID{row['evidence_id']}："
            + "，".join(filter(None, (variant, disease_zh, drug_zh)))
            + f"：{says}",
        },
    }
    if drug:
        entry["intervention"] = drug
    if year := _YEAR.search(row["citation"]):
        entry["date"] = year[0]
    said = {
        "civic_statement": row["evidence_statement"],
        "civic_rating": row["rating"] and f"{row['rating']}/5",
        "civic_flagged": "flagged by CIViC" if row["is_flagged"].lower() == "true" else "",
    }
    entry["remarks"] = [{"kind": kind, "text": {"en": text, "zh": text}} for kind, text in said.items() if text]
    return entry


def _citation_id(row: Mapping[str, str]) -> str:
    return f"{row['source_type']} {row['citation_id']}".strip() if row["citation_id"] else ""
