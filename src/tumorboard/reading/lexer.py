"""The figures of a text as tokens: values, intervals, P values, measures of effect, counts, grades.

One compiled expression reads a text from left to right; every part of it is bounded, so it stays linear on any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tumorboard.evidence.findings import Effect, Interval, PValue

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,7}(?:\.\d{1,6})?|(?<![A-Za-z\d])\.\d{1,6})"
_TO = r" ?(?:-|~|to|至|,|，) ?"
_OPEN_END = (
    r"(?:could |can)?not (?:yet )?be (?:estimated|evaluated|calculated|reached|determined)"
    r"|not (?:yet )?(?:reached|evaluable|estimable|calculable"
    r"|available|determined)|NE|NR|NA|NC|∞|未达到|无法估计|不可评估"
    r"|不可估计"
)
_UNIT = (
    r"percentage points?|个百分点|%|(?<=\d)m(?![A-Za-z/²\d])|個月|个月|months?|mos?\b|月(?!\d)"
    r"|weeks?|周|星期|years?|年|days?|天|d(?![A-Za-z0-9])|例"
    r"|patients?\b"
)
_OTHER_UNIT = (
    r"(?:mg|μg|ug|ng|g|kg|mL|ml|cm|mm|Gy|U|IU|L|h|min|hours?|分|岁"
    r"|枚|项|次|篇|家|mutations?|times|倍|events?|cycles?|courses?"
    r"|pairs|studies|trials|centres|centers|records|records|more in|线|级|个(?!月|百)|个中心|万|亿)(?![A-Za-z])"
)
_SPACED = r"0?\.\d{3}(?: \d{1,3}){1,2}(?! ?(?:months|%|个|例|\d))"
_CI_NAME = (
    r"(?:% ?(?:CI|CrI|CL|confidence intervals?"
    r"|credible intervals?|置信区间|可信区间|可信限))(?: ?[\[(](?:CI"
    r"|CrI)[\])])?"
)
_CI_BETWEEN = r"[\s,，:=为是of(\[;]{0,6}"
_EFFECT = (
    r"(?P<measure>hazard ratios?|subdistribution hazard ratio"
    r"|a?HRs?|风险比|危险比|odds ratios?|OR|比值比|优势比|relative risks?"
    r"|risk ratios?|RR|相对危险度|相对风险|标准化均数差)"
)
_EFFECT_TAIL = (
    r"(?: ?[\[(](?:HR|OR|RR|aHR)[\])])?(?P<hazard> for [a-z, -]{3,45}?)?(?: (?:with|in|between"
    r"|favou?ring) [A-Za-z ,+-]{3,90}?)?(?:值)?"
    r"[\s,:=为是分别was of]{0,8}"
)

_TOKEN = re.compile(
    rf"(?P<P>(?<![A-Za-z])[Pp](?: ?值"
    rf"| ?[Vv]alues?)?均?(?: for (?:interaction|trend))? ?(?:=|<|>"
    rf"|≤|≥|为|was|of){{1,2}} ?"
    rf"(?P<p>{_SPACED}|{_NUMBER}))"
    rf"|(?P<EC>(?<![A-Za-z]){_EFFECT.replace('measure', 'measure2')}(?:值)?(?:及其)? ?[(\[]?(?P<lv2>\d\d"
    rf"(?:\.\d+)?){_CI_NAME}[)\]]?(?:[\s,:=为是分别was ofre]{{0,6}})"
    rf"(?P<ev2>{_NUMBER})[\s,(\[]{{0,3}}(?P<el2>{_NUMBER}){_TO}(?P<eh2>{_NUMBER}))"
    rf"|(?P<E>(?<![A-Za-z]){_EFFECT}{_EFFECT_TAIL}(?P<ev>{_NUMBER})(?! ?%|\d)"
    rf"(?:[\s,;]{{0,2}}[\[(]? ?(?P<el>{_NUMBER}) ?(?:-|~|to) ?(?P<eh>{_NUMBER})(?! ?%))?)"
    rf"|(?P<CI>(?P<level>\d\d(?:\.\d{{1,4}})?) ?{_CI_NAME}{_CI_BETWEEN}(?P<low>(?:\d (?=\d\.\d))?{_NUMBER}) ?"
    rf"(?:{_UNIT})?{_TO}"
    rf"(?P<high>{_NUMBER}|{_OPEN_END})(?: ?(?:{_UNIT}))?)"
    rf"|(?P<BARE>\d\d(?:\.\d{{1,4}})? ?{_CI_NAME})"
    rf"|(?P<N>(?<![A-Za-z])[nN] ?= ?(?P<n>\d{{1,3}}(?:[, ]\d{{3}})+|\d+))"
    rf"|(?P<G>(?:maximum |any-)?(?:[Gg](?:rades?|r\.?)(?![A-Za-z]) ?(?:of )?(?P<ge>≥"
    rf"|>=)? ?(?P<g1>[1-5])(?!\d|\.\d)(?: ?(?:-|~|to|or"
    rf"|and|/) ?(?P<g2>[1-5](?!\d)|higher|more|worse|above|greater))?"
    rf"|≥ ?[Gg]rade (?P<g5>[1-5])|(?P<gz>≥)?(?P<g3>[1-5]|I{{1,3}}V?|IV)(?: ?(?:-|~|、|/|和|或|,) ?(?P<g4>[1-5]"
    rf"|I{{1,3}}V?|IV))?[级度](?P<gu>及以上|或以上|以上|及更高)?"
    rf"|(?P<any>[Aa]ny[- ]grade(?! ?[1-5])|of any grade|任[何意]级别|所有级别|总体)))"
    rf"|(?P<PR>[\[(] ?(?P<low2>{_NUMBER})(?:-|~| to |至)(?P<high2>{_NUMBER}|{_OPEN_END})(?: ?(?:个月"
    rf"|months))?(?= ?[\]);]))"
    rf"|(?P<CP>(?P<c1>\d[\d,]{{0,6}})(?: ?/ ?(?P<c2>\d{{1,6}})| ?(?:例|名"
    rf"|of (?:the )?(?P<c3>\d[\d,]{{0,6}})(?: [a-z]{{3,12}}){{0,2}}"
    rf"|(?P<cw>(?: [a-z]{{3,12}}){{1,2}})))? ?[(\[] ?(?P<cv><?{_NUMBER}) ?%)"
    rf"|(?P<EB>[\[(] ?(?P<bv>\d{{1,2}}\.\d{{1,3}})[,，;] ?(?P<bl>\d{{1,2}}\.\d{{1,3}}) ?(?:-"
    rf"|~|to|至) ?(?P<bh>\d{{1,2}}\.\d{{1,3}}) ?(?=[)\]]))"
    rf"|(?P<BT>(?:between|介于) ?(?P<b1>{_NUMBER}) ?(?:%|months)? ?(?:and|和|与|至|~)"
    rf" ?(?P<b2>{_NUMBER}) ?(?P<bu>{_UNIT}))"
    rf"|(?P<RG>(?P<r1>{_NUMBER}) ?(?:%|个月|months|年)?{_TO.replace('|,|，', '')}(?P<r2>{_NUMBER}) ?(?P<ru>{_UNIT}))"
    rf"|(?P<FR>(?P<f1>\d{{1,5}}) ?(?:/| of (?:the )?) ?(?P<f2>\d{{1,6}})(?![\d.%/]))"
    rf"|(?P<V>(?P<sign>[<>≤≥] ?)?(?P<v>{_NUMBER})(?: ?(?:(?P<unit>{_UNIT})"
    rf"|(?P<skip>{_OTHER_UNIT})))?(?:[(\[](?P<vc1>\d+)/(?P<vc2>\d+)(?=[)\],;]))?)"
    rf"|(?P<NE>(?<![A-Za-z-])NE(?= (?:versus|vs\.?|v|and|in|with)[ .])"
    rf"|(?<=vs )NE(?![A-Za-z])|(?<=versus )NE(?![A-Za-z]))"
    rf"|(?P<NR>not (?:yet )?(?:been )?reached|not estimable|(?<![A-Za-z])NR(?![A-Za-z])|尚?未达到)"
)
_UNITS = {
    "%": "%", "m": "months", "个月": "months", "個月": "months", "month": "months", "months": "months", "mo": "months",
    "mos": "months", "月": "months", "week": "weeks", "weeks": "weeks", "周": "weeks", "星期": "weeks",
    "year": "years", "years": "years", "年": "years", "day": "days", "days": "days", "天": "days", "d": "days",
    "例": "patients", "patient": "patients", "patients": "patients", "percentage point": "percentage points",
    "percentage points": "percentage points", "个百分点": "percentage points",
}  # fmt: skip
TIMES = frozenset({"months", "weeks", "days", "years"})
_MEASURES = {
    "hazard ratio": "HR", "hazard ratios": "HR", "subdistribution hazard ratio": "HR", "ahr": "HR", "hr": "HR",
    "hrs": "HR", "ahrs": "HR", "风险比": "HR", "危险比": "HR", "odds ratio": "OR", "odds ratios": "OR", "or": "OR",
    "比值比": "OR", "优势比": "OR", "relative risk": "RR", "relative risks": "RR", "risk ratio": "RR",
    "risk ratios": "RR", "rr": "RR", "相对危险度": "RR", "相对风险": "RR", "标准化均数差": "SMD",
}  # fmt: skip
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4"}
_REQUIRED = re.compile(" (?:required|needed|threshold)|的?(?:预设|阈值)")
_OF_PEOPLE = re.compile(
    r" (?!months|weeks|days|years)(?:[A-Za-z0-9/-]+ ){0,5}(?:patients"
    r"|pts|participants|people|women|men|subjects|individuals|carriers"
    r"|cases)\b"
)
_SYMBOL = re.compile(
    r"(?<![A-Za-z])(?:(?:[χX][2²]?|τ2?|[Zt]值?|F值?|Q|r|κ|df|W?MD|mean difference"
    r"|均数差) ?(?:=|为|of|was)|I[2²] ?(?:=|:|为|of|was)?) ?$"
)
_UNIT_BEHIND = re.compile(rf"[)\]]? ?[)\]] ?({_UNIT})")
_SHARED_P = re.compile(r"(?:both|all|each|均) ?[Pp][^A-Za-z]*$|[Pp] ?(?:值)?均")
_SHARED_AFTER = re.compile(r"[)\]]? (?:for|in) (?:both|all|each)")
_YEAR = range(1900, 2101)
_GLUE = re.compile(r"[\s,;:()\[\]]{0,3}")


@dataclass(slots=True)
class Token:
    """One figure. ``kind``: V value, F measure of effect, P, CI, N, G grade; what it says is in the other fields."""

    kind: str
    start: int
    end: int
    value: Decimal | tuple[Decimal, Decimal] | None = None
    printed: str = ""
    unit: str | None = None
    qualifier: str | None = None
    effect: Effect | None = None
    ci: Interval | None = None
    p: PValue | None = None
    number: int | None = None
    whole: int | None = None
    grade: str = ""
    interaction: bool = False
    place: tuple[int, int] | None = None  # in a list of P values or intervals: which, of how many
    reach: int = 0
    shared: bool = False  # a P value that holds for every result before it
    hazard: str = ""  # what a hazard ratio is for: "for death"


def tokens(text: str) -> list[Token]:
    """The figures of ``text`` from left to right, an interval bound to its value or effect."""
    listed = list(_listed(text))
    found = [token for match in _TOKEN.finditer(text) if (token := _token(text, match)) is not None]
    if listed:
        found = [t for t in found if not any(one.start <= t.start < one.reach for one in listed)]
        found = sorted([*found, *listed], key=lambda token: token.start)
    return _bound(text, found)


_SIGNED = rf"(?:[=<>≤≥] ?)?{_NUMBER}"
_P_LIST = re.compile(
    rf"(?<![A-Za-z])[Pp] ?(?:值(?:分别|依次)?|(?:分别|依次)|[Vv]alues (?:were|of))(?:为|=)? ?"
    rf"({_SIGNED}(?: ?(?:、|,|，|;|和|与|及|, and|and) ?{_SIGNED}){{1,5}})"
)
_SPAN = rf"{_NUMBER} ?(?:{_UNIT})? ?(?:-|~|to|至) ?{_NUMBER} ?(?:{_UNIT})?"
_CI_LIST = re.compile(
    rf"(\d\d(?:\.\d+)?) ?{_CI_NAME} ?(?:分别|依次)(?:为)? ?({_SPAN}(?: ?(?:、|,|，|;|和|与|及) ?{_SPAN}){{1,5}})"
)


def _listed(text: str) -> Iterator[Token]:
    """``P值分别为0.001和0.037``, ``95%CI分别为…、…``: each of a list, with its place in it."""
    for found in _P_LIST.finditer(text):
        parts = list(re.finditer(rf"([=<>≤≥])? ?({_NUMBER})", found[1]))
        for index, part in enumerate(parts):
            start = found.start(1) + part.start()
            op = {"≤": "<", "≥": ">"}.get(part[1] or "=", part[1] or "=")
            token = Token("P", start, found.start(1) + part.end(), p=PValue(op, number(part[2])), printed=part[0])
            token.place, token.reach = (index, len(parts)), found.end()
            token.start = found.start() if index == 0 else start
            yield token
    for found in _CI_LIST.finditer(text):
        spans = list(re.finditer(rf"({_NUMBER}) ?(?:{_UNIT})? ?(?:-|~|to|至) ?({_NUMBER})", found[2]))
        for index, span in enumerate(spans):
            start = found.start() if index == 0 else found.start(2) + span.start()
            token = Token("CI", start, found.start(2) + span.end(), ci=_interval(found[1], span[1], span[2]))
            token.place, token.reach = (index, len(spans)), found.end()
            yield token


def number(printed: str) -> Decimal:
    bare = printed.replace(",", "").replace(" ", "")
    return Decimal(f"0{bare}" if bare.startswith(".") else bare)


def _token(text: str, found: re.Match[str]) -> Token | None:
    start, end = found.span()
    group = found.groupdict()
    if group["P"]:
        sign = re.search("[=<>≤≥]", found[0])
        op = {"≤": "<", "≥": ">"}.get(sign[0], sign[0]) if sign else "="
        token = Token("P", start, end, p=PValue(op, number(group["p"])), printed=f"P{op}{group['p']}")
        token.interaction = (
            "interaction" in found[0] or "trend" in found[0] or text[max(0, start - 2) : start] in ("组间", "交互")
        )
        token.shared = bool(_SHARED_P.search(text[max(0, start - 5) : end])) or bool(_SHARED_AFTER.match(text, end))
        return token
    if group["EC"]:
        effect = Effect(measure_of(group["measure2"]), number(group["ev2"]))
        return Token(
            "F", start, end, effect=effect, printed=group["ev2"], ci=_interval(group["lv2"], group["el2"], group["eh2"])
        )
    if group["E"]:
        if group["measure"] in ("or", "rr") or (group["measure"] == "OR" and text[start + 2 : start + 3] == "R"):
            return None
        effect = Effect(measure_of(group["measure"]), number(group["ev"]))
        ci = _interval("95", group["el"], group["eh"]) if group["el"] else None
        return Token("F", start, end, effect=effect, printed=group["ev"], ci=ci, hazard=(group["hazard"] or "").strip())
    if group["CI"]:
        return Token("CI", start, end, ci=_interval(group["level"], group["low"], group["high"]))
    if group["BARE"]:
        return None
    if group["N"]:
        return Token("N", start, end, number=int(group["n"].replace(",", "").replace(" ", "")))
    if group["G"]:
        return Token("G", start, end, grade=_grade(group))
    if group["PR"]:
        return Token("PR", start, end, ci=_interval("95", group["low2"], group["high2"]))
    if group["CP"]:
        value = group["cv"].lstrip("<")
        whole = group["c2"] or group["c3"]
        if group["cw"]:  # "4 complete responses (3.2%": the words may name the endpoint
            start = found.start("cv")
        return Token(
            "V", start, end, number(value), f"{group['cv']}%", "%", "lt" if group["cv"].startswith("<") else None,
            number=int(group["c1"].replace(",", "")), whole=int(whole.replace(",", "")) if whole else None,
        )  # fmt: skip
    if group["RG"]:
        low, high = number(group["r1"]), number(group["r2"])
        if low >= high or (group["ru"] == "年" and int(high) in _YEAR):
            return None
        if (
            re.search(r"(?:from|由|从) ?$", text[max(0, start - 6) : start])
            and not re.search(r"[Rr]ang|\bran\b|\bvar|report|spread", text[max(0, start - 28) : start])
            and not re.search(
                r"(?:\bran(?:ged)?|\bvaried|\brange) from [^.;]{0,70}$", text[max(0, start - 110) : start]
            )
            and not text[end : end + 3].lstrip(",， ").startswith("不等")
            and re.search("to|至", found[0])
        ):
            return Token("V", start, end, (low, high), group["r2"], _UNITS.get(group["ru"], group["ru"]), "change")
        return Token(
            "V", start, end, (low, high), re.sub(r"\s", "", found[0]), _UNITS.get(group["ru"], group["ru"]), "range"
        )
    if group["EB"]:
        ci = _interval("95", group["bl"], group["bh"])
        inside = ci is not None and ci.low <= number(group["bv"]) <= ci.high
        return Token("EB", start + 1, end, number(group["bv"]), group["bv"], ci=ci) if inside else None
    if group["BT"]:
        low, high = number(group["b1"]), number(group["b2"])
        if low >= high:
            return None
        start = found.start("b1")
        return Token("V", start, end, (low, high), text[start:end], _UNITS.get(group["bu"], group["bu"]), "range")
    if group["FR"]:
        return Token("FR", start, end, number=int(group["f1"]), whole=int(group["f2"]))
    if group["NR"] or group["NE"]:
        return Token("V", start, end, None, found[0], None, "not_reached")
    return _value(text, found, group)


def _value(text: str, found: re.Match[str], group: dict[str, str | None]) -> Token | None:
    printed = group["v"] or ""
    start, end = found.span()
    before = text[max(0, start - 1) : start]
    if group["skip"] or (before.isascii() and before.isalpha()) or (before in "-_" and before):
        return None
    after = text[end : end + 1]
    if (
        not group["unit"]
        and after.isascii()
        and (after.isalpha() or (after in "-_" and text[end + 1 : end + 2].isalpha()))
        and after
    ):
        if not (match := re.match(r"-(month|year|week|day|mo|yr|wk)s?\b", text[end : end + 8])):
            return None
        long = {"mo": "months", "yr": "years", "wk": "weeks"}.get(match[1], f"{match[1]}s")
        return Token("V", start, end + match.end(), number(printed), printed, long)
    unit = _UNITS.get((group["unit"] or "").strip())
    if (unit is None and text[max(0, start - 5) : start] == ") of ") or (
        unit == "%" and text[max(0, start - 3) : start] == "by "
    ):
        return None
    if _REQUIRED.match(text, end) or before == "第" or (before == "年" and unit == "months"):
        return None
    if _SYMBOL.search(text[max(0, start - 7) : start]):
        return None
    if unit == "patients" and text[max(0, start - 5) : start] == "% of ":
        return None
    if unit is None and printed.isdigit() and _OF_PEOPLE.match(text, end):
        return None
    value = number(printed)
    if unit in ("years", None) and value == value.to_integral_value() and int(value) in _YEAR:
        return None
    sign = (group["sign"] or "").strip()
    shown = f"{sign}{printed}" + ("%" if unit == "%" else "")
    token = Token("V", start, end, value, shown, unit, {"<": "lt", "≤": "lt", ">": "gt", "≥": "gt"}.get(sign))
    if group["vc2"]:
        token.number, token.whole = int(group["vc1"] or 0), int(group["vc2"] or 0)
    return token


def measure_of(printed: str) -> str:
    """The short name of a measure of effect as printed; KeyError for one not known."""
    return _MEASURES[printed.lower()]


def _interval(level: str, low: str, high: str) -> Interval | None:
    if not re.match(r"[\d.]", high):
        return None
    low_value, high_value = number(low), number(high)
    return Interval(Decimal(level), low_value, high_value) if low_value <= high_value else None


def _grade(group: dict[str, str | None]) -> str:
    if group["any"]:
        return ""
    first = group["g1"] or group["g5"] or _ROMAN.get(group["g3"] or "", group["g3"])
    second = group["g2"] or _ROMAN.get(group["g4"] or "", group["g4"])
    if group["ge"] or group["gz"] or group["gu"] or group["g5"] or (second and not second.isdigit()):
        return f"grade_{first}_or_higher_"
    return f"grade_{first}_{second}_" if second else f"grade_{first}_"


def _bound(text: str, found: list[Token]) -> list[Token]:
    kept: list[Token] = []
    for token in found:
        last = kept[-1] if kept else None
        if token.kind == "EB":
            if measure := _measure_before(text, kept, token.start):
                assert isinstance(token.value, Decimal)
                effect = Effect(measure, token.value)
                kept.append(Token("F", token.start, token.end, effect=effect, printed=token.printed, ci=token.ci))
            continue
        if token.place is not None:
            kept.append(token)
            continue
        close = last is not None and _GLUE.fullmatch(text, last.end, token.start) is not None
        if (token.kind == "CI" and last is not None and close and last.ci is None and last.kind in ("V", "F")) or (
            token.kind == "CI"
            and last is not None
            and last.kind == "V"
            and last.ci is None
            and token.start - last.end < 12
        ):
            last.ci, last.end = token.ci, token.end
            kept[-1] = _continued(text, last, kept[:-1])
        elif token.kind == "PR":
            if last is not None and token.start - last.end <= 1 and last.kind in ("V", "F") and last.ci is None:
                if last.kind == "V" and _take_unit(text, replace(last, end=token.end)):
                    last.ci, last.end = token.ci, token.end
                    _take_unit(text, last)
                elif (
                    last.kind == "V"
                    and last.unit is None
                    and _inside(last, token.ci)
                    and not _unit_to_come(text, token.end)
                ):
                    kept[-1] = Token(
                        "F", last.start, token.end, printed=last.printed, ci=token.ci,
                        effect=Effect(_measure_before(text, kept[:-1], last.start) or "HR", last.value)
                        if isinstance(last.value, Decimal)
                        else None,
                    )  # fmt: skip
                else:
                    last.ci, last.end = token.ci, token.end
        elif token.kind == "V" and last is not None and _continues_effects(text, last, token):
            assert isinstance(token.value, Decimal) and last.effect is not None
            kept.append(
                Token(
                    "F",
                    token.start,
                    token.end,
                    effect=Effect(last.effect.measure, token.value),
                    printed=token.printed,
                    ci=token.ci,
                )
            )
        elif (
            token.kind == "V"
            and last is not None
            and last.kind == "V"
            and last.ci is None
            and last.unit == token.unit
            and isinstance(token.value, tuple)
            and isinstance(last.value, Decimal)
            and text[last.end : token.start].strip() == "("
            and token.value[0] <= last.value <= token.value[1]
        ):
            last.ci, last.end = Interval(Decimal(95), *token.value), token.end
        else:
            kept.append(token)
    return _with_units(text, kept)


def _continued(text: str, token: Token, before: Sequence[Token]) -> Token:
    """A bare value with its interval, after an effect: another effect of its measure; with a unit it is a level."""
    if _take_unit(text, token) or token.kind != "V" or token.unit is not None or not _inside(token, token.ci):
        return token
    measure = _measure_before(text, before, token.start)
    if measure is None or _unit_to_come(text, token.end) or not isinstance(token.value, Decimal):
        return token
    effect = Effect(measure, token.value)
    return Token("F", token.start, token.end, effect=effect, printed=token.printed, ci=token.ci)


def _measure_before(text: str, kept: Sequence[Token], start: int) -> str | None:
    """The measure of the effect printed last in the same sentence."""
    last = next((token for token in reversed(kept) if token.kind == "F"), None)
    if last is None or last.effect is None or _STOPPED.search(text, last.end, start):
        return None
    return last.effect.measure


_STOPPED = re.compile(r"[。\n]|\. +[A-Z]")


def _take_unit(text: str, token: Token) -> bool:
    """``1.8 (95% CI 1.5-2.4) months``: the unit stands behind the interval."""
    if token.kind != "V" or token.unit is not None:
        return False
    if found := _UNIT_BEHIND.match(text, token.end):
        token.unit, token.end = _UNITS.get(found[1], found[1]), found.end()
    return token.unit is not None


_LISTED_UNIT = re.compile(
    rf"[)\]] ?(?:vs\.?|v|versus|and|or|to|,|、|和|与|比|对|及|/) ?{_NUMBER} ?[(\[]{_NUMBER}(?:-"
    rf"|~| to |至)(?:{_NUMBER}|{_OPEN_END})[)\]] ?(?:{_UNIT})"
)


def _unit_to_come(text: str, end: int) -> bool:
    """``6.9 (5.4-8.2) vs 2.8 (1.6-4.1) months``: the unit of a list stands at its end."""
    return _LISTED_UNIT.match(text, end) is not None


def _continues_effects(text: str, last: Token, token: Token) -> bool:
    """``HR分别为0.84（…）和0.95``: a bare number joined to an effect is one of the same measure."""
    return (
        last.kind == "F"
        and token.unit is None
        and isinstance(token.value, Decimal)
        and token.qualifier is None
        and re.fullmatch(r"[)\]]?(?:和|及|与| and )", text[last.end : token.start]) is not None
    )


def _inside(token: Token, ci: Interval | None) -> bool:
    return ci is not None and isinstance(token.value, Decimal) and ci.low <= token.value <= ci.high and token.value < 8


_LIST_GAP = re.compile(
    r"[)\]]{0,2}\s{0,2}(?:[,，、/|和与及比对;]|and|vs\.?|v|versus|or|compared with|against|as against|to){1,2}\s{0,2}"
)


def _with_units(text: str, found: list[Token]) -> list[Token]:
    """``9.4 vs 5.3 months``: a bare number takes the unit of the list it stands in."""
    following: Token | None = None
    for token in reversed(found):
        if token.kind == "V" and token.value is not None:
            joined = following is not None and bool(_LIST_GAP.fullmatch(text, token.end, following.start))
            if token.unit is None and following is not None and joined:
                token.unit = following.unit
            following = token
        elif token.kind not in ("P",):
            following = None
    return found
