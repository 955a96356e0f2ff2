"""Relations: which figure belongs to which endpoint and arm, clause by clause."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from tumorboard.evidence.findings import Effect, Interval, PValue
from tumorboard.reading.arms import BACKGROUND, Mentioned, Study, parts, resolve
from tumorboard.reading.lexer import TIMES, Token
from tumorboard.reading.lexicon import Endpoint, Lexicon, any_of

Arm = tuple[str, ...] | None


@dataclass(slots=True, eq=False)
class Named:
    """An endpoint where it is printed, with its grade or times; ``endpoint`` is None for a quantity that is none."""

    endpoint: Endpoint | None
    start: int
    end: int
    grade: str = ""
    times: tuple[str, ...] = ()
    frequency: str = ""
    rate_word: bool = False
    grade_carried: bool = False  # the grade stands with another event before it

    @property
    def names(self) -> tuple[str, ...]:
        if self.frequency:
            return (self.frequency,)
        if self.endpoint is None:
            return ("",)
        if self.times:
            return tuple(f"{self.endpoint.name}_rate_{time}" for time in self.times)
        return (f"{self.grade}{self.endpoint.name}",)


@dataclass(slots=True)
class Result:
    """One result as understood: a value, its arm, the arm it is compared with, and what goes with both."""

    endpoint: str
    named: Named
    rule: str
    value: Token | None = None
    arm: Arm = None
    other: Token | None = None
    other_arm: Arm = None
    effect: Effect | None = None
    ci: Interval | None = None
    p: PValue | None = None
    statistic: str | None = None
    start: int = 0
    end: int = 0
    printed: str = ""
    ambiguous: bool = False
    n: int | None = None
    topic: bool = False  # the arm was carried, not named beside the value


@dataclass(slots=True)
class Group:
    """Endpoints, and the figures and arms printed for them until the next endpoint."""

    endpoints: list[Named] = field(default_factory=list)
    cells: list[Token] = field(default_factory=list)
    arms: list[Mentioned] = field(default_factory=list)
    stats: list[tuple[int, Token]] = field(default_factory=list)  # after how many cells, what
    breaks: list[int] = field(default_factory=list)  # after how many cells a semicolon stands
    start: int = 0
    carried: bool = False
    parallel: bool = False  # another arm's figures for the endpoints told of just before


_COMPATIBLE: dict[str, set[str | None]] = {
    "%": {"%", "patients", "percentage points"},
    "time": set(TIMES),
    "ratio": {None, "%"},
}
_DEFINED = re.compile(r" ?\((?:[A-Za-z\u4e00-\u9fff]{2,6}\+){0,3}")
_LISTED = re.compile(
    r"s?(?: ?rates?|率|发生率|水平)?[)）]?\s*(?:[、,，/和与及]|and|or|以及|as well as|\(){1,3}\s*"
    r"(?:the |an? |median |increased |elevated |longer |shorter |higher |lower |improved |中位|患者|总|两组|of |grade "
    r"|≥?\d级){0,3}\s*"
)
_FACTOR = re.compile(r"因素|独立|associated with|independent|prognostic|predictor|多变量|Cox")


def factors(text: str) -> bool:
    """Whether a sentence weighs risk factors, so that an effect belongs to the group of patients named before it."""
    return _FACTOR.search(text) is not None


_UNKNOWN_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff]{3,}[^()]{0,40}\($")
_APART = "group by group"
_SHARE_NEXT = re.compile(r"[^，,;；。]{0,12}?\d[\d.]*%")
_LIKEWISE = re.compile(r"^.{0,12}$|repeated|likewise|confirmed|similar|同样|类似|亦然|[:：] ?$")
_ORDERLY = re.compile(
    r"^[)\]]?(?: of (?:the )?patients)?[,，] ?(?:respectively|in the same order|resp\.?|依次|分别)[,，] ?"
)
_IN_ORDER = re.compile(r"依次|分别|相应|respective|corresponding|the figures|in the same order")
_LIST_OF_ARMS = re.compile(r" ?(?:、|,|，|和|与|及|, and|and|, or|or|或) ?")
_ELSEWHERE = re.compile(
    r"[Hh]istorical|by comparison|previously reported|[Ee]arlier (?:series"
    r"|studies)|had reported|文献|既往报道|既往研究|同类药物|历史数据|历史对照"
)
_MEDIAN = re.compile(r"(?:[Mm]edians?|中位数|中位)[^，,;；。]{0,24}$")
_SEMICOLON = re.compile("[;；]")
_CHANGE = re.compile(r"(?:from|由|从)(?:的| a median of)? ?$")
_CHANGED_TO = re.compile(r"(?: to (?:one of |a median of )?|(?:提高|延长|上升|升|增加|增|下降|降低|降)[至到]) ?$")
_RANGED = re.compile(r"(?:rang(?:ed|ing|e)(?: across studies)?|介于|波动于|范围)(?: from|为| of|:)? ?$")
_ALIVE_AT = re.compile(r"[Aa]t (\d{1,3}) (months?|years?)")


class RelationReader:
    """Makes results of the tokens of one sentence; keeps between sentences what a later one may lean on."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = lexicon.words
        self._difference = re.compile(rf"(?:{any_of(words['difference'])})(?:了| of| by|为)? ?(?:约|a median )?$")
        self._approximately = re.compile(rf"(?:{any_of(words['approximately'])}) ?$")
        self._versus = re.compile(
            rf"(?:^|[\s,，)\]])(?:{any_of(words['versus'])})(?:[\s(]|$)|^[)\]]?(?:比|对|vs\.?|v)|[)\]例,，](?:比|对)$"
        )
        self._around, self._start = "", 0
        self._last_effects: list[Arm] = []
        self._endpoints = lexicon.endpoints
        self._hazards = [(re.compile(any_of(names)), name) for name, names in words["hazards"].items()]
        self.left_out: Counter[str] = Counter()
        self._last_arms: list[Arm] = []
        self._last_named: list[Named] = []
        self._topic: Arm = None
        self._last_doses: list[Arm] = []
        self._last_paired: Named | None = None
        self._last_unit: str | None = None
        self._sentence_named: list[Named] = []

    def new_study(self) -> None:
        self._last_arms, self._topic, self._last_doses = [], None, []

    def _resolve(self, mention: Mentioned, study: Study) -> Arm:
        if mention.label == "same":
            return self._topic
        if mention.label in ("former", "latter"):
            arms = self._last_arms if len(self._last_arms) == 2 else study.arms
            return None if len(arms) != 2 else arms[0] if mention.label == "former" else arms[1]
        return resolve(mention, study)

    # -- one sentence --------------------------------------------------------------------------------------------------

    def read(
        self, text: str, start: int, end: int, items: Sequence[Named | Mentioned | Token], study: Study
    ) -> list[Result]:
        """Results of the sentence ``start`` to ``end``; ``items`` are its endpoints, arms and figures in order."""
        self._around, self._start = text[start:end], start
        topic = self._topic
        mentioned = [item for item in items if isinstance(item, Mentioned)]
        against = [arm for item in mentioned if item.role == "against" and (arm := self._resolve(item, study))]
        compared = against[-1] if against else None
        results: list[Result] = []
        group = Group(start=start)
        for item in items:
            position = item.start
            if (
                group.cells
                and not (isinstance(item, Token) and item.kind != "V")
                and _SEMICOLON.search(text, self._reach(group), position)
            ):
                if not self._pairs_to_come(group):
                    results += self._close(text, group, study, compared)
                    group = Group(list(group.endpoints), start=position, carried=True)
                elif len(group.cells) not in group.breaks:
                    group.breaks.append(len(group.cells))
            if isinstance(item, Named):
                if (
                    (group.cells or group.stats)
                    and (group.carried or not group.endpoints)
                    and self._looks_back(text, group, item)
                ):
                    group.endpoints, group.carried = [item], False
                    continue
                if group.cells and (moved := self._moved(text, group, item)):
                    results += self._close(text, group, study, compared)
                    group = Group([item], moved, start=moved[0].start)
                    continue
                if group.cells or group.stats:
                    leading = self._leading_arms(text, group)
                    results += self._close(text, group, study, compared)
                    group = Group(arms=leading, start=position)
                elif group.carried:
                    group.endpoints, group.carried = [], False
                self._name(text, group, item)
            elif isinstance(item, Mentioned):
                if item.role != "prior":
                    group.arms.append(item)
            elif item.kind == "V":
                if parallel := self._parallel(text, group, item, results):
                    results += self._close(text, group, study, compared)
                    group = Group(parallel, arms=[group.arms[-1]], start=group.arms[-1].start, parallel=True)
                if (opened := self._opened_by_arm(group)) is not None:
                    group.arms = [m for m in group.arms if m not in opened]
                    results += self._close(text, group, study, compared)
                    group = Group(list(group.endpoints), arms=opened, start=opened[0].start, carried=True)
                group.cells.append(item)
            elif item.kind in ("F", "P", "CI"):
                if (
                    item.kind == "F"
                    and any(stat.kind == "F" for _, stat in group.stats)
                    and group.cells
                    and _SEMICOLON.search(text, self._reach(group), position)
                ):
                    results += self._close(text, group, study, compared)
                    group = Group(list(group.endpoints), start=position, carried=True)
                group.stats.append((len(group.cells), item))
        results += self._close(text, group, study, compared)
        for item in items:
            if isinstance(item, Token) and item.kind == "P" and item.shared:
                for result in results:
                    if result.end <= item.start and result.p is None:
                        result.p = item.p
        _ungrade(results)
        if any(item.marker for item in mentioned) or (topic is not None and _ELSEWHERE.search(self._around)):
            self._topic = topic  # what a comparison of patients was about is not what comes after it
        if results:
            self._sentence_named = list({result.endpoint: result.named for result in results}.values())
        return _merged(results, study)

    def _looks_back(self, text: str, group: Group, item: Named) -> bool:
        """Figures before their endpoint: ``10.4%和3.8%的患者因不良反应停药``, effects before *associated with OS*."""
        if item.endpoint is None and not item.frequency:
            return False
        if not group.cells:
            return any(token.kind == "F" for _, token in group.stats)
        gap = _ORDERLY.sub("", text[self._reach(group) : item.start])
        if group.cells[-1].unit == "patients" and len(gap) > 4:
            return False
        if group.cells[-1].unit == "patients" and _SHARE_NEXT.match(text, item.end):
            return False
        return len(gap) < 60 and not re.search(r"[，,;；:]", gap) and self._fits(group.cells[-1], item)

    def _moved(self, text: str, group: Group, item: Named) -> list[Token]:
        """Figures before their endpoint, behind those of another: ``…, with 34% versus 25% alive at 18 months``."""
        if not group.endpoints or not self._looks_back(text, group, item):
            return []
        moved: list[Token] = []
        while (
            group.cells
            and self._fits(group.cells[-1], item)
            and not any(self._fits(group.cells[-1], named) for named in group.endpoints)
        ):
            moved.insert(0, group.cells.pop())
        return moved

    @staticmethod
    def _parallel(text: str, group: Group, item: Token, results: Sequence[Result]) -> list[Named]:
        """``A ORR 31%、DCR 75%，B依次为16%、50%``: the endpoints the second arm's figures are of, in their order."""
        if not group.cells or not group.arms or group.parallel or group.arms[-1].start < group.cells[-1].end:
            return []
        if not _IN_ORDER.search(text[group.arms[-1].end : item.start]):
            return []
        named = [result.named for result in results if result.other is None and result.value is not None]
        return [*dict.fromkeys(named), *group.endpoints] if named else []

    @staticmethod
    def _opened_by_arm(group: Group) -> list[Mentioned] | None:
        """``6.3 months (HR 0.48), and with B 8.3 months``: an arm behind an effect opens another comparison."""
        if not group.cells or not group.endpoints:
            return None
        effect = next((token for count, token in reversed(group.stats) if token.kind == "F" and count), None)
        if effect is None:
            return None
        return [m for m in group.arms if m.start >= effect.end] or None

    def _leading_arms(self, text: str, group: Group) -> list[Mentioned]:
        """Arms printed after the last figure and a comma open what follows."""
        reach = self._reach(group) if group.cells else (group.stats[-1][1].end if group.stats else 0)
        leading = [
            m for m in group.arms if m.start >= reach and re.search(r"[，,;；。]|while|whereas", text[reach : m.start])
        ]
        group.arms = [m for m in group.arms if m not in leading]
        return leading

    @staticmethod
    def _reach(group: Group) -> int:
        last_cell = group.cells[-1].end if group.cells else 0
        return max(last_cell, group.stats[-1][1].end if group.stats else 0)

    @staticmethod
    def _pairs_to_come(group: Group) -> bool:
        return len(group.endpoints) > 1 and len(group.cells) < 2 * len(group.endpoints)

    def _name(self, text: str, group: Group, item: Named) -> None:
        if group.endpoints:
            last = group.endpoints[-1]
            gap = text[last.end : item.start]
            if last.names == item.names and len(gap) < 40:
                group.endpoints[-1] = replace(item, times=item.times or last.times, grade=item.grade or last.grade)
                return
            if _DEFINED.fullmatch(gap):
                return  # "客观反应率(CR+PR)": what an endpoint is made of
            if not _LISTED.fullmatch(gap) or item.endpoint is None or (last.endpoint is None and not last.frequency):
                group.endpoints = []
        group.endpoints.append(item)

    # -- a group -------------------------------------------------------------------------------------------------------

    def _close(self, text: str, group: Group, study: Study, compared: Arm) -> list[Result]:
        if not group.cells and not group.stats:
            return []
        if not group.endpoints and not self._carry(text, group, study):
            self.left_out["a figure without an endpoint"] += len(group.cells)
            return []
        if any(named.endpoint is None and not named.frequency for named in group.endpoints):
            self.left_out["a quantity that is no endpoint"] += max(1, len(group.cells))
            return []
        slots = [(name, named) for named in group.endpoints for name in named.names]
        stats = [stat for stat in group.stats if not stat[1].interaction]
        cells = self._fitting(text, group, slots)
        if not cells:
            return self._effects(text, group, slots, stats, study, compared)
        self._last_named = list(group.endpoints)
        return self._valued(text, group, slots, cells, stats, study, compared)

    def _carry(self, text: str, group: Group, study: Study) -> bool:
        """Values without an endpoint belong to the endpoint told of last, where an arm is named with them."""
        if not group.cells and (hazard := next((t.hazard for _, t in group.stats if t.hazard), "")):
            found = next((name for pattern, name in self._hazards if pattern.search(hazard)), None)
            if found is not None:
                place = group.stats[0][1]
                group.endpoints = [Named(self._endpoints[found], place.start, place.end)]
                return True
        if not self._last_named:
            return False
        last = self._last_named[-1]
        if group.cells and last.endpoint is not None and last.endpoint.survival:
            base = replace(last, times=())
            before = text[group.start : group.cells[0].start]
            if _MEDIAN.search(before) and all(self._fits(cell, base) for cell in group.cells):
                group.endpoints = [base]
                return True
        if not group.cells:
            group.endpoints = (
                [self._last_paired]
                if self._last_paired and not _FACTOR.search(self._around)
                else list(self._last_named[-1:])
            )
            group.endpoints = [replace(named, times=()) if named.times else named for named in group.endpoints]
            return True
        if re.search(r"corresponding|respective|相应|对应", text[group.start : group.cells[0].start]) and len(
            self._sentence_named
        ) * 2 == len(group.cells):
            group.endpoints = list(self._sentence_named)
            return True
        if (
            _IN_ORDER.search(text[group.start : group.cells[0].start])
            and len(self._sentence_named) == len(group.cells) > 1
        ):
            group.endpoints = list(self._sentence_named)
            return all(self._fits(cell, named) for cell, named in zip(group.cells, group.endpoints, strict=True))
        effect = any(token.kind == "F" for _, token in group.stats)
        before = text[group.start : group.cells[0].start]
        if effect and len(group.cells) == 2 and self._versus_between(text, *group.cells) and _LIKEWISE.search(before):
            named = self._last_paired
            if named is not None and all(self._fits(cell, named) for cell in group.cells):
                group.endpoints, group.carried = [named], True
                return True
        if not group.arms or group.cells[0].unit != self._last_unit:
            return False
        if len(group.cells) > 1 or any(token.kind == "F" for _, token in group.stats):
            for named in (self._last_paired, self._last_named[-1]):
                if named is not None and all(self._fits(cell, named) for cell in group.cells):
                    group.endpoints, group.carried = [named], True
                    return True
        if not any(self._fits(cell, self._last_named[-1]) for cell in group.cells):
            return False
        group.endpoints = list(self._last_named[-1:])
        group.carried = True
        return True

    def _fits(self, cell: Token, named: Named) -> bool:
        if cell.qualifier == "not_reached":
            return named.endpoint is not None and named.endpoint.unit == "time" and not named.times
        unit = "%" if named.times or named.frequency or named.endpoint is None else named.endpoint.unit
        if unit == "time" and named.endpoint is not None and named.endpoint.event:
            return False
        return cell.unit in _COMPATIBLE.get(unit, set())

    def _fitting(self, text: str, group: Group, slots: list[tuple[str, Named]]) -> list[Token]:
        kept: list[Token] = []
        levels = sum(cell.unit == "%" for cell in group.cells)
        for cell in group.cells:
            if kept and cell.unit is None and isinstance(cell.value, Decimal) and kept[-1].unit in TIMES:
                between = [m for m in group.arms if kept[-1].end <= m.start < cell.start]
                if between or self._versus_between(text, kept[-1], cell):
                    cell.unit = kept[-1].unit
            if kept and cell.unit in TIMES and self._difference.search(text[max(0, cell.start - 14) : cell.start]):
                self.left_out["a difference beside its levels"] += 1
                continue
            if cell.unit == "percentage points" and levels > 1:
                self.left_out["a difference beside its levels"] += 1
                continue
            if not any(self._fits(cell, named) for _, named in slots):
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

    def _effects(
        self,
        text: str,
        group: Group,
        slots: list[tuple[str, Named]],
        stats: list[tuple[int, Token]],
        study: Study,
        compared: Arm,
    ) -> list[Result]:
        """Effects printed without levels: each belongs to the arm named last before it."""
        found: list[Result] = []
        effects = [token for _, token in stats if token.kind == "F"]
        if not effects:
            self.left_out["a P value without a level or effect"] += len(stats)
            return []
        self._last_named = list(group.endpoints)
        for index, token in enumerate(effects):
            name, named = slots[index] if len(effects) == len(slots) else slots[-1]
            arm, other = self._effect_arms(group, token, effects, study, compared)
            if arm is not None and len(effects) == 1:
                self._topic = arm
            result = Result(
                name,
                named,
                "effect only",
                arm=arm,
                other_arm=other,
                start=token.start,
                end=token.end,
                printed=token.printed,
            )
            self._attach(result, token)
            following = effects[index + 1].start if index + 1 < len(effects) else None
            for _, stat in stats:
                if stat.kind != "F" and stat.start > token.start and (following is None or stat.start < following):
                    self._attach(result, stat)
            found.append(result)
        return found

    def _effect_arms(
        self, group: Group, token: Token, effects: list[Token], study: Study, compared: Arm
    ) -> tuple[Arm, Arm]:
        before = [m for m in group.arms if m.start < token.start and m.role != "against"]
        arm = self._resolve(before[-1], study) if before else self._topic
        if not before and _FACTOR.search(self._around):
            return None, None
        if len(effects) > 1 and (listed := self._listed(before, len(effects), study)):
            arm = listed[effects.index(token)]
            self._last_effects = listed
        elif len(effects) > 1 and not before and len(self._last_effects) == len(effects):
            arm = self._last_effects[effects.index(token)]
        after = [m for m in group.arms if m.start > token.end]
        if not before and len(after) >= 2 and len(effects) == 1:
            arm = self._resolve(after[0], study)
        other = compared if compared != arm else None
        if arm is None and study.arms:
            arm = study.arms[0] if other is None or study.arms[0] != other else None
        if other is None:
            other = self._opposite(arm, study)
        return arm, other

    def _listed(self, before: Sequence[Mentioned], number: int, study: Study) -> list[Arm]:
        """The arms of a list as long as that of the effects behind it: ``A, B and C had HRs of x, y and z``."""
        distinct = [m for i, m in enumerate(before) if m.names and m.names not in [o.names for o in before[:i]]]
        runs = [distinct[i : i + number] for i in range(len(distinct) - number + 1)]
        for run in reversed(runs):
            gaps = [self._around[a.end - self._start : b.start - self._start] for a, b in pairwise(run)]
            if all(_LIST_OF_ARMS.fullmatch(gap) for gap in gaps):
                return [self._resolve(m, study) for m in run]
        return []

    @staticmethod
    def _opposite(arm: Arm, study: Study) -> Arm:
        if len(study.arms) == 2 and arm in study.arms:
            return study.arms[1] if arm == study.arms[0] else study.arms[0]
        if len(study.arms) > 2 and arm in study.arms[:-1]:
            return study.arms[-1]
        return None

    # -- levels --------------------------------------------------------------------------------------------------------

    def _valued(
        self,
        text: str,
        group: Group,
        slots: list[tuple[str, Named]],
        cells: list[Token],
        stats: list[tuple[int, Token]],
        study: Study,
        compared: Arm,
    ) -> list[Result]:
        m, k = len(slots), len(cells)
        results: list[Result] = []
        listed = [token for _, token in stats if token.place is not None]
        stats = [stat for stat in stats if stat[1].place is None]
        intervals = [token for token in listed if token.kind == "CI"]
        if len(intervals) == k:
            for cell, token in zip(cells, intervals, strict=True):
                cell.ci = cell.ci or token.ci
        if k == 1 and cells[0].qualifier == "change" and isinstance(cells[0].value, tuple):
            old_value, new_value = cells[0].value
            arm = self._single_arm(text, group, cells[0], study, compared)
            old, new = (
                replace(cells[0], value=old_value, printed=str(old_value), qualifier=None),
                replace(cells[0], value=new_value, qualifier=None),
            )
            results.append(self._pair(slots[-1], new, old, arm, self._opposite(arm, study), "changed from"))
        elif (
            m == 1
            and k == 2
            and not self._versus_between(text, cells[0], cells[1])
            and (slots[0][1].frequency or (not stats and self._separate(group, study, self._topic)))
        ):
            told = cells[:1] if _UNKNOWN_NAME.search(text[cells[0].end : cells[1].start]) else cells
            self.left_out["a figure of a name not known"] += len(cells) - len(told)
            results += self._each(text, group, slots[0], told, study)
        elif k == 2 and self._is_difference(text, cells):
            results.append(self._single(text, group, slots[-1], cells[0], study, compared))
        elif k == 3 and m == 1 and self._is_difference(text, cells):
            results.append(self._single(text, group, slots[-1], cells[0], study, compared))
            arm, other = self._pair_arms(text, group, cells[1:], study, compared)
            results.append(self._pair(slots[0], cells[1], cells[2], arm, other, self._pair_rule(text, cells[1:])))
        elif k == 1:
            results.append(self._single(text, group, slots[-1] if m > 1 else slots[0], cells[0], study, compared))
        elif self._is_change(text, cells) and k == 2:
            low, high = cells
            arm, other = self._pair_arms(text, group, [high, low], study, compared)
            results.append(self._pair(slots[-1], high, low, arm, other, "changed from"))
        elif m == 1 and k == 2:
            arm, other = self._pair_arms(text, group, cells, study, compared)
            results.append(self._pair(slots[0], cells[0], cells[1], arm, other, self._pair_rule(text, cells)))
        elif m == k and not self._versus_between(text, cells[0], cells[1]):
            arm = self._single_arm(text, group, cells[0], study, compared)
            for slot, cell in zip(slots, cells, strict=True):
                if self._fits(cell, slot[1]):
                    results.append(self._level(slot, cell, arm, "each in turn"))
        elif m == 1 and k > 2 and k % 2 == 0 and {2, 4} <= self._behind(cells, stats):
            for place in range(0, k, 2):
                pair = cells[place : place + 2]
                arm, other = self._pair_arms(text, group, pair, study, compared)
                results.append(self._pair(slots[0], pair[0], pair[1], arm, other, "pairs in turn"))
        elif m == 1 and k > 2 and k % 2 == 0 and self._all_pairs(text, cells):
            for place in range(0, k, 2):
                pair = cells[place : place + 2]
                arm, other = self._pair_arms(text, group, pair, study, compared)
                results.append(self._pair(slots[0], pair[0], pair[1], arm, other, "pairs in turn"))
        elif m == 1 and k > 2:
            results += self._many(text, group, slots[0], cells, study)
        elif m > 1 and k == 2 * m:
            results += self._crossed(text, group, slots, cells, study, compared)
        elif m > 1 and k == 2:
            slot = slots[-1]
            arm, other = self._pair_arms(text, group, cells, study, compared)
            results.append(self._pair(slot, cells[0], cells[1], arm, other, self._pair_rule(text, cells)))
        else:
            self.left_out["more figures than endpoints and arms explain"] += k
            return []
        self._last_paired = next((result.named for result in results if result.other is not None), self._last_paired)
        self._last_unit = cells[-1].unit or self._last_unit
        for result in results:
            self._finish(text, result, group, stats, len(results))
        tests = [token for token in listed if token.kind == "P"]
        if len(tests) == len(results):
            for result, token in zip(results, tests, strict=True):
                self._attach(result, token)
        return [result for result in results if result.value is not None]

    def _all_pairs(self, text: str, cells: list[Token]) -> bool:
        """``47.9% vs 19.6% …, 65.0% vs 29.5%``."""
        joined = [self._versus_between(text, one, two) for one, two in pairwise(cells)]
        return all(joined[::2]) and not any(joined[1::2])

    @staticmethod
    def _behind(cells: list[Token], stats: list[tuple[int, Token]]) -> set[int]:
        """After how many of the values something of statistics stands."""
        return {sum(cell.end <= token.start for cell in cells) for _, token in stats}

    def _each(self, text: str, group: Group, slot: tuple[str, Named], cells: list[Token], study: Study) -> list[Result]:
        """Levels of groups of patients, or doses, of one treatment."""
        doses = [m for m in group.arms if m.label == "dose"]
        if len(doses) == len(cells):
            arms = [self._resolve(dose, study) for dose in doses]
            self._last_doses = arms
        elif len(self._last_doses) == len(cells) and (any(m.label == "both" for m in group.arms) or not group.arms):
            arms = self._last_doses
        else:
            arms = [self._single_arm(text, group, cell, study, None) for cell in cells]
        return [self._level(slot, cell, arm, _APART) for cell, arm in zip(cells, arms, strict=True)]

    @staticmethod
    def _one_treatment(group: Group, study: Study) -> bool:
        named = {m.names for m in group.arms if m.names}
        return (
            len(study.arms) < 2 and len(named) < 2 and not any(m.label not in ("", "dose", "both") for m in group.arms)
        )

    @staticmethod
    def _separate(group: Group, study: Study, topic: Arm) -> bool:
        """One arm only: two levels are two groups of patients, not two arms."""
        named = {m.names for m in group.arms if m.names}
        return (
            (len(study.arms) == 1 or (not study.arms and topic is not None))
            and len(named) < 2
            and not any(m.label not in ("", "dose", "both") for m in group.arms)
        )

    def _is_difference(self, text: str, cells: list[Token]) -> bool:
        first = cells[0]
        return bool(self._difference.search(text[max(0, first.start - 16) : first.start])) and text[
            first.end : cells[1].start
        ].strip() in ("(", "（")

    def _versus_between(self, text: str, one: Token, other: Token) -> bool:
        return bool(self._versus.search(text[one.end : other.start]))

    def _pair_rule(self, text: str, cells: list[Token]) -> str:
        return "one against the other" if self._versus_between(text, cells[0], cells[1]) else "each in turn"

    @staticmethod
    def _is_change(text: str, cells: list[Token]) -> bool:
        return bool(
            len(cells) == 2
            and _CHANGE.search(text[max(0, cells[0].start - 18) : cells[0].start])
            and _CHANGED_TO.search(text[cells[0].end : cells[1].start])
        )

    @staticmethod
    def _pair(slot: tuple[str, Named], value: Token, other: Token, arm: Arm, other_arm: Arm, rule: str) -> Result:
        start, end = min(value.start, other.start), max(value.end, other.end)
        result = Result(
            slot[0], slot[1], rule, value, arm, other, other_arm, start=start, end=end, printed=value.printed
        )
        if value.ci is not None:
            result.ci = value.ci
        return result

    @staticmethod
    def _level(slot: tuple[str, Named], cell: Token, arm: Arm, rule: str) -> Result:
        return Result(
            slot[0], slot[1], rule, cell, arm, ci=cell.ci, start=cell.start, end=cell.end, printed=cell.printed
        )

    def _single(
        self, text: str, group: Group, slot: tuple[str, Named], cell: Token, study: Study, compared: Arm
    ) -> Result:
        arm = self._single_arm(text, group, cell, study, compared)
        result = self._level(slot, cell, arm, "beside its endpoint")
        result.topic = not [m for m in group.arms if m.role != "against"]
        before = text[max(0, cell.start - 16) : cell.start]
        if cell.unit == "percentage points" or (
            cell.unit in TIMES and (self._difference.search(before) or before.endswith(" by "))
        ):
            result.statistic = "difference"
            result.other_arm = self._opposite(arm, study)
        return result

    def _single_arm(self, text: str, group: Group, cell: Token, study: Study, compared: Arm) -> Arm:
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
        chosen = after[0] if after else grouped[-1] if grouped else before[0] if before else None
        arm = self._resolve(chosen, study) if chosen else None
        if arm is not None:
            if chosen is not None and chosen.label != "dose":
                self._topic = arm
            return arm
        if chosen is not None:
            return None
        if self._topic is not None and (len(study.arms) < 2):
            return self._topic
        if self._topic is not None:
            return self._topic
        return study.arms[0] if len(study.arms) == 1 else None

    def _pair_arms(self, text: str, group: Group, cells: list[Token], study: Study, compared: Arm) -> tuple[Arm, Arm]:
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
                other = self._resolve(two, study)
                one = next((m for m in reversed(plain) if self._resolve(m, study) != other), plain[-1])
            else:
                one, two = before[-2], before[-1]
        elif len(before) == 1 and not both:
            if before[0].role == "against" or self._names_control(text, before[0], v1, study):
                two = before[0]
            else:
                one = before[0]
        elif len(after) >= 2 and not both:
            one, two = after[0], after[1]
        arm = self._resolve(one, study) if one else None
        other = self._resolve(two, study) if two else None
        if one is None and two is None:
            if len(self._last_arms) == 2 and not both:
                arm, other = self._last_arms
            elif len(study.arms) == 2:
                arm, other = study.arms
            elif both and len(study.arms) == 1:
                arm = study.arms[0]
            elif self._topic is not None and compared is not None:
                arm, other = self._topic, compared
            elif self._topic is not None:
                arm, other = self._topic, self._opposite(self._topic, study)
        elif one is None:
            arm = self._opposite(other, study) or (self._topic if self._topic != other else None)
        elif two is None:
            other = compared if compared is not None and compared != arm else self._opposite(arm, study)
        if arm is not None and arm == other:
            other = self._opposite(arm, study)
        if cells[0].start > cells[1].start:  # a change: printed from the other arm's value
            explicit = one is not None and two is not None
            arm, other = (other, arm) if explicit else self._change_arms(arm, other, study)
        if arm is not None and other is not None:
            self._last_arms = [arm, other]
            if one is not None and two is not None and not study.firm and not (one.marker or two.marker):
                study.arms, study.firm = [arm, other], True
        if arm is not None and (
            other is not None or (one is not None and one.role != "against" and one.label != "dose")
        ):
            self._topic = arm
        return arm, other

    def _names_control(self, text: str, mention: Mentioned, value: Token, study: Study) -> bool:
        """Whether the only arm named is the one compared with, and not as the owner of the first of two values."""
        if mention.label == "latter":
            return True
        control = study.firm and len(study.arms) == 2 and self._resolve(mention, study) == study.arms[1]
        return control and not mention.group and re.search(r"[):：;,(]", text[mention.end : value.start]) is not None

    def _change_arms(self, arm: Arm, other: Arm, study: Study) -> tuple[Arm, Arm]:
        if self._topic is not None and len(study.arms) == 2:
            return study.arms[0], study.arms[1]
        return arm, other

    def _many(self, text: str, group: Group, slot: tuple[str, Named], cells: list[Token], study: Study) -> list[Result]:
        """Three arms or more: each against the last; two that repeat: pairs."""
        k = len(cells)
        own = [m for m in group.arms if m.label != "both"]
        arms = [arm for m in own if (arm := self._resolve(m, study))]
        unique = list(dict.fromkeys(arms))
        if k == 3 or len(unique) == k:
            named: Sequence[Arm] = (
                unique
                if len(unique) == k
                else (
                    self._last_arms if len(self._last_arms) == k else study.arms if len(study.arms) == k else [None] * k
                )
            )
            if self._one_treatment(group, study) and len(self._last_arms) != k:
                return self._each(text, group, slot, cells, study)
            self._last_arms = list(named)
            control = _control(named)
            return [
                self._pair(slot, cell, cells[control], named[index], named[control], "each in turn")
                for index, cell in enumerate(cells)
                if index != control
            ]
        self.left_out["more figures than endpoints and arms explain"] += k
        return []

    def _crossed(
        self, text: str, group: Group, slots: list[tuple[str, Named]], cells: list[Token], study: Study, compared: Arm
    ) -> list[Result]:
        m = len(slots)
        own = [mention for mention in group.arms if mention.label != "both"]
        between = [mention for mention in own if cells[m - 1].end <= mention.start < cells[m].start]
        inner = [mention for mention in own if cells[0].end <= mention.start < cells[m - 1].start]
        first = cells[:m]
        if between and not inner and not any(self._versus_between(text, one, two) for one, two in pairwise(first)):
            before = [mention for mention in own if mention.end <= cells[0].start and mention.role != "against"]
            after = [mention for mention in own if mention.start >= cells[-1].end]
            one, two = (
                (before[-1], between[-1])
                if before and not after
                else (between[0], after[0])
                if after
                else (None, between[-1])
            )
            arm = self._resolve(one, study) if one else None
            other = self._resolve(two, study) if two else None
            arm = arm or self._opposite(other, study)
            self._last_arms = [arm, other]
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
                    slots[index % 2], cell, self._single_arm(text, group, cell, study, compared), "each in turn"
                )
                for index, cell in enumerate(cells)
            ]
        arm, other = self._pair_arms(text, group, cells[:2], study, compared)
        return [
            self._pair(slot, cells[2 * index], cells[2 * index + 1], arm, other, "pairs in turn")
            for index, slot in enumerate(slots)
            if self._fits(cells[2 * index], slot[1])
        ]

    # -- what goes with a level ----------------------------------------------------------------------------------------

    def _finish(self, text: str, result: Result, group: Group, stats: list[tuple[int, Token]], results: int) -> None:
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
                result.rule == _APART
                and len({token.kind for _, token in stats}) == len(stats)
                and all(token.kind == "P" and token.start > group.cells[-1].start for _, token in stats)
            ):
                mine = [token for _, token in stats]  # one test of all the groups
            if not mine and len(stats) == 1 and stats[0][1].start > group.cells[-1].end and result.other is not None:
                mine = [stats[0][1]]
        for token in mine:
            self._attach(result, token)
        if result.named.frequency and result.other is None:
            result.arm = None
        result.n = result.value.whole

    @staticmethod
    def _attach(result: Result, token: Token) -> None:
        if token.kind == "F" and result.effect is None:
            result.effect, result.ci = token.effect, token.ci
            result.end = max(result.end, token.end)
            if not result.printed:
                result.printed = token.printed
        elif token.kind == "CI" and (result.ci is None or result.effect is not None):
            result.ci = token.ci
            result.end = max(result.end, token.end)
        elif token.kind == "P" and result.p is None:
            result.p = token.p
            result.end = max(result.end, token.end)


def _ungrade(results: Sequence[Result]) -> None:
    """An event more frequent than all events of a grade together is not of that grade."""
    most: dict[str, Decimal] = {}
    for result in results:
        endpoint = result.named.endpoint
        if endpoint is None or not endpoint.event or not result.named.grade or result.value is None:
            continue
        value = result.value.value
        if not isinstance(value, Decimal) or result.value.unit != "%":
            continue
        if not result.named.grade_carried:
            most.setdefault(result.named.grade, value)
        elif value > most.get(result.named.grade, value):
            result.endpoint = endpoint.name


def _control(arms: Sequence[Arm]) -> int:
    """Which of several arms the others are compared with: placebo, else what all others hold too, else the last."""
    for index, arm in enumerate(arms):
        if arm is not None and BACKGROUND & set(arm):
            return index
    for index, arm in enumerate(arms):
        if arm is not None and all(other is not None and parts(arm) <= parts(other) for other in arms):
            return index
    return len(arms) - 1


def _cjk(text: str, cell: Token) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text[max(0, cell.start - 30) : cell.end + 6])


def _with_effects(results: list[Result]) -> list[Result]:
    """An effect printed by itself for an endpoint whose levels stand before it in the sentence goes with them."""
    kept: list[Result] = []
    for result in results:
        last = kept[-1] if kept else None
        if (
            last is not None
            and last.value is None
            and last.effect is not None
            and result.endpoint == last.endpoint
            and result.other is not None
            and result.effect is None
            and last.arm in (None, result.arm)
        ):  # "HR为0.54，中位PFS 8.0个月 vs 5.5个月"
            result.effect, result.ci, result.p = last.effect, last.ci, result.p or last.p
            result.start = last.start
            kept[-1] = result
            continue
        levels = [
            earlier
            for earlier in kept
            if result.value is None
            and result.effect is not None
            and earlier.endpoint == result.endpoint
            and earlier.value is not None
            and earlier.effect is None
            and earlier.other is not None
        ]
        if len(levels) != 1:
            kept.append(result)
            continue
        level = levels[0]
        level.effect, level.ci, level.p = result.effect, result.ci, level.p or result.p
        level.end = max(level.end, result.end)
    return kept


def _merged(results: list[Result], study: Study) -> list[Result]:
    """Two levels of one endpoint in different arms, printed one after the other, are one comparison."""
    kept: list[Result] = []
    for result in _with_effects(results):
        match = next(
            (
                earlier
                for earlier in reversed(kept)
                if earlier.endpoint == result.endpoint
                and earlier.other is None
                and result.other is None
                and earlier.value is not None
                and result.value is not None
                and earlier.arm is not None
                and result.arm is not None
                and earlier.arm != result.arm
                and earlier.value.unit == result.value.unit
                and _APART not in (earlier.rule, result.rule)
                and earlier.statistic is None
                and result.statistic is None
                and (len(study.arms) < 3 or result.arm == study.arms[-1])
            ),
            None,
        )
        if match is None:
            kept.append(result)
            continue
        assert result.value is not None
        match.other, match.other_arm = result.value, result.arm
        match.rule = "one arm after the other"
        if match.arm and match.other_arm and parts(match.arm) < parts(match.other_arm):  # the fuller regimen is the arm
            match.other, match.value = match.value, result.value
            match.arm, match.other_arm = match.other_arm, match.arm
            match.printed = result.value.printed
            if match.effect is None:
                match.ci = result.value.ci
        match.start, match.end = min(match.start, result.start), max(match.end, result.end)
        if result.effect is not None and match.effect is None:
            match.effect, match.ci = result.effect, result.ci
        match.p = match.p or result.p
        match.n = None
    return kept
