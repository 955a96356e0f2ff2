"""The passes that make a text layer: each knows one way in which the same words come to be printed differently."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

from tumorboard.reading.document import Span
from tumorboard.reading.editing import Editing

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHINESE = HAN + "\u3001-\u301f，。"  # characters beside which a space says nothing

# -- characters that mean the same -------------------------------------------------------------------------------------

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffc-\uffff]+")
_BLANKS = "\x0b\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"


def _folded(first: int, last: int) -> dict[int, str]:
    """Characters with the compatibility form Unicode gives them, as far as that is another."""
    pairs = ((code, unicodedata.normalize("NFKC", chr(code))) for code in range(first, last + 1))
    return {code: form for code, form in pairs if form != chr(code) and form.strip()}


# The comma of Chinese sentences stays itself: "3，5" and "3,5" are two different things.
_WIDTH = {code: form for code, form in _folded(0xFF01, 0xFF5E).items() if form not in ",~-"}
_COMPATIBLE = {
    **_folded(0x2160, 0x217F), **_folded(0x2E80, 0x2FDF), **_folded(0xF900, 0xFAFF), **_folded(0xFB00, 0xFB06),
    **_folded(0x3380, 0x33DF), ord("µ"): "μ", ord("﹑"): "、", ord("．"): ".",
}  # fmt: skip
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－⁃﹘"), "-")
_TILDES = dict.fromkeys(map(ord, "～∼〜˜∽"), "~")
_SIGNS = {
    **dict.fromkeys(map(ord, "≧⩾⋝"), "≥"), **dict.fromkeys(map(ord, "≦⩽⋜"), "≤"), ord("﹤"): "<", ord("﹥"): ">",
    **dict.fromkeys(map(ord, "∶︰﹕"), ":"), ord("﹪"): "%", ord("﹢"): "+", ord("﹦"): "=",
    ord("⁄"): "/", ord("∕"): "/",
}  # fmt: skip


def _blank_codes() -> Iterator[int]:
    return (code for code in range(0x3001) if _OTHER_BLANKS.fullmatch(chr(code)))


def _any_of(table: Mapping[int, str]) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(map(chr, table)))}]+")


_TRANSLATIONS = tuple(
    (kind, _any_of(table), table)
    for kind, table in (
        ("full width", _WIDTH), ("compatible character", _COMPATIBLE), ("dash", _DASHES), ("tilde", _TILDES),
        ("sign", _SIGNS),
    )
)  # fmt: skip
_DECIMAL_DOT = re.compile(r"(?<=\d)[·•∙⋅](?=\d)")
_COMMA = re.compile(f"(?<=[{HAN}])[ ]?,(?!\n)|,(?=[ ]?[{HAN}])")
_OTHER_BLANKS = re.compile(f"[{_BLANKS}]+")
_RETURNS = re.compile("\r\n?|[\x0c\x85\u2028\u2029]")


def unify_characters(editing: Editing) -> None:
    """One character where a reader sees one: half width, one dash, one tilde, one blank; nothing invisible."""
    editing.substitute("line end", _RETURNS, "\n")
    editing.substitute("invisible character", _INVISIBLE, "")
    for kind, pattern, table in _TRANSLATIONS:
        editing.translate(kind, pattern, table)
    editing.substitute("decimal point", _DECIMAL_DOT, ".")
    editing.translate("space", _OTHER_BLANKS, dict.fromkeys(_blank_codes(), " "))
    editing.substitute("full width", _COMMA, "，")


def simplify(editing: Editing) -> None:
    """Traditional characters simplified, by the dictionaries of OpenCC: phrases first, then single characters."""
    phrases, characters, traditional = _opencc()
    if characters.keys().isdisjoint(map(ord, set(editing.text))):
        return
    editing.replace(
        "simplified",
        (
            (found.start(), found.end(), phrases.get(found[0]) or found[0].translate(characters))
            for found in traditional.finditer(editing.text)
        ),
    )


@cache
def _opencc() -> tuple[Mapping[str, str], Mapping[int, str], re.Pattern[str]]:
    """Phrases, single characters, and what finds either; OpenCC gives each as many characters as it had."""
    folder = resources.files("opencc") / "dictionary"

    def pairs(name: str) -> Iterator[tuple[str, str]]:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            old, _, new = line.partition("\t")
            yield old, new.split(" ")[0]

    phrases = dict(pairs("TSPhrases.txt"))
    characters = {ord(old): new for old, new in pairs("TSCharacters.txt") if old != new}
    opening = "".join(dict.fromkeys(phrase[0] for phrase in phrases))
    longest_first = "|".join(sorted(phrases, key=len, reverse=True))
    single = "".join(map(chr, characters))
    return phrases, characters, re.compile(f"(?=[{opening}])(?:{longest_first})|[{single}]")


# -- citation marks ----------------------------------------------------------------------------------------------------

_NUMBERS = r"\d(?: ?\d){0,2}(?: ?[-,~、，] ?\d(?: ?\d){0,2})*"
_CITATION = re.compile(rf"(?<!\n)(?<!^) ?\[ ?({_NUMBERS}) ?\]")
_MEASURED = re.compile(r"(?:CI|IQR|[Rr]ange|HR|OR|RR|区间|范围|间距|[=:])[ :：(为,，]*$")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_SUPERSCRIPT = re.compile(rf"(?<=[{_CHINESE}.,;)a-z])[¹²³⁴-⁹⁰⁻–,]*[¹²³⁴-⁹⁰](?![\w])")
_UNIT_BEFORE = re.compile(r"(?:(?<![A-Za-z])(?:[cmkd]?m|L|10|R|χ|I|s)|\d)$")


def take_citations(editing: Editing, raised: Sequence[Span]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Citation marks in brackets or raised, taken out: each (start, end) in the source and the references it names."""
    spots = [*_bracketed(editing.text), *_superscript(editing.text), *_set_raised(editing, raised)]
    spots.sort()
    kept: list[tuple[int, int, str]] = []
    for spot in spots:
        if not kept or spot[0] >= kept[-1][1]:
            kept.append(spot)
    taken = [(editing.starts[start], editing.ends[end - 1], _numbers(names)) for start, end, names in kept]
    editing.replace("citation", ((start, end, "") for start, end, _ in kept))
    return taken


def _bracketed(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _CITATION.finditer(text):
        if not _MEASURED.search(text[max(0, found.start() - 8) : found.start()]):
            yield found.start(), found.end(), found[1]


def _superscript(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _SUPERSCRIPT.finditer(text):
        if not _UNIT_BEFORE.search(text[max(0, found.start() - 3) : found.start()]):
            yield found.start(), found.end(), found[0].translate(_RAISED)


def _set_raised(editing: Editing, raised: Sequence[Span]) -> Iterator[tuple[int, int, str]]:
    for start, end in editing.here(raised):
        printed = editing.text[start:end].strip()
        before = editing.text[max(0, start - 3) : start]
        if re.fullmatch(rf"\[?{_NUMBERS}\]?,?", printed) and not _UNIT_BEFORE.search(before):
            yield start, end, printed.strip("[],")


def _numbers(printed: str) -> tuple[int, ...]:
    """``3-5,8`` as 3, 4, 5, 8. A range that runs backwards or is implausibly long gives its two ends."""
    found: list[int] = []
    for part in re.split("[,、，]", printed.replace(" ", "")):
        ends = [int(digits) for digits in re.findall(r"\d+", part)]
        if len(ends) == 2 and 0 <= ends[1] - ends[0] <= 30:
            found += range(ends[0], ends[1] + 1)
        else:
            found += ends
    return tuple(dict.fromkeys(found))


# -- spaces ------------------------------------------------------------------------------------------------------------

_NO_SPACE = re.compile(
    rf" (?:(?<=[{_CHINESE}] )|(?=[{_CHINESE}])"  # beside Chinese
    r"|(?<=[=<>≤≥~±×(\[\n\t] )|(?=[=<>≤≥~±×%)\],;:\n\t])"  # beside signs, inside brackets, at the ends of a line
    r"|(?<=[\d%] )(?=- ?\d)|(?:(?<=[\d%]- )|(?<=[\d%] - ))(?=\d)"  # inside a range
    r"|(?<=\d )(?=/ ?\d)|(?:(?<=\d/ )|(?<=\d / ))(?=\d)"  # inside a fraction
    r"|(?<=\b0\. )(?=\d)|(?<=\d\. )(?=\d+ ?(?:%|个))|(?<=\d )(?=\.\d)"  # inside decimals
    r"|(?<=% )(?=CI\b)"
    r"|(?<=[A-Za-z0-9] )(?=-[A-Za-z0-9])|(?<=[A-Za-z0-9]- )(?=[A-Za-z0-9]))"  # at one side of a hyphen
)
_SPLIT_NUMBER = re.compile(rf"(?<![A-Za-z\d.] )(?<![A-Za-z\d.])\d(?: \d){{2,}}(?= ?[{HAN}%])")
_RUN = re.compile(r"(?<![A-Za-z0-9-])[A-Za-z0-9]{1,8}(?: [A-Za-z0-9]{1,8})+")


def close_spaces(editing: Editing) -> None:
    """Spaces that say nothing: beside Chinese, inside a number, a range, a fraction or brackets, around a sign."""
    editing.replace(
        "split number",
        ((found.start(), found.end(), found[0].replace(" ", "")) for found in _SPLIT_NUMBER.finditer(editing.text)),
    )
    editing.substitute("space", _NO_SPACE, "")


def join_split_names(editing: Editing, known: Collection[str]) -> None:
    """``H ER 2`` as ``HER2`` where that is ``known`` and its pieces are no names themselves."""
    if not known:
        return
    spots: list[tuple[int, int, str]] = []
    for run in _RUN.finditer(editing.text):
        pieces = list(re.finditer(r"\S+", run[0]))
        first = 0
        while first < len(pieces):
            last = _longest(pieces, first, known)
            spots += (
                (run.start() + left.end(), run.start() + right.start(), "")
                for left, right in zip(pieces[first:last], pieces[first + 1 : last + 1], strict=True)
            )
            first = last + 1
    editing.replace("split name", spots)


def _longest(pieces: list[re.Match[str]], first: int, known: Collection[str]) -> int:
    """The last piece of the longest known name that begins with ``first``; ``first`` itself where there is none."""
    for last in range(min(len(pieces) - 1, first + 6), first, -1):
        part = [piece[0] for piece in pieces[first : last + 1]]
        if "".join(part) in known and not all(piece in known for piece in part):
            return last
    return first


def known_names(names: Iterable[str]) -> frozenset[str]:
    """The names :func:`join_split_names` may put together: Latin letters and digits, at least two capitals."""
    joined = (name.replace(" ", "") for name in names)
    return frozenset(name for name in joined if re.fullmatch(r"(?=(?:.*[A-Z]){2})[A-Za-z0-9]{3,16}", name))
