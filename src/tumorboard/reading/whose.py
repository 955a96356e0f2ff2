"""Whose a figure is: the arm named beside it, the one a list gives it, or the one told of before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tumorboard.reading.lexer import Token
from tumorboard.reading.results import Arm, Group
from tumorboard.reading.study import Mentioned, Study, resolve

_FACTOR = re.compile(r"因素|独立|associated with|independent|prognostic|predictor|多变量|Cox")
_ITS_ARM = re.compile(r"[^.;,A-Za-z]{0,4}(?: ?\([^()]*\))? ?(?:for|with|in|on|under)(?: the)? ")
_LIST_OF_ARMS = re.compile(r" ?(?:、|,|，|和|与|及|, and|and|, or|or|或) ?")


def factors(text: str) -> bool:
    """Whether a sentence weighs risk factors, so that an effect belongs to the group of patients named before it."""
    return _FACTOR.search(text) is not None


class ArmKeeper:
    """Finds the arms of figures; keeps the arms told of last, which later figures may lean on."""

    def __init__(self) -> None:
        self.topic: Arm = None
        self.last_arms: list[Arm] = []
        self._last_doses: list[Arm] = []
        self._last_effects: list[Arm] = []
        self._compared: tuple[str, Arm, Arm] = ("", None, None)  # a sentence, and the arms of its last effect

    def new_study(self) -> None:
        self.last_arms, self.topic, self._last_doses = [], None, []

    def note_doses(self, mentioned: Sequence[Mentioned], study: Study) -> None:
        """Keeps the doses a sentence names, in their order, for lists of figures that do not name them again."""
        doses = list(dict.fromkeys(self.resolve(m, study) for m in mentioned if m.label == "dose"))
        if len(doses) > 1:
            self._last_doses = doses

    def resolve(self, mention: Mentioned, study: Study) -> Arm:
        if mention.label == "same":
            return self.topic
        if mention.label in ("former", "latter"):
            arms = self.last_arms if len(self.last_arms) == 2 else study.arms
            return None if len(arms) != 2 else arms[0] if mention.label == "former" else arms[1]
        return resolve(mention, study)

    @staticmethod
    def opposite(arm: Arm, study: Study) -> Arm:
        if len(study.arms) == 2 and arm in study.arms:
            return study.arms[1] if arm == study.arms[0] else study.arms[0]
        if len(study.arms) > 2 and arm in study.arms[:-1]:
            return study.arms[-1]
        return None

    def single(self, text: str, group: Group, cell: Token, study: Study, compared: Arm) -> Arm:
        own = [m for m in group.arms if m.role != "against" and m.label != "both"]
        grouped = [m for m in own if m.group and m.end <= cell.start]
        after = [
            m
            for m in own
            if 0 <= m.start - cell.end <= 40
            and re.search(
                r"(?:with|in|for|among|given|receiving|of|on|by)(?: the| patients| those| patients (?:given"
                r"|receiving|treated with)| participants)? ?$",
                text[cell.end : m.start],
            )
        ]
        before = [m for m in own if m.end <= cell.start]
        opened = text.rfind("(", 0, cell.start)
        holder = [
            m
            for m in before
            if text[m.end : opened].strip() == "" and m.end <= opened and ")" not in text[opened : cell.start]
        ]
        chosen = (
            holder[0] if holder else after[0] if after else grouped[-1] if grouped else before[0] if before else None
        )
        arm = self.resolve(chosen, study) if chosen else None
        if arm is not None:
            if chosen is not None and chosen.label != "dose":
                self.topic = arm
            return arm
        if chosen is not None:
            return None
        if self.topic is not None:
            return self.topic
        return study.arms[0] if len(study.arms) == 1 else None

    def pair(self, text: str, group: Group, cells: list[Token], study: Study, compared: Arm) -> tuple[Arm, Arm]:
        v1, v2 = sorted(cells[:2], key=lambda cell: cell.start)
        own = [m for m in group.arms if m.label != "both"]
        both = len(own) < len(group.arms)
        before = [m for m in own if m.end <= v1.start]
        between = [m for m in own if v1.end <= m.start < v2.start]
        after = [m for m in own if m.start >= v2.end and m.start - v2.end <= 60]
        one: Mentioned | None = None
        two: Mentioned | None = None
        plain = [m for m in before if m.role != "against"]
        versus = [m for m in before if m.role == "against"]
        if between and after and not (before and between[-1].role != "against" and _cjk(text, v1)):
            one, two = between[0], after[0]
        elif between and before:
            one, two = (plain or before)[-1], between[-1]
        elif between:
            if _cjk(text, v1) or (
                between[-1].role == "against"
                and not re.match(r"[^,]{0,14}(?:with|in|for|among|given) ", text[v1.end : between[-1].start + 1])
            ):
                two = between[-1]
            else:
                one = between[0]
        elif len(before) >= 2 and not both:
            if plain and versus:
                two = versus[-1]
                other = self.resolve(two, study)
                one = next((m for m in reversed(plain) if self.resolve(m, study) != other), plain[-1])
            else:
                one, two = before[-2], before[-1]
        elif len(before) == 1 and not both:
            if before[0].role == "against" or self._names_control(text, before[0], v1, study):
                two = before[0]
            else:
                one = before[0]
        elif len(after) >= 2 and not both:
            one, two = after[0], after[1]
        arm = self.resolve(one, study) if one else None
        other = self.resolve(two, study) if two else None
        if one is None and two is None:
            if len(self.last_arms) == 2 and not both:
                arm, other = self.last_arms
            elif len(study.arms) == 2:
                arm, other = study.arms
            elif both and len(study.arms) == 1:
                arm = study.arms[0]
            elif self.topic is not None and compared is not None:
                arm, other = self.topic, compared
            elif self.topic is not None:
                arm, other = self.topic, self.opposite(self.topic, study)
        elif one is None:
            arm = self.opposite(other, study) or (self.topic if self.topic != other else None)
        elif two is None:
            other = compared if compared is not None and compared != arm else self.opposite(arm, study)
        if arm is not None and arm == other:
            other = self.opposite(arm, study)
        if cells[0].start > cells[1].start:  # a change: printed from the other arm's value
            explicit = one is not None and two is not None
            arm, other = (other, arm) if explicit else self._change_arms(arm, other, study)
        if arm is not None and other is not None:
            self.last_arms = [arm, other]
            if one is not None and two is not None and not study.firm and not (one.marker or two.marker):
                study.arms, study.firm = [arm, other], True
        if arm is not None and (
            other is not None or (one is not None and one.role != "against" and one.label != "dose")
        ):
            self.topic = arm
        return arm, other

    def _names_control(self, text: str, mention: Mentioned, value: Token, study: Study) -> bool:
        """Whether the only arm named is the one compared with, and not as the owner of the first of two values."""
        if mention.label == "latter":
            return True
        control = study.firm and len(study.arms) == 2 and self.resolve(mention, study) == study.arms[1]
        return control and not mention.group and re.search(r"[):：;,(]", text[mention.end : value.start]) is not None

    def _change_arms(self, arm: Arm, other: Arm, study: Study) -> tuple[Arm, Arm]:
        if self.topic is not None and len(study.arms) == 2:
            return study.arms[0], study.arms[1]
        return arm, other

    def of_effect(
        self, text: str, sentence: str, group: Group, token: Token, effects: list[Token], study: Study, compared: Arm
    ) -> tuple[Arm, Arm]:
        """The arms of an effect printed without levels: the one named last before it against the other."""
        before = [m for m in group.arms if m.start < token.start and m.role != "against"]
        arm = self.resolve(before[-1], study) if before else self.topic
        if not before and factors(sentence):
            return self._compared[1:] if self._compared[0] == sentence else (None, None)
        if len(effects) > 1 and (listed := self._listed(text, before, len(effects), study)):
            arm = listed[effects.index(token)]
            self._last_effects = listed
        elif len(effects) > 1 and not before and len(self._last_effects) == len(effects):
            arm = self._last_effects[effects.index(token)]
        after = [m for m in group.arms if m.start > token.end]
        if len(effects) > 1 and after and _ITS_ARM.fullmatch(text[token.end : after[0].start]):
            arm = self.resolve(after[0], study) or arm  # "0.59 (…) for A and 0.68 (…) for B"
        if not before and len(after) >= 2 and len(effects) == 1:
            arm = self.resolve(after[0], study)
        other = compared if compared != arm else None
        if arm is None and study.arms:
            arm = study.arms[0] if other is None or study.arms[0] != other else None
        if other is None:
            other = self.opposite(arm, study)
        if before and arm is not None and other is not None:
            self._compared = sentence, arm, other
        return arm, other

    def _listed(self, text: str, before: Sequence[Mentioned], number: int, study: Study) -> list[Arm]:
        """The arms of a list as long as that of the effects behind it: ``A, B and C had HRs of x, y and z``."""
        distinct = [m for i, m in enumerate(before) if m.names and m.names not in [o.names for o in before[:i]]]
        runs = [distinct[i : i + number] for i in range(len(distinct) - number + 1)]
        for run in reversed(runs):
            gaps = [text[a.end : b.start] for a, b in pairwise(run)]
            if all(_LIST_OF_ARMS.fullmatch(gap) for gap in gaps):
                return [self.resolve(m, study) for m in run]
        return []

    def apart(self, text: str, group: Group, cells: Sequence[Token], study: Study) -> list[Arm]:
        """The arms of levels of groups of patients, or of doses, of one treatment."""
        doses = [m for m in group.arms if m.label == "dose"]
        if len(doses) == len(cells):
            arms = [self.resolve(dose, study) for dose in doses]
            self._last_doses = arms
        elif len(self._last_doses) == len(cells) and (any(m.label == "both" for m in group.arms) or not group.arms):
            arms = self._last_doses
        else:
            arms = [self.single(text, group, cell, study, None) for cell in cells]
        return arms

    @staticmethod
    def one_treatment(group: Group, study: Study) -> bool:
        named = {m.names for m in group.arms if m.names}
        return (
            len(study.arms) < 2 and len(named) < 2 and not any(m.label not in ("", "dose", "both") for m in group.arms)
        )

    @staticmethod
    def separate(group: Group, study: Study, topic: Arm) -> bool:
        """One arm only: two levels are two groups of patients, not two arms."""
        named = {m.names for m in group.arms if m.names}
        return (
            (len(study.arms) == 1 or (not study.arms and topic is not None))
            and len(named) < 2
            and not any(m.label not in ("", "dose", "both") for m in group.arms)
        )


def _cjk(text: str, cell: Token) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text[max(0, cell.start - 30) : cell.end + 6])
