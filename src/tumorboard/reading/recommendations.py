"""Recommendations in prose: what is recommended, how strongly, on which evidence, by how many of the panel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.frame import Sentence
from tumorboard.reading.grades import BRACKET, CLASS_ZH, LEVEL_OF_RECOMMENDATION, PAIR, Grade, GradeReader
from tumorboard.reading.lexicon import any_of
from tumorboard.reading.study import Mentioned

_GRADE_WORDS = (
    r"(?:quality of (?:the )?evidence|evidence(?: quality| level)?|level of evidence"
    r"|certainty(?: of (?:the )?evidence)?"
    r"|strength(?: of (?:the )?recommendation)?|grade(?: of recommendation)?"
    r"|votes?|voting|agreement|consensus(?: level)?"
    r"|证据(?:级别|等级|质量|水平|类别)?|推荐(?:强度|等级|级别|类别)|共识度|共识水平|同意率|赞成率|支持率|投票(?:结果)?|一致性|强度)"
)
_SAID = r"(?: ?[:：=] ?| (?:was |of )?(?=\d{1,3}(?:\.\d{1,2})? ?%))"
_GRADES_ONLY = re.compile(rf" ?{_GRADE_WORDS}{_SAID}.{{1,60}}|[(（]{_GRADE_WORDS} ?[:：=].{{1,80}}[)）]", re.IGNORECASE)
_GRADES_AFTER = re.compile(rf"(?<=[.。|?]) ?[(（]?{_GRADE_WORDS}{_SAID}", re.IGNORECASE)
_WHOLE = re.compile(rf"[.。?|] ?\|? ?[(（]?{_GRADE_WORDS}{_SAID}", re.IGNORECASE)
_HEAD = re.compile(
    r" ?([^:：。(（]{6,120}(?:[:：][^:：。(（]{1,30}[;；,，][^:：。(（]{0,60}){0,3})[:：] ?(?=[A-Zw\u4e00-\u9fff])"
)
_BRACKETED_HEAD = re.compile(
    r" ?(?:[A-Z][a-z]+"
    r"|推荐意见|共识意见|共识|推荐|建议)? ?\d{0,2}(?:\.\d{1,2})? ?[(（\[]([^()\[\]]{6,120})[)）\]] ?[:：] ?"
)
_LAST_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,2})?) ?%")
_CATEGORY = re.compile(r"(?:[Cc]ategory|类别) ?(?:of evidence )?[1-4I]{1,3}[AB]?")
_SHARE_BESIDE = re.compile(
    r"[,，;； ]{1,2}(\d{1,3}(?:\.\d{1,2})?) ?% ?(?:agreement|consensus|of votes|in favou?r|同意|赞成|支持)"
)
_COUNT_SHARE = re.compile(
    r"^(?:[^()%]{0,10}?\d+ ?(?:of|/|in|out of) ?(?:the )?\d+[^%]{0,24}?[,;，；:] ?)?(\d{1,3}(?:\.\d{1,2})?) ?%$"
)
_VERDICT_BEFORE = re.compile(
    r"(?:no recommendation|not recommended|(?:is|was|were|are) recommended"
    r"|in favou?r|\bvotes?|\bvoted|agreed|agreement|members|experts"
    r"|panell?ists|不作推荐|不予推荐|不推荐|推荐|同意|赞成|支持|通过|未获推荐|达成共识)[^()%]{0,12}$"
)
_VERDICT_AFTER = re.compile(
    r" ?(?:were |was )?(?:in favou?r|voted (?:for|in favou?r)|of (?:the )?(?:panel"
    r"|experts|members|votes)|agreed|supported|endorsed)"
    r"|的?(?:专家|委员)?(?:同意|赞成|支持|推荐)"
)
_VOTED_DOWN = re.compile(r" ?(?:were |was |voted )?(?:against|opposed|abstain)|的?(?:专家|委员)?(?:反对|弃权)")
_TOOK_PART = re.compile(
    r"\bcast\b|took part|participat|invited|responded|returned|completed|参会|参加|参与|回收|应答|出席|完成"
)
_REJECTED = re.compile(
    r"not recommended|should not|no recommendation|rejected|discouraged"
    r"|不推荐|不建议|不予推荐|不作推荐|未被采纳|未获通过|未予采纳|予以否决"
)
_VOTED = re.compile(r"favou?r|agreement|consensus|共识|赞成|赞同")
_SUPPORTED = re.compile(
    r"(?P<verb>supported|endorsed|approved|accepted|agreed(?: upon)?|favou?red|preferred|recommended|rejected|opposed)"
    r" by (?:only |just )?(?P<share>\d{1,3}(?:\.\d{1,2})?) ?% of (?:the )?"
    r"(?:panel(?:lists|ists)?|experts|panel members|voting members|members|participants|votes)"
    r"|(?:found|received|gained|won|reached|obtained|achieved|got|attracted|drew|garnered|carried|secured)"
    r" (?:only |just |a )?(?P<share2>\d{1,3}(?:\.\d{1,2})?) ?%"
    r" (?:of (?:the )?votes|support|agreement|approval|consensus|backing|endorsement)"
    r"|获(?:得)?(?:了)?(?P<share3>\d{1,3}(?:\.\d{1,2})?) ?%"
    r"(?:的)?(?:与会|参会|投票)?(?:专家|委员|成员)?(?:的)?(?:支持|同意|赞成|赞同|认可|推荐)"
)
_OPENING = re.compile(
    r"^(?:(?:Statement|Recommendation|推荐意见|共识|推荐)? ?\d{0,2}[.:：、]? |共识推荐[:：]|推荐意见\d{0,2}[:：]?)"
)


@dataclass(frozen=True, slots=True)
class Recommended:
    """One recommendation: the span that carries it, its strategy as printed and what was said of it."""

    start: int
    end: int
    strategy: tuple[int, int]
    grade: Grade
    arm: Mentioned | None
    against: Mentioned | None
    rule: str
    printed: str


class RecommendationReader:
    def __init__(self, folder: KnowledgeFolder) -> None:
        data = folder.read("reading/recommendations.yaml")
        self.grades = GradeReader(folder)
        agreement = any_of(data["agreement"])
        verbs = any_of(data["verbs"])
        self._vote = re.compile(
            rf"(?:(?:绝?大?多数|部分|少数|全体|所有|全部)?(?:的)?专家(?:组成员"
            rf"|组)? ?[(] ?(?P<a>\d{{1,3}}(?:\.\d{{1,2}})?) ?%(?:，[^()]{{0,14}})?[)] ?(?P<v1>{verbs})"
            rf"|(?P<b>\d{{1,3}}(?:\.\d{{1,2}})?) ?%的(?:参会|投票)?专家 ?(?P<v2>{verbs})"
            rf"|专家[^。；;()]{{0,16}}(?P<v3>暂?不推荐|不予推荐|不建议) ?[(] ?(?P<c>\d{{1,3}}(?:\.\d{{1,2}})?) ?%[)])"
            rf"|(?:仅|只有|有|共)?\d+ ?(?:位|名|人)(?:与会|参会|投票)?(?:专家|委员|成员)?"
            rf" ?[(] ?(?P<e>\d{{1,3}}(?:\.\d{{1,2}})?) ?%[)] ?"
            rf"(?:的)?(?:与会|参会|投票)?(?:专家|委员|成员)?(?P<v5>{verbs})"
            rf"|\d+ ?(?:位|名|人)(?:与会|参会|投票)?(?:专家|委员|成员)?(?P<v9>{verbs})"
            rf"[(] ?(?P<i>\d{{1,3}}(?:\.\d{{1,2}})?) ?%[)](?:{verbs})?"
            rf"|(?:members?|panell?ists?|experts?|voters?|panel|group|committee)[^.;()]{{0,40}}\((?:\d+ of "
            rf"(?:the )?\d+[^()%]{{0,20}}[,;] ?)?"
            rf"(?P<f>\d{{1,3}}(?:\.\d{{1,2}})?) ?%\)[ ,]*(?P<v6>held|agreed|recommended"
            rf"|voted for|voted|favou?red|supported|considered|felt"
            rf"|endorsed|advised|opposed|that)(?: that| to| for)?"
            rf"|(?:majority|minority|half|third|quarters?|most|few)[^()]{{0,16}}\((?P<g>\d{{1,3}}(?:\.\d{{1"
            rf",2}})?) ?%\)(?: of)?(?: the)?"
            rf"(?: (?:experts|panel(?:lists|ists)?|members|participants))? (?P<v7>(?:would )?(?:offer"
            rf"|recommend|prefer|favou?r|support|use|endorse)(?:ed|red)?"
            rf"|wished to|held that|agreed(?: that)?|voted for)"
            rf"|以 ?(?P<j>\d{{1,3}}(?:\.\d{{1,2}})?) ?%的?(?:高)?(?:{agreement}|比例|票数)(?P<v10>{verbs}|通过)"
            rf"|(?:consensus|agreement|majority)[^().;]{{0,20}}\((?P<k>\d{{1,3}}(?:\.\d{{1,2}})?) ?%\)"
            rf"(?: was (?:reached|achieved))?"
            rf" (?P<v11>that|on|for|to)(?= )"
            rf"|\((?P<l>\d{{1,3}}(?:\.\d{{1,2}})?) ?%\) (?P<v12>endorsed|supported"
            rf"|favou?red|recommended|preferred|voted for"
            rf"|(?:were |was |voted )?in favou?r of)"
            rf"|(?P<h>\d{{1,3}}(?:\.\d{{1,2}})?) ?% (?P<v8>agreed that|agreed with|held that|preferred|favou?red"
            rf"|endorsed|voted for|would recommend|would offer)"
            rf"|(?P<d>\d{{1,3}}(?:\.\d{{1,2}})?) ?% of (?:the )?(?:panel(?:lists|ists)?|experts|panel members"
            rf"|voting members|members|participants) (?P<v4>recommend(?:ed)?|support(?:ed)?|agreed(?: that"
            rf"| with)?|favou?red|endorsed|opposed|rejected|recommended against)"
        )
        self._before = re.compile(rf"^.{{0,160}}?(?:{any_of(data['before_strategy'])})")
        self._after = re.compile("|".join(re.escape(word) for word in data["after_strategy"]))

    def whole(self, text: str, sentences: Iterable[Sentence]) -> Iterator[Sentence]:
        """``sentences``, those that only grade the one before joined to it: ``…。证据级别：高。推荐强度：强。``"""
        waiting: Sentence | None = None
        for sentence in sentences:
            if waiting is not None and _GRADES_ONLY.fullmatch(text, sentence.start, sentence.end):
                waiting = Sentence(waiting.start, sentence.end)
                continue
            if waiting is not None:
                yield waiting
            waiting = sentence
        if waiting is not None:
            yield waiting

    def _followed(self, text: str, start: int, end: int, mentions: Sequence[Mentioned]) -> Iterator[Recommended]:
        """A statement and the sentences that grade it."""
        found = _GRADES_AFTER.search(text, start, end)
        if found is None or text.count("(", start, found.start()) > text.count(")", start, found.start()):
            return
        grade = self.grades.grade(text[found.start() : end])
        share = _LAST_SHARE.search(text, found.start(), end)
        if grade.agreement is None and share:
            grade = replace(grade, agreement=Decimal(share[1]))
        if not (grade.strength or grade.level) or (grade.strength is None and grade.agreement is None):
            return
        arm, other = _arms(text, mentions, start, found.start())
        last = text.rfind("? |", start, found.start())
        strategy = (arm.start, arm.end) if arm is not None else (start if last < 0 else last + 3, found.start())
        printed = text[found.start() : end].strip()
        rejected = _REJECTED.search(text[start : found.start()])
        if rejected and "recommendation" not in rejected[0].lower():
            grade = replace(grade, strength=grade.strength or "not recommended")
        yield Recommended(strategy[0], end, (start, found.start()), grade, arm, other, "graded after", printed)

    def _headed(self, text: str, start: int, end: int, mentions: Sequence[Mentioned]) -> Iterator[Recommended]:
        """``Strong recommendation, moderate-quality evidence: we recommend …``: the grade stands first."""
        head = _BRACKETED_HEAD.match(text, start, end) or _HEAD.match(text, start, end)
        if head is None or end - head.end() < 12:
            return
        grade = self.grades.grade(head[1])
        if not (grade.strength and (grade.level or grade.agreement)):
            return
        if _REJECTED.search(text, head.end(), end):
            grade = replace(grade, against=True)
        arm, other = _arms(text, mentions, head.end(), end)
        strategy = (arm.start, arm.end) if arm is not None else (head.end(), end)
        yield Recommended(start, end, strategy, grade, arm, other, "graded before", head[1].strip())

    def read(self, text: str, start: int, end: int, mentions: Sequence[Mentioned]) -> list[Recommended]:
        if _WHOLE.search(text, start, end) and (followed := list(self._followed(text, start, end, mentions))):
            return followed
        if headed := list(self._headed(text, start, end, mentions)):
            return headed
        found = [*self._votes(text, start, end, mentions), *self._supported(text, start, end, mentions)]
        for item in self._graded(text, start, end, mentions):
            vote = next((v for v in reversed(found) if v.start < item.end and v.rule == "vote"), None)
            if vote is not None and not vote.grade.level and item.grade.agreement is None:
                at = found.index(vote)  # "91% preferred A, which … [level I; strong]"
                grade = Grade(vote.grade.strength or item.grade.strength, item.grade.level, vote.grade.agreement)
                found[at] = replace(vote, grade=grade)
            elif not any(item.start < v.end and v.start < item.end for v in found):
                found.append(item)
        return sorted(found, key=lambda item: item.start)

    def _votes(self, text: str, start: int, end: int, mentions: Sequence[Mentioned]) -> Iterator[Recommended]:
        for found in self._vote.finditer(text, start, end):
            percent = next(
                found[name] for name in ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l") if found[name]
            )
            verb = next(
                found[name]
                for name in ("v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12")
                if found[name]
            )
            begin = found.end() + (1 if text[found.end() : found.end() + 1] in "，,:：" else 0)
            stop = min(
                (position for position in (text.find(mark, begin, end) for mark in "(;；。") if position >= 0),
                default=end,
            )
            bracket = BRACKET.match(text, stop) if stop < end and text[stop] == "(" else None
            grade = self.grades.grade(bracket[1]) if bracket else Grade(None, None, None)
            following = self._vote.search(text, begin, end)
            if following and following.start() < stop:
                stop = following.start()
            if cut := self._after.search(text, begin, stop):
                tail = text[cut.start() : stop]
                stop = cut.start()
            else:
                tail = ""
            if (lead := self._before.match(text[begin:stop])) and lead.end() < stop - begin:
                inner = lead.end()
            else:
                inner = 1 if text[begin : begin + 1] in "，将对" else 0
            strategy_start = begin + inner
            strategy_end = strategy_start + len(re.sub(r"(?:治疗)?方案(?:治疗)?$", "", text[strategy_start:stop]))
            if strategy_end <= strategy_start:
                continue
            against = bool(
                re.search(
                    r"不推荐|不予推荐|不建议|反对|against|opposed|rejected|未被采纳|未获通过",
                    verb + tail + (text[stop : stop + 24] if not bracket else ""),
                )
            )
            strength = grade.strength or ("not recommended" if against else None)
            arm, other = _arms(text, mentions, strategy_start, stop)
            last = bracket.end() - 1 if bracket and (grade.strength or grade.level) else strategy_end
            yield Recommended(
                found.start(),
                max(last, strategy_end),
                (strategy_start, strategy_end),
                Grade(strength, grade.level, Decimal(percent)),
                arm,
                other,
                "vote",
                f"{percent}%",
            )

    def _supported(self, text: str, start: int, end: int, mentions: Sequence[Mentioned]) -> Iterator[Recommended]:
        """``… was supported by 78% of the panel (moderate recommendation, level II)``: the strategy stands before."""
        begin = start
        for found in _SUPPORTED.finditer(text, start, end):
            clause = max(text.rfind(mark, begin, found.start()) for mark in (";", ". ", "。"))
            first = max(begin, clause + 1)
            arm, other = _arms(text, mentions, first, found.start())
            strategy = (arm.start, arm.end) if arm is not None else self._subject(text[first : found.start()], first)
            bracket = BRACKET.match(text, found.end() + 1)
            grade = self.grades.grade(bracket[1]) if bracket else Grade(None, None, None)
            against = found["verb"] in ("rejected", "opposed")
            share = found["share"] or found["share2"] or found["share3"]
            strength = grade.strength or ("not recommended" if against else None)
            last = bracket.end() - 1 if bracket and (grade.strength or grade.level) else found.end()
            vote = Grade(strength, grade.level, Decimal(share))
            if strategy[1] > strategy[0]:
                yield Recommended(strategy[0], last, strategy, vote, arm, other, "vote", f"{share}%")
            begin = last

    def _graded(self, text: str, start: int, end: int, mentions: Sequence[Mentioned]) -> Iterator[Recommended]:
        begin = start
        for found in BRACKET.finditer(text, start, end):
            grade = self.grades.grade(found[1])
            pair = PAIR.match(found[1]) is not None
            clause = max((text.rfind(mark, begin, found.start()) for mark in (";", "；", "。", ". ")), default=-1)
            first = max(begin, clause + 1)
            stop = found.start()
            said = text[first:stop].rfind(":")
            if (
                said > 1
                and not _OPENING.fullmatch(text[first : first + said + 2].lstrip())
                and stop - first - said < 90
                and not any(m.names and first + said < m.start < stop for m in mentions)
            ):
                before = self.grades.grade(text[first + said + 1 : stop])
                if before.strength or before.level or _VERDICT_BEFORE.search(text[first + said + 1 : stop]):
                    level = CLASS_ZH.search(found[1])
                    grade = Grade(
                        grade.strength or before.strength,
                        grade.level or before.level or (level[1] if level else None),
                        grade.agreement,
                    )
                    stop = first + said
            share = _COUNT_SHARE.match(found[1].strip())
            beside = _SHARE_BESIDE.match(text, found.end())
            if beside and grade.agreement is None and (grade.strength or grade.level):
                grade = replace(grade, agreement=Decimal(beside[1]))
            if share and grade.agreement is None:
                voted = _VERDICT_BEFORE.search(text[first : found.start()]) or _VERDICT_AFTER.match(text, found.end())
                if not voted or _VOTED_DOWN.match(text, found.end()) or _TOOK_PART.search(text[first : found.start()]):
                    continue
                grade = replace(grade, agreement=Decimal(share[1]))
            elif not (
                pair
                or grade.strength
                or LEVEL_OF_RECOMMENDATION.search(found[1])
                or _CATEGORY.fullmatch(found[1])
                or (
                    grade.agreement
                    and (grade.level or _VOTED.search(found[1]) or self.grades.agreement.search(found[1]))
                )
            ) or re.search(r"[=<>]|PS \d|stage|vs", found[1]):
                continue
            arm, other = _arms(text, mentions, first, stop)
            segment = text[first:stop]
            strategy = (arm.start, arm.end) if arm is not None else self._subject(segment, first)
            if strategy[1] <= strategy[0]:
                continue
            against = bool(_REJECTED.search(text[first : found.start()]))
            strength = grade.strength or ("not recommended" if against else None)
            yield Recommended(
                strategy[0],
                found.end() - 1,
                strategy,
                Grade(strength, grade.level, grade.agreement, against),
                arm,
                other,
                "graded in brackets",
                found[1].split(";")[0].strip(),
            )
            begin = found.end()

    def _subject(self, segment: str, first: int) -> tuple[int, int]:
        """Words before the verb of the last clause, where no treatment is named."""
        lead = _OPENING.match(segment.lstrip())
        skip = len(segment) - len(segment.lstrip()) + (lead.end() if lead else 0)
        if comma := max(segment.rfind("，"), segment.rfind(", "), segment.rfind("; ")) + 1:
            skip = max(skip, comma + (1 if segment[comma : comma + 1] == " " else 0))
        if adverb := re.match(r"(?:alternatively|In addition|however) ", segment[skip:]):
            skip += adverb.end()
        if lead := self._before.match(segment[skip:]):
            return first + skip + lead.end(), first + len(segment.rstrip())
        verb = self._after.search(segment, skip + 1)
        stop = verb.start() if verb else len(segment.rstrip())
        return first + skip, first + stop


_ALTERNATIVE = re.compile(r" ?(?:、|,|，|或|/|\bor\b|, or\b|和|\band\b|及) ?(?:者)?")


def _alternatives(text: str, own: Sequence[Mentioned]) -> Mentioned:
    """The treatment recommended: the last named before the bracket or verb, with those listed beside it."""
    last = len(own) - 1
    first = last
    while first and _ALTERNATIVE.fullmatch(text[own[first - 1].end : own[first].start]):
        first -= 1
    if first == last:
        return own[last]
    names = (" | ".join(dict.fromkeys(mention.text for mention in own[first:])),)
    return replace(own[last], names=names, start=own[first].start)


def _arms(text: str, mentions: Sequence[Mentioned], start: int, end: int) -> tuple[Mentioned | None, Mentioned | None]:
    named = [m for m in mentions if start <= m.start and m.end <= end + 1 and m.names]
    own = [m for m in named if m.role == ""] or [m for m in named if m.role == "against"][:1]
    against = [m for m in named if m.role == "against"]
    arm = _alternatives(text, own) if own else None
    other = next((m for m in against if m is not arm), None)
    return arm, other
