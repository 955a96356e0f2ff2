"""Where lines end: inside a sentence a line end says nothing, after a sentence, heading or table row it does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tumorboard.reading.document import Span
from tumorboard.reading.editing import Editing
from tumorboard.reading.normalising import HAN

_TABS = re.compile(" *\t[ \t]*")
_SPACES = re.compile("  +")
_BREAK = re.compile(r"[ \t]*\n[ \t\n]*")
_SENTENCE_END = tuple("。!?！？")
_STOP = re.compile(r"(?<![A-Z])(?<!\bvs)(?<!\bal)(?<!\bFig)(?<!\bTab)\.[\])\"”’]?$")
_NUMERALS = "[一二三四五六七八九十]+"
_OPENS_BLOCK = re.compile(
    "|".join(
        (
            "[【•●■◆▪○·#]",
            r"(?:图|表|附表|Table|Fig(?:ure)?\.?|TABLE) ?\d",
            rf"第{_NUMERALS}[章节部]|{_NUMERALS}、|\({_NUMERALS}\)",
            rf"\[\d{{1,3}}\] ?[A-Z{HAN}]",
            rf"\d{{1,2}}(?:\.\d{{1,2}})*(?:  +|[、.] ?(?=[{HAN}A-Z]))",
            rf"\d{{1,2}}(?:\.\d{{1,2}})+ (?![个月年例周天%])[{HAN}A-Z]",
        )
    )
)
_HEADING = 30  # characters of the longest line taken for a numbered heading
_CLAUSE = re.compile("[，,、]")
_HALF_NUMBER = re.compile(r"(?<![\d.])\d{1,3}\.$")
_NUMBER_BEGINS = re.compile(
    rf"(?:(?:[{HAN}，、(=<>≤≥~:;]|[{HAN}%].{{0,40}}[A-Z] ?)[ ]?(?:\d{{1,3}}|\d+\.0+)|[^\d.]0\.0+)$"
)
_NEW_NUMBER = re.compile(r"\d\d(?:\.\d)? ?% ?(?:CI|可信|置信)")
_NUMBER_ENDS = re.compile(r"\d+ ?(?:%|个月|月|年|months|[,，;)])")
_WORD_BREAK = re.compile(r"([A-Za-z]+)-$")
# Words that stand after a hyphen, not after the break of one word; what the document itself prints goes before them.
_AFTER_HYPHEN = re.compile(
    "(?:free|based|line|term|cell|na[iï]ve|positive|negative|related|blind|label|arm|specific|dose|type|mutant|resistant"
    "|sensitive|treated|refractory|dependent|driven|risk|grade|stage|week|month|year|day|up|to|rank|cent(?:er|re))s?"
)


def join_lines(editing: Editing, fences: Sequence[Span], paragraphs: bool) -> None:
    """Line ends inside sentences become one space, those between sentences, headings and table rows one line end."""
    text = editing.text
    breaks = list(_BREAK.finditer(text))
    if not breaks:
        return
    blank = sum(found[0].count("\n") > 1 for found in breaks)
    blank_parts = paragraphs or 2 * blank <= len(
        breaks
    )  # where every line is followed by a blank one, that says nothing
    words = Counter(re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?", text)) if "-\n" in text or "- \n" in text else Counter()
    editing.replace("line break", _joined(text, breaks, blank_parts, words, editing.here(fences)))
    editing.replace("space", _outside(_TABS, editing, fences))
    editing.substitute("space", _SPACES, " ")


def _joined(
    text: str, breaks: list[re.Match[str]], blank_parts: bool, words: Counter[str], fenced: list[Span]
) -> Iterator[tuple[int, int, str]]:
    fence = 0
    for number, found in enumerate(breaks):
        start, end = found.span()
        line_start = breaks[number - 1].end() if number else 0
        before, after = text[line_start:start], text[end : end + 24]
        while fence < len(fenced) and fenced[fence][1] < start:
            fence += 1
        touches = fence < len(fenced) and fenced[fence][0] <= end
        if touches:
            kept = found[0].strip(" ") if fenced[fence][0] <= start and end <= fenced[fence][1] else "\n"
            yield start, end, kept
        elif not before or not after:
            yield start, end, "\n" if before or after else ""
        elif _half_number(before, after):  # "0." at the end of a line ends no sentence
            yield start, end, ""
        elif _ends_block(before) or _opens_block(before, after) or (blank_parts and found[0].count("\n") > 1):
            yield start, end, "\n"
        elif (word := _WORD_BREAK.search(before)) and after[:1].isalpha() and after[:1].isascii():
            yield from _word_joined(start, end, word[1], after, words)
        else:
            yield start, end, " "


def _half_number(before: str, after: str) -> bool:
    """Whether a line ends inside a number: after its point, after zeros, or, in Chinese, between two digits."""
    if not after[:1].isdigit():
        return False
    if half := _HALF_NUMBER.search(before):
        return half[0] == "0." or bool(_NUMBER_ENDS.match(after))
    return bool(_NUMBER_BEGINS.search(before)) and not _NEW_NUMBER.match(after)


def _ends_block(before: str) -> bool:
    return before.endswith(_SENTENCE_END) or bool(_STOP.search(before[-6:]))


def _opens_block(before: str, after: str) -> bool:
    heading = len(before) <= _HEADING and _OPENS_BLOCK.match(before) and not _CLAUSE.search(before)
    return bool(heading or _OPENS_BLOCK.match(after))


def _word_joined(start: int, end: int, first: str, after: str, words: Counter[str]) -> Iterator[tuple[int, int, str]]:
    """A word broken at a hyphen, as the document prints it elsewhere; otherwise by what follows the hyphen."""
    found = re.match(r"[A-Za-zï]+", after)
    second = found[0] if found else ""
    whole, hyphened = words[first + second], words[f"{first}-{second}"]
    keeps = hyphened >= whole if hyphened or whole else bool(_AFTER_HYPHEN.fullmatch(second.lower()))
    if keeps or not (first[-1:].islower() and second[:1].islower()):
        yield start, end, ""
    else:
        yield start - 1, end, ""


def _outside(pattern: re.Pattern[str], editing: Editing, fences: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
    fenced = editing.here(fences)
    for found in pattern.finditer(editing.text):
        inside = any(start <= found.start() and found.end() <= end for start, end in fenced)
        yield found.start(), found.end(), "\t" if inside else " "
