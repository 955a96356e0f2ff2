"""Studies and the arms they compare, and which of them a name or label in the text stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LETTER = re.compile(r"(?:^|arm|group|cohort)[a-d1-4](?:组|$)|^[甲乙丙丁]组")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A regimen or label in the text. ``role``: ``""``, ``against`` (the arm compared with) or ``prior`` (earlier)."""

    names: tuple[str, ...]
    start: int
    end: int
    label: str = ""
    group: bool = False
    alone: bool = False
    role: str = ""
    count: int | None = None
    printed: str = ""  # of a label: as it stands in the text
    lacking: bool = False  # "without apatinib": the arm that has it not
    marker: str = ""  # of a group of patients: what they are told apart by

    @property
    def text(self) -> str:
        return " + ".join(self.names)


@dataclass(slots=True)
class Study:
    """One study as far as the text has told it: its name, arms in the order they were named, patients and setting."""

    name: str | None = None
    arms: list[tuple[str, ...]] = field(default_factory=list)
    counts: dict[tuple[str, ...], int] = field(default_factory=dict)
    n: int | None = None
    line: str | None = None
    design: str | None = None
    disease: str | None = None
    firm: bool = False
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what labels were said to stand for


def is_a(name: str, other: str, classes: Mapping[str, frozenset[str]]) -> bool:
    """Whether a treatment is another one said more exactly: a drug of a class, HAIC with its scheme."""
    return name == other or other in classes.get(name, ()) or name.startswith(f"{other} (")


def parts(arm: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for name in arm:
        found.update(name.split(" | "))
        if name.endswith(")"):
            found.add(name.split(" (")[0])  # a technique with its scheme is that technique too
    return frozenset(found)


def resolve(mention: Mentioned, study: Study) -> tuple[str, ...] | None:
    """The arm of the study a mention stands for; the mention itself where the study has none like it."""
    arms = study.arms
    if mention.label:
        if mention.label == "dose":
            return (f"{arms[0][0]} {mention.printed}", *arms[0][1:]) if len(arms) == 1 else None
        known = _alias(mention, study) or _of_label(mention.label, arms)
        return arms[0] if known is None and mention.label == "named" and len(arms) == 1 else known
    names = parts(mention.names)
    if mention.lacking:
        without = [arm for arm in arms if not names & parts(arm)]
        return without[0] if len(without) == 1 and len(arms) > 1 else None
    for arm in arms:
        if parts(arm) == names:
            return arm
    if mention.alone:
        return mention.names
    wider = [arm for arm in arms if names < parts(arm)]
    if not wider and mention.group and len(mention.names) == 1 and len(arms) > 1:  # "the immunotherapy group"
        wider = [arm for arm in arms if any(is_a(name, mention.names[0], study.classes) for name in arm)]
        return wider[0] if len(wider) == 1 else mention.names
    if len(wider) == 1:
        return wider[0]
    if len(wider) > 1 and mention.group:
        return min(wider, key=len)
    return mention.names


def _alias(mention: Mentioned, study: Study) -> tuple[str, ...] | None:
    """What a label was said to stand for; of a name with other words before it, the name as it was given."""
    key = alias_key(mention)
    if key in study.aliases or mention.label != "named":
        return study.aliases.get(key)
    known = [alias for alias in study.aliases if len(alias) > 1 and key.endswith(alias)]
    if known:
        return study.aliases[max(known, key=len)]
    others = [arm for arm in study.arms if arm not in study.aliases.values()]
    lettered = _LETTER.search(key) is not None and any(map(_LETTER.search, study.aliases))
    return others[0] if lettered and len(study.arms) == 2 and len(others) == 1 else None  # of A and B, B was explained


def alias_key(mention: Mentioned) -> str:
    """A label of the lexicon by its kind, another by its letters."""
    return mention.label if mention.label != "named" else re.sub(r"[\s-]", "", mention.printed).lower()


def _of_label(label: str, arms: list[tuple[str, ...]]) -> tuple[str, ...] | None:
    if len(arms) < 2:
        return None
    if len(arms) > 2 and label in ("more", "fewer"):
        sizes = sorted(len(arm) for arm in arms)
        alike = sizes[-1] == sizes[-2] if label == "more" else sizes[0] == sizes[1]
        return None if alike else (max if label == "more" else min)(arms, key=len)
    if label == "first":
        return arms[0]
    if label == "second":
        return arms[-1]
    sizes = [len(arm) for arm in arms[:2]]
    if sizes[0] == sizes[1]:
        return None
    bigger = arms[0] if sizes[0] > sizes[1] else arms[1]
    smaller = arms[1] if bigger is arms[0] else arms[0]
    return {"more": bigger, "fewer": smaller}.get(label)
