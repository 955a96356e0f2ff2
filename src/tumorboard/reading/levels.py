"""Levels: which figure is of which endpoint and arm, by the way they are laid out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from tumorboard.reading.comparing import control_of
from tumorboard.reading.lexer import TIMES, Token
from tumorboard.reading.lexicon import Lexicon, any_of
from tumorboard.reading.results import GROUP_BY_GROUP, Arm, Group, Result, Slot, attach, fits
from tumorboard.reading.study import Study
from tumorboard.reading.whose import ArmKeeper

_UNKNOWN_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff]{3,}[^()]{0,40}\($")
_CHANGE = re.compile(r"(?:from|由|从)(?:的| a median of)? ?$")
_NAMED_QUANTITY = re.compile(
    r"[，,;；。][^，,;；。]{1,14}(?:率|期|时间|水平|比例|评分)(?:分别|均)?(?:为|是|达)?(?:约)? ?$"
    r"|\bmedian (?!was)[a-z]+(?: [a-z]+){0,3} (?:was|of) $"
)
_CHANGED_TO = re.compile(r"(?: to (?:one of |a median of )?|(?:提高|延长|上升|升|增加|增|下降|降低|降)[至到]) ?$")

Stats = list[tuple[int, Token]]  # after how many values, what


class LevelReader:
    """Reads the values of one group of a sentence."""

    def __init__(self, lexicon: Lexicon, arms: ArmKeeper, left_out: Counter[str]) -> None:
        words = lexicon.words
        self._opens_difference = re.compile(rf"\( ?(?:the )?(?:{any_of(words['difference'])})", re.IGNORECASE)
        self._difference = re.compile(rf"(?:{any_of(words['difference'])})(?:了| of| by|为)? ?(?:约|a median )?$")
        self._approximately = re.compile(rf"(?:{any_of(words['approximately'])}) ?$")
        self._versus = re.compile(
            rf"(?:^|[\s,，)\]])(?:{any_of(words['versus'])})(?:[\s(]|$)|^[)\]]?(?:比|对|vs\.?|v)|[)\]例,，](?:比|对)$"
        )
        self._arms, self.left_out, self._background = arms, left_out, lexicon.background

    def read(
        self, text: str, group: Group, slots: list[Slot], cells: list[Token], stats: Stats, study: Study, compared: Arm
    ) -> list[Result]:
        """Results of the values ``cells`` for the endpoints ``slots``, each with the statistics printed with it."""
        listed = [token for _, token in stats if token.place is not None]
        stats = [stat for stat in stats if stat[1].place is None]
        intervals = [token for token in listed if token.kind == "CI"]
        if len(intervals) == len(cells):
            for cell, token in zip(cells, intervals, strict=True):
                cell.ci = cell.ci or token.ci
        results = self._laid_out(text, group, slots, cells, stats, study, compared)
        for result in results:
            self._finish(text, result, group, stats, len(results))
        tests = [token for token in listed if token.kind == "P"]
        if len(tests) == len(results):
            for result, token in zip(results, tests, strict=True):
                attach(result, token)
        return [result for result in results if result.value is not None]

    def _laid_out(
        self, text: str, group: Group, slots: list[Slot], cells: list[Token], stats: Stats, study: Study, compared: Arm
    ) -> list[Result]:
        """The values by their layout: how many there are for how many endpoints, and what joins them."""
        m, k = len(slots), len(cells)
        results: list[Result] = []
        if k == 1 and cells[0].qualifier == "change" and isinstance(cells[0].value, tuple):
            old_value, new_value = cells[0].value
            arm = self._arms.single(text, group, cells[0], study, compared)
            old, new = (
                replace(cells[0], value=old_value, printed=str(old_value), qualifier=None),
                replace(cells[0], value=new_value, qualifier=None),
            )
            results.append(self._pair(slots[-1], new, old, arm, self._arms.opposite(arm, study), "changed from"))
        elif (
            m == 1
            and k == 2
            and not self.versus_between(text, cells[0], cells[1])
            and (slots[0][1].frequency or (not stats and self._arms.separate(group, study, self._arms.topic)))
        ):
            told = cells[:1] if _UNKNOWN_NAME.search(text[cells[0].end : cells[1].start]) else cells
            self.left_out["a figure of a name not known"] += len(cells) - len(told)
            results += self._each(text, group, slots[0], told, study)
        elif k == 2 and self._is_difference(text, cells):
            results.append(self._single(text, group, slots[-1], cells[0], study, compared))
        elif k == 3 and m == 1 and self._is_difference(text, cells):
            results.append(self._single(text, group, slots[-1], cells[0], study, compared))
            arm, other = self._arms.pair(text, group, cells[1:], study, compared)
            results.append(self._pair(slots[0], cells[1], cells[2], arm, other, self._pair_rule(text, cells[1:])))
        elif k == 1:
            results.append(self._single(text, group, slots[-1] if m > 1 else slots[0], cells[0], study, compared))
        elif self._is_change(text, cells) and k == 2:
            low, high = cells
            arm, other = self._arms.pair(text, group, [high, low], study, compared)
            results.append(self._pair(slots[-1], high, low, arm, other, "changed from"))
        elif m == 1 and k == 2:
            arm, other = self._arms.pair(text, group, cells, study, compared)
            results.append(self._pair(slots[0], cells[0], cells[1], arm, other, self._pair_rule(text, cells)))
        elif m == k and not self.versus_between(text, cells[0], cells[1]):
            arm = self._arms.single(text, group, cells[0], study, compared)
            for slot, cell in zip(slots, cells, strict=True):
                if fits(cell, slot[1]):
                    results.append(self._level(slot, cell, arm, "each in turn"))
        elif m == 1 and k > 2 and k % 2 == 0 and ({2, 4} <= self._behind(cells, stats) or self._all_pairs(text, cells)):
            for place in range(0, k, 2):
                pair = cells[place : place + 2]
                arm, other = self._arms.pair(text, group, pair, study, compared)
                results.append(self._pair(slots[0], pair[0], pair[1], arm, other, "pairs in turn"))
        elif m == 1 and k > 2:
            results += self._many(text, group, slots[0], cells, study)
        elif m > 1 and k == 2 * m:
            results += self._crossed(text, group, slots, cells, study, compared)
        elif m > 1 and k == 2:
            slot = slots[-1]
            arm, other = self._arms.pair(text, group, cells, study, compared)
            results.append(self._pair(slot, cells[0], cells[1], arm, other, self._pair_rule(text, cells)))
        else:
            self.left_out["more figures than endpoints and arms explain"] += k
        return results

    def fitting(self, text: str, group: Group, slots: list[Slot]) -> list[Token]:
        """The group's values that can be values of its endpoints."""
        kept: list[Token] = []
        levels = sum(cell.unit == "%" for cell in group.cells)
        for cell in group.cells:
            if kept and cell.unit is None and isinstance(cell.value, Decimal) and kept[-1].unit in TIMES:
                between = [m for m in group.arms if kept[-1].end <= m.start < cell.start]
                if between or self.versus_between(text, kept[-1], cell):
                    cell.unit = kept[-1].unit
            if kept and cell.unit is None and cell.value == 0 and kept[-1].unit == "%" and not cell.qualifier:
                cell.unit = "%"  # "14.0%和0"
            if kept and self._another(text, group, kept[-1], cell):
                self.left_out["a quantity that is no endpoint"] += 1
                continue
            if kept and cell.unit in TIMES and self._difference.search(text[max(0, cell.start - 14) : cell.start]):
                self.left_out["a difference beside its levels"] += 1
                continue
            if len(kept) > 1 and self._in_difference(text, cell):
                self.left_out["a difference beside its levels"] += 1
                continue
            if cell.unit == "percentage points" and levels > 1:
                self.left_out["a difference beside its levels"] += 1
                continue
            if not any(fits(cell, named) for _, named in slots):
                self.left_out["a unit that does not fit the endpoint"] += 1
                continue
            named = slots[-1][1]
            if cell.unit == "patients":
                gap = text[named.end : cell.start] if cell.start >= named.end else ""
                if cell.start < named.start and (
                    len(text[cell.end : named.start].strip()) > 3
                    or re.search(r"患者|中|patients|\)", text[cell.end : named.start])
                ):
                    continue
                if len(gap.strip()) > 6 and not (kept and kept[-1].unit == "patients"):
                    continue
            if (
                cell.qualifier in ("gt", "lt")
                and not kept
                and cell.start - named.end <= 4
                and cell.start >= named.end
                and text[named.end : cell.start].strip() in ("", "(")
            ):
                self.left_out["a threshold"] += 1
                continue
            kept.append(cell)
        return kept

    def _in_difference(self, text: str, cell: Token) -> bool:
        """``(difference 4%, 95% CI -8% to 16%)``."""
        opened = text.rfind("(", 0, cell.start)
        inside = opened >= 0 and ")" not in text[opened : cell.start]
        return inside and self._opens_difference.match(text, opened) is not None

    @staticmethod
    def _another(text: str, group: Group, before: Token, cell: Token) -> bool:
        """Whether a quantity the reader does not know is named between two values: ``OS 13.2月，中位缓解期为8.6月``."""
        gap = text[before.end : cell.start]
        return _NAMED_QUANTITY.search(gap) is not None and not any(
            before.end <= mention.start < cell.start for mention in group.arms
        )

    def _all_pairs(self, text: str, cells: list[Token]) -> bool:
        """``47.9% vs 19.6% …, 65.0% vs 29.5%``."""
        joined = [self.versus_between(text, one, two) for one, two in pairwise(cells)]
        return all(joined[::2]) and not any(joined[1::2])

    @staticmethod
    def _behind(cells: list[Token], stats: Stats) -> set[int]:
        """After how many of the values something of statistics stands."""
        return {sum(cell.end <= token.start for cell in cells) for _, token in stats}

    def _is_difference(self, text: str, cells: list[Token]) -> bool:
        first = cells[0]
        return bool(self._difference.search(text[max(0, first.start - 16) : first.start])) and text[
            first.end : cells[1].start
        ].strip() in ("(", "（")

    def versus_between(self, text: str, one: Token, other: Token) -> bool:
        """Whether one value is set against the other: ``9.4 vs 5.3``."""
        return bool(self._versus.search(text[one.end : other.start]))

    def _pair_rule(self, text: str, cells: list[Token]) -> str:
        return "one against the other" if self.versus_between(text, cells[0], cells[1]) else "each in turn"

    @staticmethod
    def _is_change(text: str, cells: list[Token]) -> bool:
        return bool(
            len(cells) == 2
            and _CHANGE.search(text[max(0, cells[0].start - 18) : cells[0].start])
            and _CHANGED_TO.search(text[cells[0].end : cells[1].start])
        )

    @staticmethod
    def _pair(slot: Slot, value: Token, other: Token, arm: Arm, other_arm: Arm, rule: str) -> Result:
        start, end = min(value.start, other.start), max(value.end, other.end)
        result = Result(
            slot[0], slot[1], rule, value, arm, other, other_arm, start=start, end=end, printed=value.printed
        )
        if value.ci is not None:
            result.ci = value.ci
        return result

    @staticmethod
    def _level(slot: Slot, cell: Token, arm: Arm, rule: str) -> Result:
        return Result(
            slot[0], slot[1], rule, cell, arm, ci=cell.ci, start=cell.start, end=cell.end, printed=cell.printed
        )

    def _single(self, text: str, group: Group, slot: Slot, cell: Token, study: Study, compared: Arm) -> Result:
        arm = self._arms.single(text, group, cell, study, compared)
        result = self._level(slot, cell, arm, "beside its endpoint")
        result.topic = not [m for m in group.arms if m.role != "against"]
        before = text[max(0, cell.start - 16) : cell.start]
        if cell.unit == "percentage points" or (
            cell.unit in TIMES and (self._difference.search(before) or before.endswith(" by "))
        ):
            result.statistic = "difference"
            result.other_arm = self._arms.opposite(arm, study)
        return result

    def _many(self, text: str, group: Group, slot: Slot, cells: list[Token], study: Study) -> list[Result]:
        """Three arms or more: each against the last; two that repeat: pairs."""
        k = len(cells)
        own = [m for m in group.arms if m.label != "both"]
        arms = [arm for m in own if (arm := self._arms.resolve(m, study))]
        unique = list(dict.fromkeys(arms))
        if k == 3 or k in (len(unique), len(self._arms.last_arms), len(study.arms)):
            named: Sequence[Arm] = (
                unique
                if len(unique) == k
                else (
                    self._arms.last_arms
                    if len(self._arms.last_arms) == k
                    else study.arms
                    if len(study.arms) == k
                    else [None] * k
                )
            )
            if self._arms.one_treatment(group, study) and len(self._arms.last_arms) != k:
                return self._each(text, group, slot, cells, study)
            self._arms.last_arms = list(named)
            control = control_of(named, self._background)
            return [
                self._pair(slot, cell, cells[control], named[index], named[control], "each in turn")
                for index, cell in enumerate(cells)
                if index != control
            ]
        self.left_out["more figures than endpoints and arms explain"] += k
        return []

    def _crossed(
        self, text: str, group: Group, slots: list[Slot], cells: list[Token], study: Study, compared: Arm
    ) -> list[Result]:
        m = len(slots)
        own = [mention for mention in group.arms if mention.label != "both"]
        between = [mention for mention in own if cells[m - 1].end <= mention.start < cells[m].start]
        inner = [mention for mention in own if cells[0].end <= mention.start < cells[m - 1].start]
        first = cells[:m]
        if between and not inner and not any(self.versus_between(text, one, two) for one, two in pairwise(first)):
            before = [mention for mention in own if mention.end <= cells[0].start and mention.role != "against"]
            after = [mention for mention in own if mention.start >= cells[-1].end]
            one, two = (
                (before[-1], between[-1])
                if before and not after
                else (between[0], after[0])
                if after
                else (None, between[-1])
            )
            arm = self._arms.resolve(one, study) if one else None
            other = self._arms.resolve(two, study) if two else None
            arm = arm or self._arms.opposite(other, study)
            self._arms.last_arms = [arm, other]
            return [
                self._pair(slot, cells[index], cells[index + m], arm, other, "crossed lists")
                for index, slot in enumerate(slots)
            ]
        if m == 2 and all(text[cells[i].end : cells[i + 1].start].strip() == "/" for i in (0, 2)):
            if len(study.arms) == 2 and not own:
                arm, other = study.arms
                return [
                    self._pair(slot, cells[index], cells[index + 2], arm, other, "crossed lists")
                    for index, slot in enumerate(slots)
                ]
            return [
                self._level(
                    slots[index % 2], cell, self._arms.single(text, group, cell, study, compared), "each in turn"
                )
                for index, cell in enumerate(cells)
            ]
        arm, other = self._arms.pair(text, group, cells[:2], study, compared)
        return [
            self._pair(slot, cells[2 * index], cells[2 * index + 1], arm, other, "pairs in turn")
            for index, slot in enumerate(slots)
            if fits(cells[2 * index], slot[1])
        ]

    def _finish(self, text: str, result: Result, group: Group, stats: Stats, results: int) -> None:
        assert result.value is not None
        if (
            self._approximately.search(text[max(0, result.value.start - 14) : result.value.start])
            and result.value.qualifier is None
        ):
            result.value.qualifier = "approx"
        if isinstance(result.value.value, tuple) and result.value.qualifier is None:
            result.value.qualifier = "range"
        last = max(result.value.end, result.other.end if result.other else 0)
        if results == 1:
            mine = [token for _, token in stats]
        else:
            following = [cell.start for cell in group.cells if cell.start >= last]
            mine = [
                token for _, token in stats if token.start >= last and (not following or token.start < following[0])
            ]
            if (
                result.rule == GROUP_BY_GROUP
                and len({token.kind for _, token in stats}) == len(stats)
                and all(token.kind == "P" and token.start > group.cells[-1].start for _, token in stats)
            ):
                mine = [token for _, token in stats]  # one test of all the groups
            if not mine and len(stats) == 1 and stats[0][1].start > group.cells[-1].end and result.other is not None:
                mine = [stats[0][1]]
        for token in mine:
            attach(result, token)
        if result.named.frequency and result.other is None:
            result.arm = None
        result.n = result.value.whole

    def _each(self, text: str, group: Group, slot: Slot, cells: list[Token], study: Study) -> list[Result]:
        arms = self._arms.apart(text, group, cells, study)
        return [self._level(slot, cell, arm, GROUP_BY_GROUP) for cell, arm in zip(cells, arms, strict=True)]
