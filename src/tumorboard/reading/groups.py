"""Groups of patients told apart by a marker, class or condition: ``高NLR组``, ``AFP ≥400 ng/mL``, ``Child-Pugh B``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.arms import Mentioned, count_after
from tumorboard.reading.lexicon import any_of

_CUT = re.compile(r" ?[(（](?:TPS|CPS|IHC)? ?[<>≤≥][^()（）]{1,12}[)）]")
_NUMBER = r"\d+(?:\.\d+)?"
_CLASS = (
    r"(?:[A-D](?![A-Za-z])|(?:III|II|IV|I)[ABCabc]?\d?(?![A-Za-z])|[0-4](?:[ab])?(?:[-~/](?:[0-4]|[A-D]))?(?![\d.%]))"
)


class GroupFinder:
    def __init__(self, folder: KnowledgeFolder) -> None:
        data = folder.read("reading/groups.yaml")
        states = {word: state for state, words in data["states"].items() for word in words}
        self._state = {word.lower(): state for word, state in states.items()}
        self._markers = _folded(data["markers"])
        self._classes = _folded(data["classes"])
        self._conditions = _folded(data["conditions"])
        self._named = _folded(data["sexes"]) | _folded(data["smoking"])
        self._units: Mapping[str, str] = data["units"]
        self._limits = {word.lower(): sign for sign, words in data["limits"].items() for word in words}
        marker, people = any_of(self._forms(data["markers"])), any_of(data["people"])
        level = any_of(w for s in ("high", "low", "normal", "positive", "negative") for w in data["states"][s])
        genetic = any_of(
            w for s in (
                "mutation", "co-mutation", "wild type", "amplification", "fusion", "overexpression",
                "positive", "negative",
            )
            for w in data["states"][s]
        )  # fmt: skip
        signs = any_of(
            word
            for words in data["limits"].values()
            for word in words
            if not word.startswith(("or ", "及", "或", "以"))
        )
        after = any_of(
            word for words in data["limits"].values() for word in words if word.startswith(("or ", "及", "或", "以"))
        )
        units = any_of(self._units)
        self._people = re.compile(rf"[- )）]{{0,2}}(?:的|NSCLC|HCC|disease)? ?(?:{people})")
        self._level = re.compile(
            rf"(?P<before>{level})[ -]?(?:baseline |levels of |基线)?(?P<m1>{marker})(?:水平|表达|level|expression)?"
            rf"|(?P<m2>{marker})[ -]?(?:水平|level|expression)?(?:表达)?[ -]?(?P<after>{level})(?:表达)?(?=[ -]?"
            rf"(?:的)?(?:{people}))",
            re.IGNORECASE,
        )
        self._limit = re.compile(
            rf"(?P<m>{marker})(?:水平|表达|levels?|expression)? ?(?:of |was |为)?(?P<sign>{signs}) ?(?P<v>{_NUMBER})"
            rf" ?(?P<u>{units})?"
            rf"|(?P<m4>{marker}) ?(?P<lo>{_NUMBER}) ?%? ?[-~至] ?(?P<hi>{_NUMBER}) ?(?P<u4>{units})"
            rf"|(?P<age>(?:年龄|aged?|age of)? ?(?P<sign2>{signs}) ?(?P<v2>\d\d) ?(?:岁|years?(?: old| of age)?)"
            rf"|(?:aged? )?(?P<v3>\d\d) ?(?:岁|years?(?: old| of age)?)?(?: of age)? ?(?P<sign3>{after}))",
            re.IGNORECASE,
        )
        self._bare = re.compile(rf"(?P<s>[<>≤≥]) ?(?P<v>{_NUMBER}) ?(?P<u>{units})?(?=者|组|的?患者)")
        self._class = re.compile(
            rf"(?P<c>{any_of(self._forms(data['classes']))}) ?(?:class |grade "
            rf"|stage |score |of |评分|分级|分期|为)?(?P<k>{_CLASS})(?: ?[级期分])?",
            re.IGNORECASE,
        )
        condition = any_of(self._forms(data["conditions"]))
        self._condition = re.compile(
            rf"(?P<state>{any_of(data['states']['absent'])}|{any_of(data['states']['present'])}"
            rf"|{any_of(data['states']['within'])}|{any_of(data['states']['beyond'])})?(?:(?<=[A-Za-z]) | (?=\w))?"
            rf"(?:baseline |the |基线|existing )?(?P<c>{condition})(?P<out>外|内)?",
            re.IGNORECASE,
        )
        self._plain = re.compile(any_of(self._named), re.IGNORECASE)
        self._genetic = re.compile(
            rf"(?:基因)?[ -]?(?:(?P<variant>L858R|T790M|G12C|V600E|G12D|exon 19 deletions?"
            rf"|exon 21 L858R|19外显子缺失|19del|Ex19del)|(?P<s>{genetic}))",
            re.IGNORECASE,
        )
        self._rest = re.compile(any_of(data["rest"]), re.IGNORECASE)
        self._worse = re.compile(any_of(data["worse"]), re.IGNORECASE)

    @staticmethod
    def _forms(entries: Mapping[str, Sequence[str]]) -> Iterator[str]:
        return (form for forms in entries.values() for form in forms)

    def find(self, text: str, genes: Sequence[tuple[str, int, int]]) -> list[Mentioned]:
        """Groups of ``text`` from left to right; ``genes`` are the genes named in it (symbol, start, end)."""
        found = sorted([*self._found(text, genes)], key=lambda m: (m.start, -m.end))
        kept: list[Mentioned] = []
        for match in self._bare.finditer(text):  # "TPS 1%~49%者与≥50%者"
            before = next((m for m in reversed(found) if m.end <= match.start()), None)
            if before is not None and match.start() - before.end < 12:
                unit = self._units.get(match["u"] or "", "")
                name = f"{before.marker} {self._limits[match['s']]}{match['v']}{unit}"
                found.append(self._group(text, name, before.marker, match))
        found.sort(key=lambda m: (m.start, -m.end))
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return kept

    def _found(self, text: str, genes: Sequence[tuple[str, int, int]]) -> Iterator[Mentioned]:
        for match in self._level.finditer(text):
            marker = self._markers[(match["m1"] or match["m2"]).lower()]
            state = self._state[(match["before"] or match["after"]).lower()]
            name = f"{marker} {state}" if state in ("positive", "negative") else f"{state} {marker}"
            yield self._group(text, name, marker, match)
        for match in self._limit.finditer(text):
            yield from self._limited(text, match)
        for match in self._class.finditer(text):
            name = self._classes[match["c"].lower()]
            yield self._group(text, f"{name} {match['k'].replace('~', '-')}", name, match)
        for match in self._condition.finditer(text):
            name = self._conditions[match["c"].lower()]
            state = self._state.get((match["state"] or match["out"] or "").lower(), "present")
            if match["out"]:
                state = "beyond" if match["out"] == "外" else "within"
            yield self._group(
                text,
                name if state == "present" else f"no {name}" if state == "absent" else f"{state} {name}",
                name,
                match,
            )
        for match in self._plain.finditer(text):
            name = self._named[match[0].lower()]
            yield self._group(text, name, "sex" if name in ("men", "women") else "smoking", match)
        for symbol, start, end in genes:
            found = self._genetic.match(text, end)
            if found is not None:
                state = self._state.get((found["s"] or "").lower(), found["variant"])
                people = self._is_people(text, found.end())
                yield Mentioned((f"{symbol} {state}",), start, found.end(), marker=symbol, group=people)

    def _limited(self, text: str, match: re.Match[str]) -> Iterator[Mentioned]:
        sign = self._limits.get((match["sign"] or match["sign2"] or match["sign3"] or "").lower())
        if match["m4"]:
            marker = self._markers[match["m4"].lower()]
            yield self._group(text, f"{marker} {match['lo']}-{match['hi']}{self._units[match['u4']]}", marker, match)
        if sign is None:
            return
        if sign == "<=" and (match["sign3"] or "").endswith("下"):
            sign = "<"
        if match["m"]:
            marker = self._markers[match["m"].lower()]
            unit = self._units.get(match["u"] or "", "")
            if marker == "age":
                yield self._group(text, f"age {sign}{match['v']} years", "age", match)
            else:
                yield self._group(
                    text, f"{marker} {sign}{match['v']}{unit if unit in ('', '%') else ' ' + unit}", marker, match
                )
        else:
            yield self._group(text, f"age {sign}{match['v2'] or match['v3']} years", "age", match)

    def _group(self, text: str, name: str, marker: str, match: re.Match[str]) -> Mentioned:
        end = self._reach(text, match.end())
        group = self._is_people(text, end)
        return Mentioned((name,), match.start(), end, marker=marker, group=group, count=count_after(text, end))

    def _reach(self, text: str, end: int) -> int:
        """With the cut-off a bracket repeats: ``PD-L1阴性(<1%)``."""
        found = _CUT.match(text, end)
        return found.end() if found else end

    def _is_people(self, text: str, end: int) -> bool:
        return self._people.match(text, end) is not None

    def compared(self, text: str, groups: Sequence[Mentioned]) -> list[Mentioned]:
        """Those of ``groups`` that a sentence compares with each other; the others say who was treated."""
        kept = []
        for group in groups:
            others = {other.names for other in groups if other.marker == group.marker}
            if len(others) > 1 or (len(groups) == 1 and (self._rest.search(text) or self._worse.search(text))):
                kept.append(group)
        return kept


def _folded(entries: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {form.lower(): name for name, forms in entries.items() for form in forms}
