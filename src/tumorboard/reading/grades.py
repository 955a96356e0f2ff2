"""Grades of recommendations: strength, level of evidence and vote as brackets, cells and phrases print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.lexicon import any_of

LEVEL_TEXT = r"(?:IV|I{1,3}|V|[1-5])(?:[ABCabc])?"
PAIR = re.compile(rf"\s*(?P<level>{LEVEL_TEXT}) ?[,，;；/] ?(?P<grade>[A-E])(?![A-Za-z])")
_GRADE_ZH = re.compile(
    rf"((?:{LEVEL_TEXT}|[A-E])(?= ?[级类]推荐)) ?[级类]推荐(?!证据)|推荐(?:等级|级别|强度|类别)?(?:为"
    rf"|[:：])? ?({LEVEL_TEXT}|[A-E]|强|中等?|弱)(?:级"
    rf"|类)?(?![A-Za-z%\d])"
)
_LEVEL_ZH = re.compile(
    rf"({LEVEL_TEXT}) ?[类级]?证据|证据(?:水平|级别|等级|类别|质量)?(?:为"
    rf"|[:：])? ?({LEVEL_TEXT}|[A-E]|高|中等?|极?低)(?: ?[级类])?(?![%\d])"
)
_LEVEL_EN = re.compile(
    rf"(?:level(?: of evidence)?|evidence(?: level| quality)?|LoE|LOE|category|quality of evidence"
    rf"|certainty)(?: of)?[ :,]{{0,3}}({LEVEL_TEXT}|[A-E]|high|moderate|low|very low)(?![A-Za-z])",
    re.IGNORECASE,
)
_GRADE_EN = re.compile(
    r"(?:grade(?: of recommendation)?|GoR|GOR|class|strength(?: of recommendation)?"
    r"|recommendation(?: grade)?)[ :,]{1,3}([A-E]|IV|I{1,3}[ab]?|strong|weak|moderate|conditional)(?![A-Za-z])",
    re.IGNORECASE,
)
_GRADE_SCHEME = re.compile(
    r"(?:GRADE[ :]{0,2}|(?:^|[,;] ?)[Gg]rade[ :]{1,2})([12])([ABCD])?(?![A-Za-z0-9.%]| ?(?:or|-|/|to))"
)
_COUNTED_VOTES = re.compile(
    r"(?:同意|赞成|反对|弃权|不同意) ?\d+ ?[票人]|(?:反对|弃权|不同意|against|opposed|abstain\w*):? ?\d[\d.]* ?%"
)
_CSCO = re.compile(r"^ ?(I{1,3}|IV) ?级[,，、;； ]+(\d[ABab]?)(?: ?类)?")
_BARE_SCHEME = re.compile(r"^ ?([12])([ABCD])(?= ?(?:[;；,，]|$))")
LEVEL_OF_RECOMMENDATION = re.compile(rf"({LEVEL_TEXT}) ?[类级](?:推荐)?证据")
CLASS_ZH = re.compile(r"(?:^|[,，;；、 ])(\d[ABab]?|I{1,3}|IV) ?类(?:$|[,，;；、 ])")
_SHARE = re.compile(r"[;；,，] ?(\d{1,3}(?:\.\d{1,2})?) ?%$")
_PERCENT = r"(\d{1,3}(?:\.\d{1,2})?) ?%"
BRACKET = re.compile(r"[(\[]([^()\[\]]{1,120})[)\]]")


@dataclass(frozen=True, slots=True)
class Grade:
    """What was printed of a recommendation; ``agreement`` in percent of the panel, ``against`` for advice not to."""

    strength: str | None
    level: str | None
    agreement: Decimal | None
    against: bool = False


class GradeReader:
    """Reads the grade a bracket, a cell or a phrase prints."""

    def __init__(self, folder: KnowledgeFolder) -> None:
        data = folder.read("reading/recommendations.yaml")
        self._one_word = data["one_word"]
        self._strengths = {word: strength for strength, words in data["strengths"].items() for word in words}
        self._strength = re.compile(any_of(self._strengths), re.IGNORECASE)
        self._qualities = {word: quality for quality, words in data["qualities"].items() for word in words}
        self._quality = re.compile(any_of(self._qualities), re.IGNORECASE)
        agreement = any_of(data["agreement"])
        self.agreement = re.compile(
            rf"(?:{agreement})(?: rate| level|率)?(?: of| was|为|[:：,，=])? ?{_PERCENT}"
            rf"|{_PERCENT} ?(?:的)?(?:专家)?(?: of (?:the )?(?:panel|experts"
            rf"|members))?(?: ?consensus)? ?(?:{agreement})",
            re.IGNORECASE,
        )

    def grade(self, content: str) -> Grade:
        """What a bracket says of a recommendation."""
        strength = level = None
        content = _COUNTED_VOTES.sub("", content)
        if scheme := _GRADE_SCHEME.search(content) or _BARE_SCHEME.search(content):
            strength, level = scheme[1], scheme[2]
        elif recommended := LEVEL_OF_RECOMMENDATION.search(content):
            level = recommended[1]
            content = content[: recommended.start()] + content[recommended.end() :]
        if csco := _CSCO.match(content):
            strength, level = csco[1], csco[2]
        if pair := PAIR.match(content):
            level, strength = pair["level"], pair["grade"]
        if (found := _GRADE_ZH.search(content)) and strength is None:
            strength = found[1] or self._one_word["strength"].get(found[2], found[2])
        if (found := _LEVEL_ZH.search(content)) and level is None:
            level = found[1] or self._one_word["level"].get(found[2], found[2])
        if (found := self._quality.search(content)) and level is None:
            level = self._qualities[found[0].lower()]
        bare = self._quality.sub("", content)
        if found := self._strength.search(bare):
            strength = (
                strength
                if pair or (strength and strength.isupper() and len(strength) < 4)
                else self._strengths[found[0].lower()]
            )
        if strength is None and (found := _GRADE_EN.search(bare)):
            strength = found[1] if found[1][0].isupper() and len(found[1]) < 5 else found[1].lower()
        if level is None and (found := _LEVEL_EN.search(bare)):
            level = found[1].lower() if len(found[1]) > 3 else found[1]
        if level is None and strength is not None and (found := CLASS_ZH.search(content)):
            level = found[1]
        vote = self.agreement.search(content)
        agreement = next((Decimal(part) for part in vote.groups() if part), None) if vote else None
        if agreement is None and (strength or level) and (share := _SHARE.search(content)):
            agreement = Decimal(share[1])
        return Grade(strength, level, agreement)

    def cell(self, printed: str, role: str) -> str | None:
        """The strength or level a cell of a table prints by itself."""
        words = self._one_word["strength" if role == "strength" else "level"]
        return words.get(printed.strip()) or self._strengths.get(printed.strip().lower()) if printed.strip() else None

    def level_only(self, text: str) -> str | None:
        """The level of evidence printed with a result."""
        for found in BRACKET.finditer(text):
            grade = self.grade(found[1])
            if grade.level and grade.strength is None and grade.agreement is None and _LEVEL_ZH.search(found[1]):
                return grade.level
        return None
