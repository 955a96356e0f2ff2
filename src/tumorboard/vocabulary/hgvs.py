"""Protein changes as laboratories write them, read into the one form HGVS gives an event (https://hgvs-nomenclature.org).

One event has many spellings: three-letter or one-letter residues, deleted residues listed or not, an insertion that in
truth repeats what stands before it, a stretch that could be cut out in two places. :func:`read` takes the spelling,
:func:`normal` brings the event to its form: the shortest description, shifted as far towards the C-terminus as the
sequence allows (the 3' rule), and a repeat is written as a duplication.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tumorboard.vocabulary.names import key

Kind = Literal["substitution", "deletion", "duplication", "insertion", "delins", "frameshift", "stop"]
Effect = Literal["substitution", "insertion", "deletion", "replacement", "truncation"]
EFFECTS: tuple[Effect, ...] = ("substitution", "insertion", "deletion", "replacement", "truncation")

_LETTERS = {
    "ALA": "A", "ARG": "R", "ASN": "N", "ASP": "D", "CYS": "C", "GLN": "Q", "GLU": "E",
    "GLY": "G", "HIS": "H", "ILE": "I", "LEU": "L", "LYS": "K", "MET": "M", "PHE": "F",
    "PRO": "P", "SER": "S", "THR": "T", "TRP": "W", "TYR": "Y", "VAL": "V",
}  # fmt: skip
_ONE, _THREE = f"[{''.join(_LETTERS.values())}]", f"(?:{'|'.join(_LETTERS)})"
_STOP = r"(?:\*|TER|STOP)"
_LONGEST_PROTEIN = 40_000  # titin has some 35 000 residues


def _pattern(residue: str) -> re.Pattern[str]:
    span = rf"(?P<first>{residue})(?P<start>\d+)(?:(?P<last>{residue})(?P<end>\d+))?"
    listed = f"{residue}*?"
    return re.compile(
        rf"(?:P(?={residue}\d|DEL))?(?P<ahead>DEL(?={residue}\d))?{span}(?:"
        rf"(?P<frameshift>{residue}?(?:FS|FRAMESHIFT)(?:(?:{_STOP}|X)\d*|\?)?)"
        rf"|(?P<stop>{_STOP})"
        rf"|(?P<new>{residue}|=)"
        rf"|(?:DEL(?P<deleted>{listed})(?:INS|>)|>)(?P<put>{residue}+)"
        rf"|DEL(?P<dropped>{listed})"
        rf"|DUP(?P<doubled>{listed})"
        rf"|INS(?P<added>{listed})"
        rf"|(?P<bare>))"
    )


_PATTERNS = (_pattern(_THREE), _pattern(_ONE))
_ANY_RESIDUE = re.compile(rf"P?(?:{_ONE}\d+X|{_THREE}\d+XAA)")
_LETTER = re.compile(f"{_THREE}|{_ONE}")
_SPELT_OUT = re.compile("|".join(name.capitalize() for name in _LETTERS))
_TRANSCRIPT = re.compile(r"[NXE][MPN][S\d][^:]*:")
_CODING = re.compile(r"C(?P<base>\d+)[^()]*?(?P<swap>[ACGT]>[ACGT])?[;,]?\(?(?P<protein>P.+?)\)?")


@dataclass(frozen=True, slots=True)
class ProteinChange:
    """One change of a protein; ``str`` is its HGVS form with one-letter residues (``p.E746_A750del``).

    ``start`` and ``end`` are residue numbers from 1, ``first`` and ``last`` the residues there; for an insertion they
    are the two neighbours. ``new`` holds the residues put in, empty for deletion, duplication, frameshift, stop and an
    insertion whose residues were not reported.
    """

    kind: Kind
    start: int
    first: str
    end: int
    last: str
    new: str = ""

    @property
    def effect(self) -> Effect:
        """What it does to the protein's length, which is what classes such as *exon 20 insertion* go by."""
        match self.kind:
            case "substitution":
                return "substitution"
            case "frameshift" | "stop":
                return "truncation"
            case "insertion" | "duplication":
                return "insertion"
            case "deletion":
                return "deletion"
            case "delins":
                gain = len(self.new) - (self.end - self.start + 1)
                return "insertion" if gain > 0 else "deletion" if gain < 0 else "replacement"

    def __str__(self) -> str:
        span = f"p.{self.first}{self.start}"
        if self.end != self.start:
            span += f"_{self.last}{self.end}"
        endings = {
            "deletion": "del",
            "duplication": "dup",
            "insertion": "ins",
            "delins": "delins",
            "frameshift": "fs",
            "stop": "*",
        }
        return f"{span}{endings.get(self.kind, '')}{self.new}"


def read(text: str) -> ProteinChange | None:
    """The change written in ``text`` in any spelling, or None where it is not a protein change at all.

    Raises ValueError, saying what is wrong, for one that contradicts itself: neighbours that are none, a list of
    residues that does not fit its range, no change, a DNA change that concerns another residue.
    """
    spelled = _TRANSCRIPT.sub("", key(text).upper())
    found, coding = _found(spelled), None
    if found is None and (coding := _CODING.fullmatch(spelled)):  # only then: C797dup is no DNA change before a p.
        spelled = coding["protein"]
        found = _found(spelled)
    spelled = _bare(spelled)
    if found is None:
        if _ANY_RESIDUE.fullmatch(spelled):
            raise ValueError(
                "X stands for any residue to some and for a stop to others; write the residue, or * for a stop"
            )
        return None
    if len(found["first"]) == 1 and _SPELT_OUT.search(text):  # insAla would be read as alanine, leucine, alanine
        raise ValueError("it mixes one-letter and three-letter residues")
    change = _change(found)
    if (
        change
        and coding
        and coding["swap"]
        and change.kind == "substitution"
        and (int(coding["base"]) + 2) // 3 != change.start
    ):
        raise ValueError(f"base {coding['base']} lies in codon {(int(coding['base']) + 2) // 3}, not {change.start}")
    return change


def _bare(spelled: str) -> str:
    return spelled.replace("(", "").replace(")", "")


def _found(spelled: str) -> re.Match[str] | None:
    return next((match for pattern in _PATTERNS if (match := pattern.fullmatch(_bare(spelled)))), None)


def _letters(residues: str | None) -> str:
    if not residues:
        return ""
    return "".join(_LETTERS.get(residue, residue) for residue in _LETTER.findall(residues))


def _listed(found: re.Match[str], group: str) -> str:
    """Residues in the spelling of the match: one-letter after a one-letter span (where ALA is three residues)."""
    residues = found[group] or ""
    return residues if len(found["first"]) == 1 else _letters(residues)


def _change(found: re.Match[str]) -> ProteinChange | None:
    first, start = _letters(found["first"]), int(found["start"])
    last, end = (_letters(found["last"]), int(found["end"])) if found["end"] else (first, start)
    if not 1 <= start <= end <= _LONGEST_PROTEIN or (start == end and first != last):
        raise ValueError(f"{first}{start} to {last}{end} is no stretch of a protein")

    def made(kind: Kind, new: str = "") -> ProteinChange:
        return ProteinChange(kind, start, first, end, last, new)

    at = made("deletion")
    if found["ahead"]:  # del E746_A750 as some write it, with what replaces it behind
        if found["bare"] is not None:
            return at
        if found["added"]:
            return made("delins", _listed(found, "added"))
        return None
    if found["bare"] is not None:
        return None
    if found["frameshift"] or found["stop"] or found["new"]:
        if end != start:
            raise ValueError("it names a stretch where one residue is meant")
        if found["new"]:
            new = _listed(found, "new") if found["new"] != "=" else first
            if new == first:
                raise ValueError("it leaves the residue as it is")
            return made("substitution", new)
        return made("frameshift" if found["frameshift"] else "stop")
    if found["put"]:
        _fits(at, _listed(found, "deleted"))
        return made("delins", _listed(found, "put"))
    if found["added"] is not None:
        if end != start + 1:
            raise ValueError(
                "an insertion stands between two neighbouring residues; where residues are lost too write delins"
            )
        return made("insertion", _listed(found, "added"))
    if found["doubled"] is not None:
        _fits(at, _listed(found, "doubled"))
        return made("duplication")
    _fits(at, _listed(found, "dropped"))
    return at


def _fits(at: ProteinChange, listed: str) -> None:
    length = at.end - at.start + 1
    if listed and (len(listed) != length or (listed[0], listed[-1]) != (at.first, at.last)):
        raise ValueError(f"{at.first}{at.start} to {at.last}{at.end} is {length} long and can't be {listed}")


def contradiction(change: ProteinChange, sequence: Mapping[int, str]) -> str | None:
    """Where the change names a residue that the protein (number → letter, as far as it is known) doesn't have there."""
    for number, letter in ((change.start, change.first), (change.end, change.last)):
        there = sequence.get(number, letter)
        if there != letter:
            return f"residue {number} is {there}, not {letter}"
    return None


def normal(change: ProteinChange, sequence: Mapping[int, str]) -> ProteinChange:
    """The one form of the event, as far as ``sequence`` (number → letter) is known.

    Raises ValueError where it contradicts the sequence or changes nothing.
    """
    if wrong := contradiction(change, sequence):
        raise ValueError(wrong)
    if change.kind in ("substitution", "frameshift", "stop") or (change.kind == "insertion" and not change.new):
        return change
    known = {**sequence, change.start: change.first, change.end: change.last}
    # The event as a cut: residues low to high - 1 go, ``new`` comes in their place.
    if change.kind == "insertion":
        low = high = change.end
        new = change.new
    elif change.kind == "duplication":
        low = high = change.end + 1
        copied = [known.get(number, "") for number in range(change.start, change.end + 1)]
        if not all(copied):
            return change
        new = "".join(copied)
    else:
        low, high, new = change.start, change.end + 1, change.new
    low, high, new = _trimmed(low, high, new, known)
    low, high, new = _shifted(low, high, new, known)
    return _named(low, high, new, known) or change


def _trimmed(low: int, high: int, new: str, known: Mapping[int, str]) -> tuple[int, int, str]:
    while low < high and new and known.get(low) == new[0]:
        low, new = low + 1, new[1:]
    while low < high and new and known.get(high - 1) == new[-1]:
        high, new = high - 1, new[:-1]
    if low == high and not new:
        raise ValueError("it puts back what it takes out")
    return low, high, new


def _shifted(low: int, high: int, new: str, known: Mapping[int, str]) -> tuple[int, int, str]:
    if low == high:
        while known.get(low) == new[0]:
            low, new = low + 1, new[1:] + new[0]
        return low, low, new
    while not new and low in known and known[low] == known.get(high):
        low, high = low + 1, high + 1
    return low, high, new


def _named(low: int, high: int, new: str, known: Mapping[int, str]) -> ProteinChange | None:
    if low < high:
        if low not in known or high - 1 not in known:
            return None
        kind: Kind = "deletion" if not new else "substitution" if high - low == len(new) == 1 else "delins"
        return ProteinChange(kind, low, known[low], high - 1, known[high - 1], new)
    before = range(low - len(new), low)
    if all(known.get(number) == letter for number, letter in zip(before, new, strict=True)):
        return ProteinChange("duplication", before[0], new[0], low - 1, new[-1])
    if low - 1 not in known or low not in known:
        return None
    return ProteinChange("insertion", low - 1, known[low - 1], low, known[low], new)
