"""Every report of every example, in both languages: nothing untranslated, nothing in the wrong language unmarked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import StringIO

import pytest
from report_samples import advice_of, every_case, knowledge
from rich.console import Console

from tumorboard.case.model import CaseFile
from tumorboard.report.html import advice_html
from tumorboard.report.markdown import advice_markdown
from tumorboard.report.names import has_chinese
from tumorboard.report.terminal import print_advice
from tumorboard.text import Language

_VOID = {"meta", "br", "link", "img", "hr", "wbr"}
# Places in the case file (labs[1].value), ids of findings and web addresses are the same in every language.
_PLACE = re.compile(rf"\b({'|'.join(CaseFile.model_fields)})(\[\d+\])?(\.\w+)?")
_SAME_EVERYWHERE = re.compile(r"U-[\w-]+|\b[\w.-]+\.(com|org|in|financial|net)\b|\bdoi\b|10\.\d{4}/\S+")


class Visible(HTMLParser):
    """The text a reader sees, without quotes, code, styles, the window's title and what is marked as foreign."""

    def __init__(self, language: Language) -> None:
        super().__init__()
        self.own = "zh-CN" if language == "zh" else "en"
        self.stack: list[bool] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        lang = dict(attrs).get("lang")
        foreign = lang is not None and lang != self.own
        self.stack.append(foreign or tag in ("style", "code", "q", "title") or (bool(self.stack) and self.stack[-1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not (self.stack and self.stack[-1]):
            self.text.append(data)


def visible(page: str, language: Language) -> str:
    parser = Visible(language)
    parser.feed(page)
    return "\n".join(parser.text)


def names_without_chinese() -> set[str]:
    """Words of names that are written in Latin letters in Chinese texts too (drugs without a Chinese name)."""
    vocabulary = knowledge().vocabulary
    words: set[str] = set()
    for drug in vocabulary.drugs:
        if not has_chinese(drug.zh):
            words |= set(re.findall(r"[a-z]+", drug.zh))
    return words


def english_words(text: str) -> list[str]:
    bare = _SAME_EVERYWHERE.sub("", _PLACE.sub("", text))
    known = names_without_chinese() | quoted_names()
    return [word for word in re.findall(r"(?<![\w-])[a-z]{3,}(?![\w-])", bare) if word not in known]


def quoted_names() -> set[str]:
    """Latin words inside the Chinese texts of the knowledge itself: names of trials and drugs it keeps as they are."""
    texts = [f.claim.zh for f in knowledge().findings if f.claim]
    texts += [remark.text.zh for f in knowledge().findings for remark in f.remarks]
    texts += [source.title.zh for source in knowledge().findings.sources.values()]
    for guideline in knowledge().guidelines.values():
        for situation, option in guideline.options():
            texts += [remark.text.zh for remark in (*situation.remarks, *option.remarks) if remark.text]
    return {word for text in texts for word in re.findall(r"[a-z]{3,}", text)}


def terminal(data: dict[str, object], language: Language) -> str:
    advice, case = advice_of(data)
    out = StringIO()
    print_advice(advice, case, knowledge(), language, Console(file=out, width=100))
    return out.getvalue()


CASES = every_case()


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_the_chinese_page_has_no_english_words_of_its_own(data: dict[str, object]) -> None:
    page = advice_html(*advice_of(data), knowledge(), "zh")
    written = str(data["id"]), *(str(c.get("stage", "")) for c in data.get("conditions", ()))  # type: ignore[attr-defined]
    shown = visible(page, "zh")
    for own in written:
        shown = shown.replace(own, "") if own else shown
    assert english_words(shown) == []


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_the_english_page_has_no_chinese_but_what_is_marked(data: dict[str, object]) -> None:
    shown = visible(advice_html(*advice_of(data), knowledge(), "en"), "en")
    assert [line for line in shown.splitlines() if has_chinese(line)] == []


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_markdown_marks_chinese_in_english_text(data: dict[str, object]) -> None:
    text = advice_markdown(*advice_of(data), knowledge(), "en")
    bare = re.sub(r'<(span|q) lang="zh-CN">.*?</\1>', "", text)
    assert [line for line in bare.splitlines() if has_chinese(line)] == []


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_the_terminal_speaks_chinese(data: dict[str, object]) -> None:
    shown = terminal(data, "zh")
    head = shown.partition("\n")[0]
    assert head.startswith("多学科讨论建议")
    words = english_words(shown.replace(str(data["id"]), ""))
    # Messages about the file, names of labels and the record's own words are written in English everywhere.
    allowed = {"extensive", "label", "key", "this", "form", "and", "was", "not", "read", "name", "any"}
    allowed |= {"rule", "asks", "for", "smoking"}
    cautions = [caution for group in knowledge().cautions.values() for caution in group]
    allowed |= {word for caution in cautions for word in (caution.source or "").split()}
    assert set(words) - allowed == set()
