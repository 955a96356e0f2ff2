"""Errors a person can mend: each says where, what is wrong, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input.

    ``place`` is the path of the entry as people write it (``labs[1].value``, counted from 0), or for a knowledge file
    ``file:line``. ``mend`` says what would be right and may be empty when nothing better than ``what`` can be said.
    """

    place: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        return f"{text}; {self.mend}" if self.mend else text


class TumorboardError(Exception):
    """Base of every error that is the caller's to mend; ``exit_code`` is that of the command line."""

    exit_code = 2

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class WrongUsage(TumorboardError):
    """The command or call itself does not fit (exit 2)."""

    exit_code = 2


class NotFound(TumorboardError):
    """A file, fact, situation, option or guideline that isn't there (exit 3)."""

    exit_code = 3


class InvalidInput(TumorboardError):
    """A case, bundle or other input that can't be right as it stands (exit 4)."""

    exit_code = 4


class InvalidKnowledge(InvalidInput):
    """A file of the knowledge folder that does not load: vocabulary, rule, guideline or finding."""


class UnknownName(InvalidInput):
    """A drug, gene, alteration or unit that the vocabulary doesn't hold; ``nearest`` are known names like it."""

    def __init__(self, place: str, kind: str, name: str, nearest: tuple[str, ...]) -> None:
        mend = f"did you mean {' or '.join(nearest)}?" if nearest else f"`tumorboard knowledge list {kind}s` lists them"
        super().__init__(Problem(place, f"unknown {kind} {name!r}", mend))
        self.name, self.nearest = name, nearest
