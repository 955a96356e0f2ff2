"""The frame a sentence stands in: which study is told of, until the next citation, author or trial name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tumorboard.reading.arms import count_after
from tumorboard.reading.lexicon import Lexicon, any_of
from tumorboard.reading.study import Mentioned, Study, is_a, parts

_SENTENCE = re.compile(
    r"[。！？\n]+|(?<!\bvs)(?<!\bal)(?<!\be\.g)(?<!\bi\.e)(?<!\bv)(?:[.!?] +(?=[A-Z\u4e00-\u9fff\"“(])"
    r"|(?<!\d)\.\d{1,3}(?:[,-]\d{1,3})* +(?=[A-Z\u4e00-\u9fff]))"
)
_TRIAL = re.compile(
    r"(?<![A-Za-z0-9-])(?:[a-z][A-Z][a-z]{2,9}-?\d{1,3}|[A-Z][A-Za-z]{1,14}[-‑ ]?\d{1,4}(?:-\d{3})?[A-Za-z]{0,2}"
    r"|[A-Z]{2}[A-Za-z]{2,14}(?:-[A-Za-z]{1,10})?(?:[- ]?\d{1,4}[A-Za-z]?)?(?:-[A-Z]{1,4}|-\d{1,3}"
    r"|-I{1,3}[AB]?)?)(?![A-Za-z])"
)
_SHORT_NAME = re.compile(r"[A-Z]\d+[A-Z]?|[A-Z]{1,3}\d?|[A-Z]{2} ?\d")
_STUDY_AFTER = re.compile(
    r"\)? ?(?:(?:phase [1-3I]{1,3} |[A-Z]?[a-z-]{0,14} )?(?:trial|study|cohort|analysis)|研究|试验)"
)
_STUDY_BEFORE = re.compile(r"(?:\(|\bin |\bthe |\bIn |\bof |[，,、(]|\band |^|trial |study |研究|在)$")
_AUTHOR = re.compile(
    r"(?<![A-Za-z])((?:von |van |de |De )?[A-Z][A-Za-zéüèö′'’-]{1,15})(?: [A-Z]{1,2})?(?:等(?![级于待同])| et al\.?"
    r"|与[A-Z][a-z]+等)"
)
_PEOPLE = re.compile(r" ?(?:[a-z-]+ ){0,4}(?:patients|participants|people|women|men)|例")
_UNNAMED = re.compile(
    r"(?<!这)一项[^。，;；]{0,40}?(?:研究|试验|分析)|(?<=[Ii]n )an?(?:other)? (?:[a-z0-9-]+ ){0,5}(?:trial|study"
    r"|analysis)\b|[Aa]nother (?:[a-z0-9-]+ ){0,4}(?:trial|study)\b|另一研究|有研究"
)
_DATED = re.compile(r"[A-Z]\w* (?:19|20)\d\d")
_PATIENTS = re.compile(
    r"(?:(?:共|总共)?(?:纳入|入组|收集|随机入组|选取|分析|将|包括"
    r"|在)[^。；;]{0,12}?(\d[\d, ]{0,6}\d|\d{2}) ?例"
    r"|共 ?(\d[\d, ]{0,5}\d) ?例"
    r"|[nN] ?= ?(\d[\d,]{1,6})|(\d[\d,]{1,6}) (?:[A-Za-z-]+ ){0,5}?patients"
    r"|(\d{2,5}) (?:were )?(?:randomi[sz]ed|enrolled)"
    r"|(\d{2,4})例[^。；]{0,16}?患者)"
)
_RANDOM = re.compile(
    r"随机|allocat|assign|[Rr]andom|[Cc]ompar|比较|对比|versus|received|接受|给予"
    r"|[nN] ?= ?\d|\d例|分为|with .{3,40} alone|head-to-head|头对头"
    r"|联合组|组和|组与"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    start: int
    end: int


def sentences(text: str) -> Iterator[Sentence]:
    start = 0
    for found in _SENTENCE.finditer(text):
        if found[0][0] not in "\n。" and _in_bracket(text, max(start, found.start() - _LONGEST_BRACKET), found.start()):
            continue
        if found.start() > start:
            yield Sentence(start, found.start())
        start = found.end()
    if start < len(text):
        yield Sentence(start, len(text))


_LONGEST_BRACKET = 240


def _in_bracket(text: str, start: int, end: int) -> bool:
    """Whether a bracket opened shortly before is still open: a full stop in it ends no sentence."""
    opened = text.rfind("(", start, end)
    return (
        opened >= 0
        and ")" not in text[opened:end]
        and 0 <= text.find(")", end, opened + _LONGEST_BRACKET) < _newline(text, end)
    )


def _newline(text: str, start: int) -> int:
    found = text.find("\n", start)
    return found if found >= 0 else len(text)


class FrameReader:
    """Keeps the study told of at each place of the text."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._not_studies, self._background = lexicon.not_studies, lexicon.background
        self._not_numbered = re.compile(rf"(?:{'|'.join(lexicon.words['not_numbered_studies'])})\\b")
        self._classes = lexicon.classes
        self._lines = [(line, re.compile(any_of(words))) for line, words in lexicon.words["lines"].items()]
        self._designs = [(design, re.compile(any_of(words))) for design, words in lexicon.words["designs"].items()]
        self._plan = re.compile(any_of(lexicon.words["plans"]), re.IGNORECASE)

    def names(self, text: str, start: int, end: int) -> list[tuple[int, str]]:
        """Trial names and first authors in a sentence, with their places."""
        found = [(match.start(), match[1]) for match in _AUTHOR.finditer(text, start, end)]
        unnamed = [(match.start(), "") for match in _UNNAMED.finditer(text, start, end)]
        for match in _TRIAL.finditer(text, start, end):
            name = match[0].strip()
            if _PEOPLE.match(text, match.end()):
                name = re.sub(r" \d+$", "", name)  # "In ADRIATIC 530 patients"
            bare = re.sub(r"[- ]\d.*", "", name).upper()
            if name.upper() in self._not_studies or bare in self._not_studies or name.upper() == name.lower():
                continue
            if self._not_numbered.match(name) or _SHORT_NAME.fullmatch(name):
                continue
            after = _STUDY_AFTER.match(text, match.end())
            if not after and len(re.match(r"[A-Za-z]*", name)[0]) < 4:  # type: ignore[index]
                continue
            numbered = bool(re.search(r"\d", name)) and bool(re.match(r"[A-Z][A-Za-z]*[A-Z]|[A-Z]{3}", name))
            capital = (
                (name.isupper() and len(name) >= 5)
                or (numbered and len(name) >= 5)
                or re.fullmatch(r"I[A-Z][a-z]{2,9}[0-9]*|[A-Z][a-z]+[A-Z]\w*[- ]?\d+|De[A-Z]{2}phi-\d+", name)
            )
            if after or (
                capital
                and (
                    _STUDY_BEFORE.search(text[max(start, match.start() - 10) : match.start()])
                    or text[match.end() : match.end() + 1] == ")"
                    or numbered
                )
            ):
                found.append((match.start(), name))
        return sorted(found or unnamed[:1])

    def _refines(self, names: tuple[str, ...], arm: tuple[str, ...]) -> bool:
        """Whether ``names`` says more exactly what ``arm`` says by a class."""
        return (
            names != arm
            and len(names) == len(arm)
            and all(any(is_a(name, other, self._classes) for name in names) for other in arm)
            and all(any(is_a(name, other, self._classes) for other in arm) for name in names)
        )

    def _fullest(self, names: tuple[str, ...], arms: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
        """An arm with its number of patients may be named short: the regimen told of before, if one refines it."""
        return next((arm for arm in arms if self._refines(arm, names)), names)

    def line(self, text: str) -> str | None:
        """The line of therapy a text names last."""
        spots = [
            (max(found.start() for found in pattern.finditer(text)), -rank, line)
            for rank, (line, pattern) in enumerate(self._lines)
            if pattern.search(text)
        ]
        return max(spots)[2] if spots else None

    def setting(self, text: str, study: Study) -> None:
        """What the sentence adds to the study: line of therapy, design, patients."""
        if study.line is None:
            study.line = self.line(text)
        if study.design is None:
            for design, pattern in self._designs:
                if pattern.search(text):
                    study.design = design
                    break
        if study.n is None and (found := _PATIENTS.search(text)) and not self._plan.search(text):
            printed = next(part for part in found.groups() if part).replace(",", "").replace(" ", "")
            if int(printed) >= 5 and not 1990 <= int(printed) <= 2035:
                study.n = int(printed)

    def register(self, text: str, start: int, mentions: Sequence[Mentioned], study: Study) -> None:
        """Arms a sentence names: those with a number of patients, or two that are compared."""
        mentions = _chosen(text, start, mentions)
        named = [mention for mention in mentions if mention.names and mention.role != "prior"]
        counted = list(dict.fromkeys(mention.names for mention in named if mention.count))
        if len(counted) >= 2 and not study.firm:
            study.arms = _ordered(self._background, [self._fullest(names, study.arms) for names in counted[:4]], named)
            study.firm = True
        if len(study.arms) >= 2 and study.firm:
            return
        for mention in named:
            for index, arm in enumerate(study.arms):
                if mention.names != arm and self._refines(mention.names, arm):
                    study.arms[index] = mention.names
        study.arms = _with_backbone(text, start, named, study.arms)
        distinct = list(dict.fromkeys(mention.names for mention in named))
        several = len(distinct) > 1
        distinct = [
            names for names in distinct if not any(self._refines(other, names) for other in [*distinct, *study.arms])
        ]
        alone = {mention.names for mention in named if mention.alone}
        distinct = [
            names
            for names in distinct
            if names in alone
            or not (
                any(m.group and m.names == names for m in named)
                and sum(parts(names) < parts(arm) for arm in study.arms) == 1
                and len(study.arms) > 1
            )
        ]
        against = any(m.role == "against" for m in named) or sum(_has_figure(text, m.start - start) for m in named) > 1
        if several and (against or _RANDOM.search(text) or sum(m.group for m in named) > 1):
            merged = list(study.arms)
            merged += [names for names in distinct if _near(names, merged) is None]
            if len(merged) >= 2:
                study.arms = _ordered(self._background, merged[:4] if len(study.arms) >= 2 else merged[:3], named)
                study.firm = True
                study.arms = _shared(self._background, study.arms)
        elif lesser := next((m.names for m in named if m.alone and _fuller(m.names, distinct)), None):
            study.arms, study.firm = [_fuller(lesser, distinct)[0], lesser], True  # "A with B, and B by itself"
        elif len(distinct) == 1 and not study.arms:
            study.arms.append(distinct[0])
        elif len(study.arms) == 1 and any(m.alone and parts(m.names) < parts(study.arms[0]) for m in named):
            study.arms.append(next(m.names for m in named if m.alone and parts(m.names) < parts(study.arms[0])))
            study.firm = True
        elif (
            len(distinct) == 1
            and len(study.arms) == 1
            and parts(study.arms[0]) < parts(distinct[0])
            and _TREATED.search(text)
        ):
            study.arms[0] = distinct[0]  # said in full where the patients are said to be given it


_FIGURE_OF = re.compile(
    r"\d%?(?: months?)?(?: ?\([^()]*\))? (?:with|for|on|in|under|after|receiving|given)(?: the| those (?:on|given))? ?$"
)


def _has_figure(text: str, at: int) -> bool:
    """``82% with lorlatinib``: a figure stands before the treatment as its own."""
    return _FIGURE_OF.search(text, max(0, at - 70), at) is not None


def _fuller(names: tuple[str, ...], others: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [other for other in others if parts(names) < parts(other)]


_TREATED = re.compile(r"receiv|treated with|were given|enrol|接受|给予|采用|入组|纳入")
_EITHER = re.compile(
    r"(?:-based (?:drug|chemotherapy|therapy))? ?(?:plus|with|combined with|in combination with) either .{0,24}"
)


def _chosen(text: str, start: int, mentions: Sequence[Mentioned]) -> list[Mentioned]:
    """``investigator's choice (A or B)``: one arm; other alternatives in brackets after an arm are examples of it."""
    kept: list[Mentioned] = []
    for mention in mentions:
        at = mention.start - start
        opened = text.rfind("(", 0, at)
        inside = opened >= 0 and ")" not in text[opened:at]
        close = text.find(")", at)
        listed = inside and re.search(r"\bor\b|或", text[opened : close if close > 0 else None]) is not None
        if not listed:
            kept.append(mention)
        elif kept and kept[-1].start - start > opened:
            names = (" | ".join([*kept[-1].names, *mention.names]),)
            kept[-1] = replace(kept[-1], names=names, end=mention.end)
        elif re.search(r"choice[^()]*$|选择[^()]*$", text[max(0, opened - 40) : opened]):
            kept.append(replace(mention, role="against", count=count_after(text, close + 1) if close > 0 else None))
    return kept


def _with_backbone(
    text: str, start: int, named: Sequence[Mentioned], arms: list[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """``pemetrexed plus either pembrolizumab or placebo``: both arms hold what stands before *either*."""
    for backbone, one, other in zip(named, named[1:], named[2:], strict=False):
        if _EITHER.fullmatch(text[backbone.end - start : one.start - start]):
            return [(*one.names, *backbone.names), (*other.names, *backbone.names)]
    return arms


def _shared(background: frozenset[str], arms: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Placebo with a backbone stands against a drug with the same backbone."""
    if len(arms) == 2 and len(arms[0]) == 1 and background & set(arms[1]) and len(arms[1]) > 1:
        return [(*arms[0], *(name for name in arms[1] if name not in background and name not in arms[0])), arms[1]]
    return arms


def _near(names: tuple[str, ...], arms: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    return next((arm for arm in arms if set(arm) == set(names)), None)


def _ordered(
    background: frozenset[str], arms: list[tuple[str, ...]], named: Sequence[Mentioned]
) -> list[tuple[str, ...]]:
    """The arm compared with last: it stands after *versus*, or is placebo or best supportive care."""
    against = {mention.names for mention in named if mention.role == "against"}
    others = {mention.names for mention in named if mention.role != "against"}

    def last(arm: tuple[str, ...]) -> bool:
        lesser = len(arms) == 2 and any(parts(arm) < parts(other) for other in arms)
        return (arm in against and arm not in others) or lesser or bool(background & set(arm))

    return sorted(arms, key=last)
