"""Regimens where a text names them: treatments joined by the words that join them, with their role and number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tumorboard.reading.lexicon import Lexicon, Mention, any_of
from tumorboard.reading.study import Mentioned

_STRONG = re.compile(
    r"(?:(?<![A-Za-z])(?:alone)?)[ ,]{0,2}(?:(?:[+＋]|为基础的|-based|联合(?:应用|使用|用药|治疗)?|联用|加用?|序贯|同步"
    r"|(?:in )?combin(?:ed|ation) with|(?:(?:was |were )?(?:given|administered"
    r"|used|taken)(?: together| alongside| along)? with)|alongside|(?:given "
    r"|added |used )?on top of|in conjunction with|concurrent(?:ly)? with"
    r"|(?:was |were |is |are )?combined with|with (?:a |one )?(?:single |priming |low |fixed |short )*(?:dose|doses"
    r"|course|cycle|cycles) of|plus|followed by|(?:(?:may|can|should|could|might"
    r"|is to) be |is |was |were )?added to|together with|and (?=placebo)"
    r"|及(?=安慰剂))(?: ?(?:(?:a |the |an )?(?:external(?:-beam)? |local |stereotactic |thoracic |concurrent |adjuvant "
    r"|subsequent |standard |conventional |systemic |low-dose |oral |intravenous |first-line )?"
    r"|标准|方案|注射液|同步|局部|低剂量|常规|口服|静脉|一线))?)[ ]?"
)
_WEAK = re.compile(r"(?: ?(?:,|、|和|与|及|/|-|[,，] ?and|and) ?)(?:a |the )?")
_OR = re.compile(r" ?(?:or|或|/) ?")
_DOSE = re.compile(
    r"(?: ?(?:biosimilar|类似物|方案|therapy|治疗|药物|注射液|胶囊)"
    r"| ?[(（][^()（）]{0,40}[)）]|[(,，]? ?\d[\d.,·]{0,6} ?(?:mg|g"
    r"|μg|AUC)[^,;，；。()]{0,24}?"
    r"(?: (?:once|twice|three times)(?: daily| a day| weekly| every \w+ weeks)?|daily|weekly)?)"
)
_GROUP = re.compile(
    r"(?:[(（][^()]{1,24}[)）])?(?:(?:[ -]combination)?[ -]?(?:group|arm|cohort|recipients|treated|-treated)s?\b"
    r"|治疗组|组(?!织|成|分|间|学))"
)
_ALONE_AFTER = re.compile(
    r" ?(?:alone|only|monotherapy|by itself|on its own|as a single agent|单药|单用|单独治疗|单独|单一)"
)
_ALONE_BEFORE = re.compile(r"(?:单纯|单独|单用|single-agent |monotherapy with )$")
_WITH_WHICH = re.compile(r"(?:与|和|同|跟|较|以|将|相对于|对比)[^，,;；。:：]{0,16}$")
_UNKNOWN_PARTNER = re.compile(
    r"(?: ?[+＋] ?|联合|联用|加用| plus | combined with | in combination with )"
    r"(?P<name>(?=[A-Za-z0-9-]*[A-Z0-9])[A-Za-z][A-Za-z0-9-]{2,15}(?![A-Za-z])"
    r"|[a-z]{3,}(?:mab|nib|ciclib|parib|platin|taxel|rafenib|lisib|stat)(?![a-z])"
    r"|[\u4e00-\u9fff¹²³⁴⁵⁶⁷⁸⁹⁰A-Za-z0-9]{2,9}?(?=治疗|组|与|和|对比|比较|方案|\(|，))"
)
_NO_PARTNER = re.compile(
    r"(?:组|治疗|方案|用药|either|local|其他|其它|免疫|靶向|局部|治疗|其|抗|化疗|放疗|[A-Z]{2,4}\d? ?(?:PFS|OS))"
)
_TOGETHER = re.compile(r"\b(?:combination of|combining|triplet of|doublet of) $")
_VALUES_BEFORE = re.compile(r"\d[\d.]*%? (?:and|vs\.?|v|versus) \d[\d.]*%?[^.;]{0,50}$")
_WITH = re.compile(r"(?:\bwith|接受|给予|采用) ?$")
_DIVIDED = re.compile("assign|random|either|compar|随机|分为|分配|比较")
_GIVEN = re.compile(
    r"(?:\breceived|\breceiving|\btreated with|\bcombination of|\bcombining"
    r"|\btriplet of|\bgiven|接受|给予|采用|予)(?: ?[\u4e00-\u9fff]{0,4}| (?:first-line"
    r"|the|a|oral))? ?$"
)
_OPTIONAL = re.compile(
    r" ?(?:±|\+/-|with or without|加或不加|联合或不联合|或不联合|(?:in combination )?with or without) ?"
)
_LACKING = re.compile(
    r"(?:\b(?:without|no|not receiving|not given|excluding)(?: the)? |未(?:联合|加用|使用|接受|用|行)|不含|不加|无)$"
)
_NO_DOSE = re.compile(
    r"[nN] ?=|\d ?例|HR|%|\d\.\d|[A-Z]{3}|推荐|证据|recommend|evidence|level|[(\[] ?[IV]{1,3},|研究|study|trial|组"
)
_NOT_GIVEN = re.compile("间期|耐药机制|resistance mechanism|敏感")
_WITH_PRIOR = re.compile(r" ?(?:,|、|和|与|及|/|或|or|and|and a|and an|, and|or a)(?: a| an)?(?: PD-1 or)? ?")
_ASSIGNED = re.compile("assign|random|receive|either|compar|随机|分为|分配|比较")  # "or" then stands between arms
_COUNT = re.compile(
    r"(?:治疗|患者)?(?:组|group|arm)?[ ,，:]{0,2}[(（]?(?:(?:各|共)?(\d{1,5}) ?(?:例|patients)|[nN] ?= ?(\d{1,5}))"
)


class ArmReader:
    """Reads regimens: names of treatments joined by the words that join them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._classes = lexicon.classes
        self._schemes, self._any_chemotherapy = lexicon.schemes, lexicon.any_chemotherapy
        self._with_scheme, self._background = lexicon.with_scheme, lexicon.background
        self._techniques, self._partners = lexicon.techniques, lexicon.partners
        targets = "|".join(map(re.escape, sorted(self._partners, key=len, reverse=True)))
        self._last_target = re.compile(rf"(?:,? and |, |、|和|及)({targets})(?= ?[(（,，.。;；组]|治疗|$)")
        self._against = re.compile(
            rf"(?:{any_of(lexicon.words['against'])})(?: ?(?:the|与|单独|单纯|单用|接受|患者|both|those of))? ?$"
            rf"|(?:{any_of(w for w in lexicon.words['against'] if w[0].isascii())}) (?:[a-z'-]+ ){{1,4}}$"
            rf"|(?:{any_of(w for w in lexicon.words['against'] if not w[0].isascii())})[\u4e00-\u9fff]{{1,5}}$",
            re.IGNORECASE,
        )
        self._compared = re.compile(
            r"^(?:组|治疗|单药|方案|患者)*(?:相比|比较|组相比|相较|相对|(?:作|为|作为|设为)+对照)"
        )
        self._prior = re.compile(
            rf"(?:{any_of(lexicon.words['prior'])})(?: ?(?:of|with|to|to the|for|一线|二线|接受过|的|使用过|用过"
            rf"|platinum-based|[a-z]+ cycles of|一种|过|至少一线|first-line|a|an|both|concurrent|[A-Z][A-Z0-9-]+ (?:or"
            rf"|and)))? ?$",
            re.IGNORECASE,
        )
        self._prior_after = re.compile(
            rf"^ ?(?:单药|方案|为基础的|一线|治疗|的|组)?(?:后|{any_of(lexicon.words['prior_after'])})"
        )

    def read(self, text: str, mentions: Sequence[Mention]) -> list[Mentioned]:
        found: list[Mentioned] = []
        index = 0
        treatments = [m for m in mentions if m.kind in ("treatment", "label")]
        while index < len(treatments):
            first = treatments[index]
            if (
                first.kind == "label"
                and found
                and found[-1].end == first.start
                and found[-1].names
                and first.name in ("more", "fewer")
            ):  # "HAIC联合组": the arm with HAIC; "HAIC单药组": the arm of HAIC alone
                found[-1] = replace(found[-1], end=first.end, group=True, alone=first.name == "fewer")
                index += 1
                continue
            if first.kind == "label":
                found.append(self._label(text, first))
                index += 1
                continue
            names, index, end = self._joined(text, treatments, index)
            mention = self._regimen(text, names, first.start, end)
            if _NOT_GIVEN.match(text, end):
                continue
            if found and found[-1].role == "prior" and _WITH_PRIOR.fullmatch(text[found[-1].end : mention.start]):
                mention = replace(mention, role="prior")
            found.append(mention)
        for place in range(
            len(found) - 1, 0, -1
        ):  # "铂类或依托泊苷治疗进展": what is joined to earlier therapy is earlier too
            if (
                found[place].role == "prior"
                and found[place - 1].role == ""
                and _WITH_PRIOR.fullmatch(text[found[place - 1].end : found[place].start])
            ):
                found[place - 1] = replace(found[place - 1], role="prior")
        return found

    def _joined(self, text: str, treatments: list[Mention], index: int) -> tuple[list[str], int, int]:
        first = treatments[index]
        assigned = _ASSIGNED.search(text, max(0, first.start - 60), first.start)
        adding = text[max(0, first.start - 16) : first.start].endswith(("addition of ", "adding ", "Adding "))
        given = _GIVEN.search(text, max(0, first.start - 40), first.start) is not None
        given = given and not _VALUES_BEFORE.search(text, max(0, first.start - 80), first.start)
        if first.name in self._techniques and _WITH.search(text, max(0, first.start - 10), first.start):
            given = True
        given = given and not _DIVIDED.search(text, max(0, first.start - 60), first.start)
        given = given or _TOGETHER.search(text, max(0, first.start - 24), first.start) is not None
        names, end, strong, listed = [first.name], self._after_dose(text, first.end), False, given
        index += 1
        while index < len(treatments) and treatments[index].kind == "treatment":
            following = treatments[index]
            gap = text[end : following.start]
            if len(gap) > 30 or (following.name in names and not re.fullmatch(r" ?[/(（] ?", gap)):
                break
            if _OPTIONAL.fullmatch(gap):
                end = self._after_dose(text, following.end)
                index += 1
                continue
            if following.name in names and "(" in gap and text[following.end : following.end + 1] != ")":
                break
            if following.name in names:
                end = following.end + (text[following.end : following.end + 1] == ")")
            elif gap.strip() == "(" and self._examples(text, names[-1], treatments, index):
                close = text.find(")", following.start)
                while index < len(treatments) and treatments[index].start < close:
                    index += 1
                end = close + 1
                continue
            elif not re.sub("[ ()]", "", gap) and self._same(names[-1], following.name):
                names[-1] = self._narrower(names[-1], following.name)
                end = following.end
            elif (
                gap == "-"
                or _STRONG.fullmatch(gap)
                or self._technique(text, first, names, following, gap)
                or (adding and gap == " to ")
            ):
                names.append(following.name)
                strong = True
                end = following.end
            elif strong and not assigned and _OR.fullmatch(gap) and not self._stands_alone(text, following):
                names[-1] = f"{names[-1]} | {following.name}"
                end = following.end
            elif (
                gap == "、"
                and index + 1 < len(treatments)
                and _STRONG.fullmatch(text[following.end : treatments[index + 1].start])
            ):  # "A、B联合C": all three together
                names.append(following.name)
                end = following.end
            elif (
                _WEAK.fullmatch(gap)
                and not self._stands_alone(text, following)
                and (strong or listed or adding or self._chemo(names[-1], following.name))
                and not (given and _OR.match(text, self._after_dose(text, following.end)))
            ):
                listed = True
                names.append(following.name)
                end = following.end
            else:
                break
            end = self._after_dose(text, end)
            index += 1
        return names, index, end

    def _after_dose(self, text: str, end: int) -> int:
        found = _DOSE.match(text, end)
        return found.end() if found and not _NO_DOSE.search(found[0]) else end

    def _technique(self, text: str, first: Mention, names: list[str], following: Mention, gap: str) -> bool:
        """``FOLFOX方案HAIC``, ``HAIC with FOLFOX``; ``TACE with lenvatinib`` where it is not compared with it."""
        pair = (names[-1], following.name)
        if any(one in self._with_scheme.get(other, ()) for one, other in (pair, pair[::-1])):
            return gap.strip() in ("", "with", "(", "using", "为基础的", "-", "方案", "based")
        compared = re.search(r"compar|versus|与|比较", text[max(0, first.start - 40) : first.start])
        return gap == " with " and not compared and names[-1] not in self._background

    def _same(self, one: str, other: str) -> bool:
        if (one in self._any_chemotherapy and other in self._schemes) or (
            other in self._any_chemotherapy and one in self._schemes
        ):
            return True
        return other in self._classes.get(one, ()) or one in self._classes.get(other, ())

    def _examples(self, text: str, name: str, treatments: list[Mention], index: int) -> bool:
        """``PD-L1抑制剂(阿替利珠单抗、度伐利尤单抗)``: members of a class in brackets are examples of it."""
        close = text.find(")", treatments[index].start, treatments[index].start + 90)
        inside = [m for m in treatments[index : index + 6] if m.end <= close]
        return close > 0 and len(inside) > 1 and all(name in self._classes.get(m.name, ()) for m in inside)

    def _narrower(self, one: str, other: str) -> str:
        return one if other in self._classes.get(one, ()) or one in self._schemes else other

    def _chemo(self, one: str, other: str) -> bool:
        def chemical(name: str) -> bool:
            known = self._classes.get(name.split(" | ")[-1], frozenset())
            return name in self._schemes or bool(self._any_chemotherapy & {name, *known})

        return chemical(one) and chemical(other)

    def _stands_alone(self, text: str, mention: Mention) -> bool:
        return bool(_ALONE_AFTER.match(text, mention.end))

    def _label(self, text: str, mention: Mention) -> Mentioned:
        return Mentioned(
            (),
            mention.start,
            mention.end,
            mention.name,
            True,
            role=self._role(text, mention.start, mention.end),
            count=count_after(text, mention.end),
            printed=text[mention.start : mention.end],
        )

    def _regimen(self, text: str, names: list[str], start: int, end: int) -> Mentioned:
        if last := self._last_target.match(text, end):
            names, end = [*names, self._partners[last[1]]], last.end()
        elif (partner := _UNKNOWN_PARTNER.match(text, end)) and not _NO_PARTNER.match(partner["name"]):
            name = partner["name"].strip()
            names, end = [*names, self._partners.get(name, name)], partner.end()
        alone = bool(_ALONE_AFTER.match(text, end)) or bool(_ALONE_BEFORE.search(text[max(0, start - 18) : start]))
        group = _GROUP.match(text, end)
        stop = group.end() if group else end
        return Mentioned(
            self._technique_with_scheme(names),
            start,
            stop,
            group=group is not None,
            alone=alone,
            role=self._role(text, start, stop),
            count=count_after(text, end),
            lacking=bool(_LACKING.search(text[max(0, start - 16) : start])),
        )

    def _technique_with_scheme(self, names: list[str]) -> tuple[str, ...]:
        """A technique and the scheme it gives are one: HAIC (FOLFOX)."""
        for technique in self._with_scheme.keys() & set(names):
            given = [name for name in names if name in self._with_scheme[technique]]
            if given:
                rest = [name for name in names if name not in given]
                return tuple(f"{technique} ({given[0]})" if name == technique else name for name in rest)
        return tuple(names)

    def _role(self, text: str, start: int, end: int) -> str:
        before, after = text[max(0, start - 32) : start], text[end : end + 14]
        if self._compared.match(after) and (_WITH_WHICH.search(before) or "对照" in after[:6]):
            return "against"
        if self._prior_after.match(after) and not self._against.search(before):
            return "prior"
        if self._prior.search(before):
            return "prior"
        return "against" if self._against.search(before) else ""


def count_after(text: str, end: int) -> int | None:
    """The number of patients printed after a name: ``(n=45)``, ``45例``."""
    found = _COUNT.match(text, end)
    return int(found[1] or found[2]) if found else None
