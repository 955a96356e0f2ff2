"""Names in the reader's language: regimens, drugs and classes, study descriptions, figures with their unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tumorboard.guidelines.model import Slot
from tumorboard.report.words import WORDS
from tumorboard.text import Language, Text
from tumorboard.vocabulary.library import Vocabulary

_JOINTS = re.compile(r"( \+ | or |, |/)")
_JOINED = {" + ": Text(" + ", " + "), " or ": Text(" or ", "或"), ", ": Text(", ", "、"), "/": Text("/", "/")}


@dataclass(frozen=True, slots=True)
class Printed:
    """Text that may stand in another language than the report: ``language`` names it where it does."""

    text: str
    language: Language | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Names:
    """Names from one vocabulary in one language."""

    vocabulary: Vocabulary
    language: Language

    def word(self, key: str, **parts: object) -> str:
        """A fixed word or sentence of the reports."""
        text = WORDS[key]
        return (text.format(**parts) if parts else text)[self.language]

    def agent(self, name: str) -> Text:
        """A drug, a class of drugs or a named treatment; what is none of them stays as it is written."""
        return self.known_agent(name) or Text(name, name)

    def known_agent(self, name: str) -> Text | None:
        drug = self.vocabulary.drugs.get(name)
        if drug is not None:
            return drug.name
        if self.vocabulary.drugs.is_class(name):
            return self.vocabulary.drugs.class_name(name)
        for heading in ("named_treatment", "procedure"):
            if (treatment := self.vocabulary.terms.lists[heading].find(name)) is not None:
                return treatment.name
        return None

    def regimen(self, slots: tuple[Slot, ...]) -> str:
        """``etoposide + carboplatin | cisplatin``; in Chinese ``依托泊苷 + 卡铂/顺铂``."""
        either = "/" if self.language == "zh" else " | "
        return " + ".join(either.join(self.agent(name)[self.language] for name in slot.alternatives) for slot in slots)

    def agents(self, names: list[str] | tuple[str, ...]) -> str:
        return " + ".join(self.agent(name)[self.language] for name in names)

    def term(self, heading: str, id_: str) -> str:
        """An entry of one of the case file's closed lists."""
        found = self.vocabulary.terms.lists[heading].find(id_)
        return found.name[self.language] if found else id_

    def disease(self, name: str) -> str:
        found = self.vocabulary.terms.diseases.find(name)
        return found.name[self.language] if found else name

    # -- what the evidence files write in English ----------------------------------------------------------------

    def design(self, written: str | None) -> Printed | None:
        return self._listed(self.vocabulary.studies.designs, written)

    def endpoint(self, written: str | None) -> Printed | None:
        return self._listed(self.vocabulary.studies.endpoints, written.strip() if written else None, spaced=True)

    def arm(self, written: str | None) -> Printed | None:
        """The treatment of a study's arm, word by word; kept in English as a whole where one word has no Chinese."""
        if written is None or self.language == "en":
            return None if written is None else Printed(written)
        pieces, known = _JOINTS.split(written), self.vocabulary.studies.arms
        names = [known.get(piece.strip()) or self.known_agent(piece.strip()) for piece in pieces[::2]]
        if any(name is None for name in names):
            return Printed(written, "en")
        joints = [_JOINED[joint][self.language] for joint in pieces[1::2]]
        words = [name[self.language] for name in names if name is not None]
        return Printed("".join(word + joint for word, joint in zip(words, [*joints, ""], strict=True)))

    def amount(self, printed: str, unit: str | None) -> Printed:
        """A printed figure with its unit; a figure printed in Chinese words stays so."""
        chinese = has_chinese(printed)
        units = self.vocabulary.studies.units
        unit_word = units.get(unit, Text(unit, unit))[self.language] if unit and not chinese else ""
        joint = "" if self.language == "zh" and has_chinese(unit_word) else " "
        shown = printed if not unit_word or printed.endswith(unit_word) else f"{printed}{joint}{unit_word}"
        return Printed(shown, "zh" if chinese and self.language == "en" else None)

    def english(self, text: str | None) -> Printed | None:
        """Text that is always written in English (names of studies, of labels, messages about a file)."""
        return None if text is None else Printed(text, "en" if self.language == "zh" else None)

    def chinese(self, text: str) -> Printed:
        return Printed(text, "zh" if self.language == "en" else None)

    def _listed(self, known: Mapping[str, Text], written: str | None, spaced: bool = False) -> Printed | None:
        if written is None:
            return None
        if written in known:
            return Printed(known[written][self.language])
        return self.english(written.replace("_", " ") if spaced else written)


def has_chinese(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)
