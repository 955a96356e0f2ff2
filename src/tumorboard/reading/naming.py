"""Endpoints as they stand in a sentence: with the grade of an event, or the time a rate is of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from tumorboard.reading.lexer import TIMES, Token
from tumorboard.reading.lexicon import Lexicon, Mention
from tumorboard.reading.results import Named

_TIME_BEFORE = re.compile(r"[- ]{0,2}(?:的|时的?|累积|累计|总体?|estimated |median |overall |kaplan-meier )?$")
_TIME_AFTER = re.compile(r" ?(?:rates?|probabilit(?:y|ies)|率)? ?(?:at) $")
_LIST = re.compile(r"(?:-(?:month|year)?)? ?(?:[、,，和与及/]|, ?and|and|-) ?")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_WORD_TIME = re.compile(r"\b(one|two|three|four|five|six)[- ](year|month)s?[- ]$", re.IGNORECASE)
_NUMBER_WORD = r"\b(?:one|two|three|four|five|six)\b"
_WORD_TIMES = re.compile(
    rf"((?:{_NUMBER_WORD}-?(?:year|month)?s?(?:, (?:and )?| and |,|-)){{1,4}}{_NUMBER_WORD})[- ](ye"
    rf"ar|month)s?[- ](?:overall |median |estimated )?$",
    re.IGNORECASE,
)
_ALIVE = re.compile(
    r"\b(?:[Aa]t |[Aa]fter )?((?<=[Aa]t )\d{1,3}|(?<=[Aa]fter )\d{1,3}|\d{1,3}(?= (?:months|years) (?:after|from))"
    r"|(?i:one|two|three|four|five|six)) (months?|years?)\b"
)
_MONTHS = {"months": Decimal(1), "years": Decimal(12)}
_RATE = re.compile(r"(?: ?rates?|率|概率| probabilit)")
_RELATED = re.compile(
    r"(?:治疗相关|药物相关|[Tt]reatment[- ]related|[Dd]rug[- ]related|[Tt]herapy[- ]related)(?:的|性)?(?: serious)? ?$"
)
_COUNTED_EVENTS = re.compile(r"(?:\b[A-Z]{2,4}|\d|%\)? of|number of|of the|no) $")
_RELATABLE = {
    "adverse_events": "treatment_related_adverse_events",
    "serious_adverse_events": "serious_treatment_related_adverse_events",
}
_UNGRADED = re.compile(r"for_adverse_events|deaths|grade_5|requiring|syndrome|febrile")
_WHO = re.compile(
    r"[- ]?(?:者(?!占)|患者(?!占|中?的?(?:比例|发生))|组|patients|tumou?rs"
    r"|subgroup|NSCLC|disease|cohort|型|阳性|的?晚期|非小"
    r"|-positive|的?患者|细胞|，|亚组)"
)
_COUNTED = re.compile(
    r"占|率|约|为|常见|可达|最|出现|检出|发生|was|were|in|accounted?|occurred"
    r"|found|detected|identified|\(|about|present|,|，"
)
_FIGURES_ONLY = re.compile(r"[^A-Za-z\u4e00-\u9fff]*(?:and|和|及|与|以及)? ?")
_GRADE_AFTER = re.compile(r",? ?(?:of|were of|with a maximum|with maximum|as)? ?$")
_NOT_ITS_GRADE = re.compile(r"[;；。:]|\d")


def named_in(
    text: str, mentions: Sequence[Mention], figures: list[Token], lexicon: Lexicon, start: int, end: int
) -> tuple[list[Named], list[Token]]:
    """The endpoints among ``mentions`` of one sentence, and the figures left once times and grades are used."""
    used: set[int] = set()
    grades = [token for token in figures if token.kind == "G"]
    found: list[Named] = []
    mentions = _counted(text, mentions, figures)
    alive = _ALIVE.search(text, start, end)
    for mention in mentions:
        if mention.kind == "other":
            found.append(Named(None, mention.start, mention.end))
            continue
        if mention.kind == "frequency":
            found.append(Named(None, mention.start, mention.end, frequency=mention.name))
            continue
        if mention.kind != "endpoint":
            continue
        if any(m.name.endswith("_for_adverse_events") and 0 <= m.start - mention.end <= 3 for m in mentions):
            continue  # "因不良反应暂停用药": what they led to is named itself
        if text[mention.start : mention.end] == "events" and _COUNTED_EVENTS.search(
            text[max(0, mention.start - 12) : mention.start]
        ):
            continue
        name = _related(text, mention, grades)
        endpoint = lexicon.endpoints[lexicon.consequence(text, name, mention.start, mention.end) or name]
        named = Named(endpoint, mention.start, mention.end)
        if endpoint.survival:
            named.times = _times(text, mention, figures, used, start)
            named.rate_word = bool(_RATE.match(text, mention.end)) or text[mention.end - 1] == "率"
            if not named.times and alive and (named.rate_word or text[mention.start : mention.end].endswith("alive")):
                named.times = (_months(Decimal(_WORDS.get(alive[1].lower(), alive[1])), alive[2]),)
                used.update(id(t) for t in figures if t.start >= alive.start() and t.end <= alive.end() + 1)
        found.append(named)
    _grade(text, found, grades, start, figures)
    left = [token for token in figures if id(token) not in used and token.kind not in ("G", "N")]
    found.sort(key=lambda named: named.start)
    for one, two in pairwise(found):  # "2-year PFS and OS rates"
        if one.times and not two.times and two.rate_word and _LIST.fullmatch(text[one.end : two.start]):
            two.times = one.times
    return found, left


def _times(text: str, mention: Mention, figures: list[Token], used: set[int], start: int) -> tuple[str, ...]:
    if words := _WORD_TIMES.search(text, max(start, mention.start - 60), mention.start):
        return tuple(
            _months(Decimal(_WORDS[w.lower()]), words[2]) for w in re.findall(_NUMBER_WORD, words[1], re.IGNORECASE)
        )
    if word := _WORD_TIME.search(text, max(start, mention.start - 14), mention.start):
        return (_months(Decimal(_WORDS[word[1].lower()]), word[2]),)
    taken: list[Token] = []
    reach = mention.start
    for token in reversed([t for t in figures if t.kind == "V" and t.end <= mention.start]):
        gap = text[token.end : reach]
        if not (_TIME_BEFORE.fullmatch(gap) if not taken else _LIST.fullmatch(gap)):
            break
        if token.unit not in _MONTHS and not (taken and token.unit is None):
            break
        taken.insert(0, token)
        reach = token.start
    if not taken:
        reach = mention.end
        for token in (t for t in figures if t.kind == "V" and t.start >= mention.end):
            gap = text[reach : token.start]
            if not (_TIME_AFTER.fullmatch(gap) if not taken else _LIST.fullmatch(gap)) or token.unit not in _MONTHS:
                break
            taken.append(token)
            reach = token.end
    unit = taken[-1].unit if taken else None
    times: list[str] = []
    for token in taken:
        used.add(id(token))
        values = token.value if isinstance(token.value, tuple) else (token.value,)
        times += [_months(value, token.unit or unit or "months") for value in values if value is not None]
    return tuple(times)


def _months(value: Decimal, unit: str) -> str:
    factor = _MONTHS.get(unit if unit.endswith("s") else f"{unit}s", Decimal(1))
    return f"{(value * factor).normalize():f}mo"


def _related(text: str, mention: Mention, grades: Sequence[Token]) -> str:
    """``治疗相关3~4级不良事件``: the grade may stand between the two parts of the name."""
    if mention.name not in _RELATABLE:
        return mention.name
    if _RELATED.search(text[max(0, mention.start - 22) : mention.start]):
        return _RELATABLE[mention.name]
    grade = next((token for token in grades if 0 <= mention.start - token.end <= 2), None)
    if grade is None or mention.name != "adverse_events":
        return mention.name
    return (
        "treatment_related_adverse_events"
        if _RELATED.search(text[max(0, grade.start - 20) : grade.start])
        else mention.name
    )


def _counted(text: str, mentions: Sequence[Mention], figures: Sequence[Token]) -> list[Mention]:
    """Without the changes of genes that say who was treated, not how often they are found."""
    kept: list[Mention] = []
    for index, mention in enumerate(mentions):
        if mention.kind == "frequency":
            following = next(
                (token for token in figures if token.kind in ("V", "F", "P") and token.start >= mention.end), None
            )
            if following is None or following.kind != "V" or following.unit != "%":
                continue
            gap = text[mention.end : following.start]
            next_name = next(
                (other for other in mentions[index + 1 :] if other.kind in ("endpoint", "frequency", "other")), None
            )
            if next_name is not None and next_name.start < following.start and next_name.kind != "frequency":
                continue
            if _WHO.match(gap) or len(gap) > 48 or not _COUNTED.search(gap):
                continue
            before = next((other for other in reversed(kept) if other.kind == "endpoint"), None)
            if before is not None and not any(
                token.kind == "V" and before.end <= token.start < mention.start for token in figures
            ):
                continue
        kept.append(mention)
    return kept


def _grade(text: str, found: list[Named], grades: list[Token], start: int, figures: Sequence[Token]) -> None:
    """A grade goes with the event after it and those that follow; ``rash of grade 3`` has its own."""
    events = [
        named
        for named in found
        if named.endpoint is not None and named.endpoint.event and not _UNGRADED.search(named.endpoint.name)
    ]
    extra: list[Named] = []

    def give(first: int, grade: str, post: bool) -> None:
        general = post
        for index, event in enumerate(events[first:]):
            if index == 0:
                event.grade = grade
                general = general or _general(event)
                continue
            between = any(t.kind == "V" and events[first].end <= t.start < event.start for t in figures)
            listed = _FIGURES_ONLY.fullmatch(text[events[first + index - 1].end : event.start]) is not None
            if (general and not _general(event)) or (not general and (listed or not between)):
                event.grade, event.grade_carried = grade, True

    for token in grades:
        after = next((e for e in events if e.start >= token.end), None)
        before = next((e for e in reversed(events) if e.end <= token.start), None)
        gap_before = text[before.end : token.start] if before else ""
        own = (
            before is not None
            and len(gap_before) <= 22
            and bool(_GRADE_AFTER.search(gap_before))
            and not re.search(r"[;；。，、]", gap_before)
            and not _followed(text, token, after)
        )
        if own and before is not None:
            give(events.index(before), token.grade, True)
        elif after is not None and (
            _followed(text, token, after) or not re.search(r"[;；。]", text[token.end : after.start])
        ):
            give(events.index(after), token.grade, False)
        elif before is not None and token.grade:
            extra.append(Named(before.endpoint, token.start, token.end, token.grade))
        if before is not None and not own and after is not None and not _followed(text, token, after) and token.grade:
            extra.append(Named(before.endpoint, token.start, token.end, token.grade))
    found.extend(extra)


def _general(event: Named) -> bool:
    return event.endpoint is not None and event.endpoint.name.endswith("adverse_events")


def _followed(text: str, token: Token, event: Named | None) -> bool:
    if event is None:
        return False
    gap = text[token.end : event.start]
    return len(gap) <= 30 and not _NOT_ITS_GRADE.search(gap) and "，" not in gap


__all__ = ["TIMES", "named_in"]
