"""Relations: a sentence cut into groups of endpoints, arms and figures, and each group read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tumorboard.reading.comparing import merged, ungrade
from tumorboard.reading.levels import LevelReader
from tumorboard.reading.lexer import Token
from tumorboard.reading.lexicon import Lexicon, any_of
from tumorboard.reading.results import Arm, Group, Named, Result, Slot, attach, fits
from tumorboard.reading.study import Mentioned, Study
from tumorboard.reading.whose import ArmKeeper, factors

_DEFINED = re.compile(r" ?\((?:[A-Za-z\u4e00-\u9fff]{2,6}\+){0,3}")
_LISTED = re.compile(
    r"s?(?: ?rates?|率|发生率|水平)?[)）]?\s*(?:[、,，/和与及]|and|or|以及|as well as|\(){1,3}\s*"
    r"(?:the |an? |median |increased |elevated |longer |shorter |higher |lower |improved |中位|患者|总|两组|of |grade "
    r"|≥?\d级){0,3}\s*"
)
_SHARE_NEXT = re.compile(r"[^，,;；。]{0,12}?\d[\d.]*%")
_LIKEWISE = re.compile(r"^.{0,12}$|repeated|likewise|confirmed|similar|同样|类似|亦然|[:：] ?$")
_ORDERLY = re.compile(
    r"^[)\]]?(?: of (?:the )?patients)?[,，] ?(?:respectively|in the same order|resp\.?|依次|分别)[,，] ?"
)
_IN_ORDER = re.compile(r"依次|分别|相应|respective|corresponding|the figures|in the same order")
_ELSEWHERE = re.compile(
    r"[Hh]istorical|by comparison|previously reported|[Ee]arlier (?:series"
    r"|studies)|had reported|文献|既往报道|既往研究|同类药物|历史数据|历史对照"
)
_MEDIAN = re.compile(r"(?:[Mm]edians?|中位数|中位)[^，,;；。]{0,24}$")
_RISK = re.compile(r"risks? of [a-z, ]{3,50}?(?= (?:was|were|by|with|fell|than|\()|[^a-z, ])|[\u4e00-\u9fff]{2,8}风险")
_SEMICOLON = re.compile("[;；]")


class RelationReader:
    """Makes results of the tokens of one sentence; keeps between sentences what a later one may lean on."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._endpoints = lexicon.endpoints
        self._hazards = [(re.compile(any_of(names)), name) for name, names in lexicon.words["hazards"].items()]
        self.left_out: Counter[str] = Counter()
        self._arms = ArmKeeper()
        self._levels = LevelReader(lexicon, self._arms, self.left_out)
        self._last_named: list[Named] = []
        self._last_paired: Named | None = None
        self._last_unit: str | None = None
        self._sentence_named: list[Named] = []
        self._around = ""

    def new_study(self) -> None:
        self._arms.new_study()

    def read(
        self, text: str, start: int, end: int, items: Sequence[Named | Mentioned | Token], study: Study
    ) -> list[Result]:
        """Results of the sentence ``start`` to ``end``; ``items`` are its endpoints, arms and figures in order."""
        self._around = text[start:end]
        topic = self._arms.topic
        mentioned = [item for item in items if isinstance(item, Mentioned)]
        self._arms.note_doses(mentioned, study)
        against = [arm for item in mentioned if item.role == "against" and (arm := self._arms.resolve(item, study))]
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
        ungrade(results)
        if any(item.marker for item in mentioned) or (topic is not None and _ELSEWHERE.search(self._around)):
            self._arms.topic = topic  # what a comparison of patients was about is not what comes after it
        if results:
            self._sentence_named = list({result.endpoint: result.named for result in results}.values())
        return merged(results, study)

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
        return len(gap) < 60 and not re.search(r"[，,;；:]", gap) and fits(group.cells[-1], item)

    def _moved(self, text: str, group: Group, item: Named) -> list[Token]:
        """Figures before their endpoint, behind those of another: ``…, with 34% versus 25% alive at 18 months``."""
        if not group.endpoints or not self._looks_back(text, group, item):
            return []
        moved: list[Token] = []
        while (
            group.cells
            and fits(group.cells[-1], item)
            and not any(fits(group.cells[-1], named) for named in group.endpoints)
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
        cells = self._levels.fitting(text, group, slots)
        if not cells:
            return self._effects(text, group, slots, stats, study, compared)
        self._last_named = list(group.endpoints)
        results = self._levels.read(text, group, slots, cells, stats, study, compared)
        if results:
            self._last_paired = next((one.named for one in results if one.other is not None), self._last_paired)
            self._last_unit = cells[-1].unit or self._last_unit
        return results

    def _of_risk(self, text: str, group: Group) -> Named | None:
        """``The risk of death was 41% lower (hazard ratio, 0.59)``: the risk an effect stands behind."""
        effect = next((token for _, token in group.stats if token.kind == "F"), None)
        if effect is None:
            return None
        clause = _RISK.search(text, max(group.start, effect.start - 120), effect.start)
        if clause is None:
            return None
        name = next((name for pattern, name in self._hazards if pattern.search(clause[0])), None)
        return None if name is None else Named(self._endpoints[name], clause.start(), effect.start)

    def _carry(self, text: str, group: Group, study: Study) -> bool:
        """Values without an endpoint belong to the endpoint told of last, where an arm is named with them."""
        if (risk := self._of_risk(text, group)) is not None:
            group.endpoints = [risk]
            return True
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
            if _MEDIAN.search(before) and all(fits(cell, base) for cell in group.cells):
                group.endpoints = [base]
                return True
        if not group.cells:
            group.endpoints = (
                [self._last_paired] if self._last_paired and not factors(self._around) else list(self._last_named[-1:])
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
            return all(fits(cell, named) for cell, named in zip(group.cells, group.endpoints, strict=True))
        effect = any(token.kind == "F" for _, token in group.stats)
        before = text[group.start : group.cells[0].start]
        if (
            effect
            and len(group.cells) == 2
            and self._levels.versus_between(text, *group.cells)
            and _LIKEWISE.search(before)
        ):
            named = self._last_paired
            if named is not None and all(fits(cell, named) for cell in group.cells):
                group.endpoints, group.carried = [named], True
                return True
        if not group.arms or group.cells[0].unit != self._last_unit:
            return False
        if len(group.cells) > 1 or any(token.kind == "F" for _, token in group.stats):
            for named in (self._last_paired, self._last_named[-1]):
                if named is not None and all(fits(cell, named) for cell in group.cells):
                    group.endpoints, group.carried = [named], True
                    return True
        if not any(fits(cell, self._last_named[-1]) for cell in group.cells):
            return False
        group.endpoints = list(self._last_named[-1:])
        group.carried = True
        return True

    def _effects(
        self,
        text: str,
        group: Group,
        slots: list[Slot],
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
            arm, other = self._arms.of_effect(text, self._around, group, token, effects, study, compared)
            if arm is not None and len(effects) == 1:
                self._arms.topic = arm
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
            attach(result, token)
            following = effects[index + 1].start if index + 1 < len(effects) else None
            for _, stat in stats:
                if stat.kind != "F" and stat.start > token.start and (following is None or stat.start < following):
                    attach(result, stat)
            found.append(result)
        return found
