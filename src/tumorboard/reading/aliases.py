"""What a text calls its arms: letters, abbreviations and labels, and the regimen each is said to stand for."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tumorboard.reading.study import Mentioned, Study, alias_key

_LETTERED = re.compile(
    r"(?<![A-Za-z])(?:[Aa]rm|[Gg]roup|[Cc]ohort)s? (?:[A-D]|[1-4]|I{1,3}|IV)(?![A-Za-z0-9.%-])"
    r"|(?<![A-Za-z])[A-D甲乙丙丁][组队]"
)
_ABBREVIATED = re.compile(
    r"[(（][\"“]?(?:the )?((?=[^()（）]{0,14}[A-Z])[A-Za-z][A-Za-z0-9+/&-]{0,13})[\"”]?(?: ?组"
    r"| group| arm| regimen| cohort)?(?=[)）,，;；:])"
)
_BY_A_WORD = re.compile(r"[(（](?:the )?([a-z][a-z+-]{2,18}(?: [a-z+-]{2,14})?) (?:group|arm|cohort)(?=[)）,，;；])")
_NOT_AN_ARM = re.compile(r"[nN]|HR|OR|CI|RR|MST|I{1,3}[AB]?|IV[AB]?|Vp\d|NCT.*|.*(?:OS|PFS|ORR|DCR)")
_DOSE_UNIT = r"(mg/kg|mg/m2|mg/m²|mg|μg/kg)"
_TWO_DOSES = re.compile(
    rf"(?<![\d.])(\d+(?:\.\d+)?) ?(?:mg(?:/kg|/m2)?)? ?(?:or|and|vs\.?"
    rf"|versus|或|和|与|、) ?(\d+(?:\.\d+)?) ?{_DOSE_UNIT}(?![/A-Za-z])"
)
_DOSE_GROUP = re.compile(rf"(?<![\d.])(\d+(?:\.\d+)?) ?{_DOSE_UNIT} ?(?:剂量)?(?:组|group|cohort|arm)")
_DOSE = re.compile(
    rf"(?<![\d.])(\d+(?:\.\d+)?) ?{_DOSE_UNIT}(?![/A-Za-z])(?: ?(?:剂量)?组| ?(?:dose )?(?:group|cohort|arm))?"
)
_ANY_GROUP = re.compile(r"(?<=[A-Za-z0-9+\u4e00-\u9fff])(?<![两各三四每全本该亚分此同几二一])组(?![织成分合间学内])")
_COUNTED = (
    r"(?:患者|治疗)?(?: ?patients)?[ ,，]{0,2}(?:[(（]?[ ,，]{0,2}(?:[nN] ?= ?\d+"
    r"|(?:共|各)?\d+ ?例(?:患者)?|\d+ patients)?[)）]?)[ ,，:：;；]{0,2}"
)
_GIVEN = (
    r"(?:患者)?(?:均|则|仅|单独|只|单纯)?(?:口服|接受|给予|采用|行|使用|予以|予|应用|实施|单用|进行|用|以|为|服用|静脉滴注)(?:了|单纯|单独|标准|常规)?"
    r"|(?:, ?)?(?:which |who |whose patients |in which patients )?(?:patients )?(?:also "
    r"|only |just |additionally )?(?:received|receiving|was given|were given"
    r"|was treated with"
    r"|were treated with|treated with|got|consisted of|comprised|had"
    r"|took|was|with|underwent|undergoing)(?: only| the| a| standard)?"
)
_STANDS_FOR = re.compile(rf"{_COUNTED}(?:{_GIVEN}) ?|(?:[(（]?(?:[nN] ?= ?\d+|\d+ ?例)[)）]?)?[:：] ?")
_BRACKETED = re.compile(
    r"[^()（）;；。]{0,12}[(（](?:(?:[nN] ?= ?\d+|\d+ ?例)[,，;； ]{0,2})?"
    r"(?:接受|给予|采用|予|行|received |receiving |treated with )?"
)
_CALLED = re.compile(
    r"(?:治疗|方案)?(?:的)?(?:患者|者|病例)?(?:共)?(?: ?\d+ ?例| ?\d+ patients)?(?:患者)?(?:者)?[ ,，]{0,2}(?:[(（]"
    r"[nN] ?= ?\d+[)）])?[ ,，]{0,2}"
    r"(?:为|作为|设为|纳入|归入|归为|列为|分入|计入|are|as|was|served as|formed|making up"
    r"|constituted|were|[(（]|: ?|-)(?: ?(?:in |to |called |termed |named "
    r"|designated )?)(?:the |an? )?(?:\"|“)?"
)
_ADDED = re.compile(
    r"在?(?:此|上述|该|对照组|常规|其|前者)(?:治疗|方案|用药)?的?基础上?(?:上)?|在对照组"
    r"|the same|on top|in addition|additionally|also|plus|as well"
)


def labelled(text: str, found: Sequence[Mentioned]) -> list[Mentioned]:
    """``found`` with the labels no word list can hold: ``arm A``, ``B组``, abbreviations a text gives to regimens."""
    kept = _with_abbreviations(text, list(found))
    for match in _ANY_GROUP.finditer(text):
        start = match.start()
        if not _overlapping(kept, start - 1, match.end()):
            kept = _put(
                kept, Mentioned((), start - 1, match.end(), "named", True, printed=_group_name(text, match.end()))
            )
    kept = _with_doses(text, kept)
    for match in _LETTERED.finditer(text):
        kept = _put(kept, Mentioned((), match.start(), match.end(), "named", True, printed=match[0]))
    return kept


def _with_abbreviations(text: str, found: list[Mentioned]) -> list[Mentioned]:
    given: dict[str, Mentioned] = {}
    words: set[str] = set()
    for mention in found:
        opened = text.rfind("(", mention.start, mention.end)
        at = (
            opened
            if opened > 0 and text[mention.end - 1] == ")"
            else mention.end + (text[mention.end : mention.end + 1] == " ")
        )
        match = _ABBREVIATED.match(text, at) if mention.names else None
        if match is None and mention.names and (word := _BY_A_WORD.match(text, at)):
            match = word
            words.add(word[1])
        if match and len(match[1]) > 1 and not _NOT_AN_ARM.fullmatch(match[1]):
            given.setdefault(match[1], mention)
    for short, regimen in given.items():
        pattern = re.compile(
            rf"(?<![A-Za-z0-9+/-]){re.escape(short)}(?![A-Za-z0-9+/])(?:[ -]?(?:group"
            rf"|arm|cohort)s?\b|治疗组|组(?!织|成|分|间)){'' if short in words else '?'}"
        )
        for match in pattern.finditer(text):
            if match.start() > regimen.end + 3:
                group = match[0] != short
                found = _put(
                    found,
                    replace(
                        regimen, start=match.start(), end=match.end(), group=group, role="", alone=False, count=None
                    ),
                )
    return found


def _with_doses(text: str, found: list[Mentioned]) -> list[Mentioned]:
    """Doses a text compares: ``8 mg/kg or 12 mg/kg``, ``200 mg组``."""
    compared: set[tuple[str, str]] = {(match[1], match[3]) for match in _TWO_DOSES.finditer(text)}
    compared |= {(match[2], match[3]) for match in _TWO_DOSES.finditer(text)}
    compared |= {(match[1], match[2]) for match in _DOSE_GROUP.finditer(text)}
    if len(compared) < 2:
        return found
    for match in _DOSE.finditer(text):
        if (match[1], match[2] or "") in compared:
            printed = f"{match[1]} {match[2]}"
            found = _put(found, Mentioned((), match.start(), match.end(), "dose", True, printed=printed))
    return found


def _group_name(text: str, end: int) -> str:
    """The letters before ``组`` as far as they can be its name."""
    found = re.search(r"[^，,、。;；:：()\s的在为与和及中于由较对比将]{0,6}组$", text[max(0, end - 8) : end])
    return _LEADING.sub("", found[0]) if found else "组"


_LEADING = re.compile(r"^(?:结果|其中|显示|术后|治疗后|此外|但|而|使|以及)")


def _overlapping(found: Sequence[Mentioned], start: int, end: int) -> list[Mentioned]:
    first = bisect_right(found, start, key=lambda mention: mention.end)
    last = bisect_left(found, end, key=lambda mention: mention.start)
    return list(found[first:last])


def _put(found: list[Mentioned], mention: Mentioned) -> list[Mentioned]:
    """``mention`` among the others, in place of what it covers; not where it only overlaps."""
    inside = _overlapping(found, mention.start, mention.end)
    if any(other.start < mention.start or other.end > mention.end for other in inside):
        return found
    at = bisect_left(found, mention.start, key=lambda other: other.start)
    return [*found[:at], mention, *found[at + len(inside) :]]


def define(text: str, start: int, end: int, mentions: Sequence[Mentioned], study: Study) -> None:
    """Binds the labels of a sentence to the regimens it says they stand for, and makes these the study's arms."""
    bound: dict[str, tuple[tuple[str, ...], int]] = {}
    for key, names, place in _definitions(text, start, end, mentions, study):
        if key not in bound:
            bound[key] = names, place
            study.aliases[key] = names
    _bind_by_order(mentions, study)
    if len(bound) >= 2 or (bound and len(study.aliases) >= 2):
        arms = [names for key, names in study.aliases.items() if key != "second"]
        arms += [study.aliases["second"]] if "second" in study.aliases else []
        study.arms = list(dict.fromkeys(arms))
        study.firm = len(study.arms) >= 2
    elif len(bound) == 1 and len(study.arms) == 1:
        ((key, (names, _)),) = bound.items()
        if names != study.arms[0]:
            study.arms = [study.arms[0], names] if _is_later(key) else [names, study.arms[0]]
            study.firm = True


def _is_later(key: str) -> bool:
    return key in ("second", "fewer") or re.fullmatch(r"(?:arm|group|cohort)?b组?|乙组", key) is not None


_LESSER = re.compile(r"^(?:单纯|单独|单用|单药|单|对照|安慰|常规|标准|传统)")


def _bind_by_order(mentions: Sequence[Mentioned], study: Study) -> None:
    """Two labels nobody explained, in a study of two arms: the plainer one is the arm compared with, else the later."""
    unknown = list(dict.fromkeys(alias_key(m) for m in mentions if m.label == "named" and not m.printed[:1].isascii()))
    if len(unknown) != 2 or len(study.arms) != 2 or not study.firm or any(key in study.aliases for key in unknown):
        return
    one, two = unknown
    if _LESSER.match(one):
        one, two = two, one
    study.aliases[one], study.aliases[two] = study.arms[0], study.arms[1]


def _definitions(
    text: str, start: int, end: int, mentions: Sequence[Mentioned], study: Study
) -> Iterator[tuple[str, tuple[str, ...], int]]:
    here: dict[str, tuple[str, ...]] = {}
    for index, mention in enumerate(mentions):
        if not mention.label or mention.label in ("both", "same", "former", "latter"):
            continue
        key = alias_key(mention)
        after = next((m for m in mentions[index + 1 :]), None)
        before = mentions[index - 1] if index else None
        called = (
            before is not None and before.names and not before.marker
            and _CALLED.fullmatch(text[before.end : mention.start])
            and (not before.group or text[before.end : mention.start] == "(")
        )  # fmt: skip
        if called and before is not None:
            here[key] = before.names
            yield key, before.names, mention.start
            continue
        if after is not None and after.names and not after.marker and not after.group:
            gap = text[mention.end : after.start]
            added = _ADDED.search(gap) or (
                _ADDED.search(text[after.end : min(end, after.end + 14)]) if gap.isascii() and len(gap) < 20 else None
            )
            if added and (base := _base(key, here, study)) and len(gap) < 40 and not re.search("[。;；]", gap):
                names = (*base, *(name for name in after.names if name not in base))
                here[key] = names
                yield key, names, mention.start
                continue
            if _STANDS_FOR.fullmatch(gap) or _BRACKETED.fullmatch(gap):
                here[key] = after.names
                yield key, after.names, mention.start


def _base(key: str, here: dict[str, tuple[str, ...]], study: Study) -> tuple[str, ...] | None:
    """The arm another is built on: the one defined last, else the one compared with."""
    others = [names for other, names in here.items() if other != key]
    if others:
        return others[-1]
    known = [names for other, names in study.aliases.items() if other != key]
    return known[-1] if known else study.arms[-1] if len(study.arms) == 1 else None
