"""Groups of patients told apart by a marker, class or condition: ``高NLR组``, ``AFP ≥400 ng/mL``, ``Child-Pugh B``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import ahocorasick

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.arms import count_after
from tumorboard.reading.lexicon import any_of, small_letters, whole_word
from tumorboard.reading.study import Mentioned

_NUMBER = r"\d+(?:\.\d+)?"
_CLASS = (
    r" ?(?:class |grade |stage |score |of |评分|分级|分期|为)?(?P<k>[A-D](?![A-Za-z])"
    r"|(?:III|II|IV|I)[ABCabc]?\d?(?![A-Za-z])|[0-4](?:[ab])?(?:[-~/](?:[0-4]|[A-D]))?(?![\d.%]))(?: ?[级期分])?"
)
_CUT = re.compile(r" ?[(（](?:TPS|CPS|IHC)? ?[<>≤≥][^()（）]{1,12}[)）]")
_LEVELS = ("high", "low", "normal", "positive", "negative")
_AFTER_NAME = ("positive", "negative")  # "PD-L1 positive", but "high NLR"
_GENETIC = ("mutation", "co-mutation", "wild type", "amplification", "fusion", "overexpression", "positive", "negative")

Spot = tuple[str, str, int, int]  # kind, name, start, end


class GroupFinder:
    """Finds the groups a text names, and says which of them a sentence compares."""

    def __init__(self, folder: KnowledgeFolder) -> None:
        data = folder.read("reading/groups.yaml")
        states: Mapping[str, Sequence[str]] = data["states"]
        self._state = {word.lower(): state for state, words in states.items() for word in words}
        self._limits = {word.lower(): sign for sign, words in data["limits"].items() for word in words}
        self._units: Mapping[str, str] = data["units"]
        self._automaton = ahocorasick.Automaton()
        for kind in ("markers", "classes", "conditions", "sexes", "smoking"):
            for name, forms in data[kind].items():
                for form in forms:
                    self._automaton.add_word(form.lower(), (len(form), kind, name))
        self._automaton.make_automaton()
        people = any_of(data["people"])
        level = any_of(word for state in _LEVELS for word in states[state])
        opening = [word for word in self._limits if not word.startswith(("or ", "及", "或", "以"))]
        signs = any_of(opening)
        closing = any_of(word for word in self._limits if word not in opening)
        units = any_of(self._units)
        self._people = re.compile(rf"[- )）]{{0,2}}(?:的|NSCLC|HCC|disease)? ?(?:{people})")
        self._level_before = re.compile(rf"({level})[ -]?(?:baseline |levels of |基线)?$", re.IGNORECASE)
        self._level_after = re.compile(
            rf"[ -]?(?:水平|level|expression)?(?:表达)?[ -]?({level})(?:表达)?(?=[ -]?(?:的)?(?:{people}))",
            re.IGNORECASE,
        )
        limit = (
            rf"(?:水平|表达|levels?|expression)? ?(?:of |was |为)?(?P<sign>{signs}) ?(?P<v>{_NUMBER}) ?(?P<u>{units})?"
        )
        self._limit = re.compile(limit, re.IGNORECASE)
        self._range = re.compile(rf" ?(?P<lo>{_NUMBER}) ?%? ?[-~至] ?(?P<hi>{_NUMBER}) ?(?P<u>{units})")
        self._bare = re.compile(rf"(?P<s>[<>≤≥]) ?(?P<v>{_NUMBER}) ?(?P<u>{units})?(?=者|组|的?患者)")
        self._age = re.compile(
            rf"(?:年龄|aged? )?(?P<sign>{signs}) ?(?P<v>\d\d) ?(?:岁|years?(?: old| of age)?)"
            rf"|(?:aged? )?(?<![\d.])(?P<v2>\d\d) ?(?:岁|years?(?: old| of age)?)?(?: of age)? ?(?P<sign2>{closing})"
        )
        self._class = re.compile(_CLASS)
        named = any_of(word for state in ("absent", "present", "within", "beyond") for word in states[state])
        self._named = re.compile(rf"({named}) ?(?:baseline |the |基线|existing )?$", re.IGNORECASE)
        genetic = any_of(word for state in _GENETIC for word in states[state])
        self._genetic = re.compile(
            rf"(?:基因)?[ -]?(?:(?P<variant>{any_of(data['variants'])})|(?P<s>{genetic}))",
            re.IGNORECASE,
        )
        self._rest = re.compile(any_of(data["rest"]), re.IGNORECASE)
        self._worse = re.compile(any_of(data["worse"]), re.IGNORECASE)

    def find(self, text: str, genes: Sequence[tuple[str, int, int]]) -> list[Mentioned]:
        """Groups of ``text`` from left to right; ``genes`` are the genes named in it (symbol, start, end)."""
        found = sorted([*self._found(text), *self._ages(text), *self._of_genes(text, genes)], key=_place)
        for match in self._bare.finditer(text):  # "TPS 1%~49%者与≥50%者"
            before = next((m for m in reversed(found) if m.end <= match.start()), None)
            if before is not None and match.start() - before.end < 12:
                name = f"{before.marker} {self._limits[match['s']]}{match['v']}{self._unit(match['u'])}"
                found.append(self._group(text, name, before.marker, match.start(), match.end()))
                found.sort(key=_place)
        kept: list[Mentioned] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return kept

    def compared(self, text: str, groups: Sequence[Mentioned]) -> list[Mentioned]:
        """Those of ``groups`` that a sentence compares with each other; the others say who was treated."""
        kept = []
        for group in groups:
            others = {other.names for other in groups if other.marker == group.marker}
            if len(others) > 1 or (len(groups) == 1 and (self._rest.search(text) or self._worse.search(text))):
                kept.append(group)
        return kept

    # -- one kind of group after the other -----------------------------------------------------------------------------

    def _spots(self, text: str) -> Iterator[Spot]:
        lowered = small_letters(text)
        found = [
            (last - length + 1, last + 1, kind, name) for last, (length, kind, name) in self._automaton.iter(lowered)
        ]
        reached = 0
        for start, end, kind, name in sorted(found, key=lambda spot: (spot[0], -spot[1])):
            if start >= reached and whole_word(text, start, end):
                yield kind, name, start, end
                reached = end

    def _found(self, text: str) -> Iterator[Mentioned]:
        for kind, name, start, end in self._spots(text):
            if kind == "markers":
                yield from self._of_marker(text, name, start, end)
            elif kind == "classes":
                if match := self._class.match(text, end):
                    yield self._group(text, f"{name} {match['k'].replace('~', '-')}", name, start, match.end())
            elif kind == "conditions":
                yield self._of_condition(text, name, start, end)
            else:
                yield self._group(text, name, kind, start, end)

    def _of_marker(self, text: str, name: str, start: int, end: int) -> Iterator[Mentioned]:
        if match := self._limit.match(text, end):
            sign, unit = self._limits[match["sign"].lower()], self._unit(match["u"])
            label = f"age {sign}{match['v']} years" if name == "age" else f"{name} {sign}{match['v']}{unit}"
            yield self._group(text, label, name, start, match.end())
        elif match := self._range.match(text, end):
            yield self._group(
                text, f"{name} {match['lo']}-{match['hi']}{self._unit(match['u'])}", name, start, match.end()
            )
        elif match := self._level_after.match(text, end):
            yield self._group(text, self._levelled(name, match[1]), name, start, match.end())
        elif match := self._level_before.search(text, max(0, start - 16), start):
            yield self._group(text, self._levelled(name, match[1]), name, match.start(), end)

    def _levelled(self, name: str, printed: str) -> str:
        state = self._state[printed.lower()]
        return f"{name} {state}" if state in _AFTER_NAME else f"{state} {name}"

    def _of_condition(self, text: str, name: str, start: int, end: int) -> Mentioned:
        match = self._named.search(text, max(0, start - 24), start)
        state = self._state[match[1].lower()] if match else "present"
        if text[end : end + 1] in ("外", "内"):
            state, end = ("beyond" if text[end] == "外" else "within"), end + 1
        first = match.start() if match else start
        label = name if state == "present" else f"no {name}" if state == "absent" else f"{state} {name}"
        return self._group(text, label, name, first, end)

    def _ages(self, text: str) -> Iterator[Mentioned]:
        for match in self._age.finditer(text):
            printed = (match["sign"] or match["sign2"]).lower()
            sign = "<" if printed.endswith("下") else self._limits[printed]
            yield self._group(text, f"age {sign}{match['v'] or match['v2']} years", "age", match.start(), match.end())

    def _of_genes(self, text: str, genes: Sequence[tuple[str, int, int]]) -> Iterator[Mentioned]:
        for symbol, start, end in genes:
            if found := self._genetic.match(text, end):
                state = self._state.get((found["s"] or "").lower(), found["variant"])
                yield self._group(text, f"{symbol} {state}", symbol, start, found.end())

    def _unit(self, printed: str | None) -> str:
        unit = self._units.get(printed or "", "")
        return unit if unit in ("", "%") else f" {unit}"

    def _group(self, text: str, name: str, marker: str, start: int, end: int) -> Mentioned:
        if cut := _CUT.match(text, end):  # with the cut-off a bracket repeats: "PD-L1阴性(<1%)"
            end = cut.end()
        people = self._people.match(text, end) is not None
        return Mentioned((name,), start, end, marker=marker, group=people, count=count_after(text, end))


def _place(mention: Mentioned) -> tuple[int, int]:
    return mention.start, -mention.end
