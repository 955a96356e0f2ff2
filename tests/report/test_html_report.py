"""The page: self-contained, escaped, readable by everyone."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from report_samples import BAD, EGFR, EMPTY, HCC, HOSTILE, NEG, SCLC, advice_of, every_case, knowledge

from tumorboard.errors import InvalidInput
from tumorboard.report.build import report_view
from tumorboard.report.html import advice_html, html_page
from tumorboard.report.names import Names, Printed
from tumorboard.text import LANGUAGES, Language

CASES = every_case()
_KEYS = {"status", "strength", "key", "verdict", "language", "letter"}  # closed words of ours, never of a person
_VOID = {"meta", "br"}


def page_of(data: dict[str, Any], language: Language = "en") -> str:
    return advice_html(*advice_of(data), knowledge(), language)


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    assert parser.open == []
    return parser


def poisoned(value: Any, name: str = "") -> Any:
    """The same view with every text a person or a file could have written replaced by hostile text."""
    if isinstance(value, Printed):
        return Printed(BAD, value.language)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(
            value, **{f.name: poisoned(getattr(value, f.name), f.name) for f in dataclasses.fields(value)}
        )
    if isinstance(value, tuple):
        return tuple(poisoned(item, name) for item in value)
    return BAD if isinstance(value, str) and name not in _KEYS else value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", [EGFR, NEG, SCLC, HCC], ids=["egfr", "neg", "sclc", "hcc"])
def test_hostile_text_in_any_field_is_shown_and_nothing_else(data: dict[str, Any], language: Language) -> None:
    report = poisoned(report_view(*advice_of(data), knowledge(), language))
    names = Names(knowledge().vocabulary, language)
    page = html_page(report, Markup("<svg></svg>"), ((BAD, BAD),), names)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not [attrs for tag, attrs in outline(page).tags if tag == "script" or any(k.startswith("on") for k in attrs)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_case_file_is_escaped_timeline_included(language: Language) -> None:
    page = page_of(HOSTILE, language)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 5
    outline(page)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_the_page_is_self_contained_and_well_formed(data: dict[str, Any], language: Language) -> None:
    page = page_of(data, language)
    parsed = outline(page)
    for tag, attrs in parsed.tags:
        assert tag not in ("script", "link", "img", "iframe", "object")
        assert (attrs.get("href") or "#").startswith("#")
        assert "src" not in attrs
    assert "@import" not in page and "url(" not in page
    assert ("html", {"lang": "zh-CN" if language == "zh" else "en"}) in parsed.tags


@pytest.mark.parametrize("data", CASES.values(), ids=CASES.keys())
def test_headings_skip_no_level_ids_are_unique_links_lead_somewhere_and_tables_have_heads(data: dict[str, Any]) -> None:
    parsed = outline(page_of(data))
    assert parsed.headings[0] == 1 and parsed.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(parsed.headings, parsed.headings[1:], strict=False))
    ids = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for tag, a in parsed.tags if tag == "a" and "href" in a} <= set(ids)
    assert all("scope" in attrs for tag, attrs in parsed.tags if tag == "th")


def test_each_option_shows_its_reason_its_quote_and_its_evidence() -> None:
    page = page_of(EGFR)
    assert '<q lang="zh-CN">培美曲塞/顺铂（Ⅰ）</q>' in page
    assert "table 4, characters 10076 to 10086" in page
    assert "95 % CI 1.07 to 1.94" in page
    assert "Later evidence · 2026-01" in page


def test_strength_is_said_in_words_beside_its_shape() -> None:
    page = page_of(SCLC)
    for word in ("strong", "moderate", "weak"):
        assert re.search(rf'aria-hidden="true">[●○]{{3}}</span> {word}', page)


def test_an_empty_case_says_that_there_is_no_timeline() -> None:
    page = page_of(EMPTY)
    assert "there is no timeline" in page and "tl-board" not in page


def test_a_quote_opens_in_its_context_only_where_the_user_has_the_source(tmp_path: Path) -> None:
    advice, case = advice_of(EGFR)
    assert "In context" not in advice_html(advice, case, knowledge(), "en", tmp_path)
    (tmp_path / "002_5cbf5f071b6601f8.txt").write_text("another text", encoding="utf-8")
    with pytest.raises(InvalidInput, match="was changed"):
        advice_html(advice, case, knowledge(), "en", tmp_path)


def test_the_page_ends_with_version_date_and_notice() -> None:
    foot = page_of(EGFR).rpartition("<footer>")[2]
    assert knowledge().version in foot and knowledge().date in foot and "does not replace them" in foot


# -- contrast (WCAG 2.2, success criteria 1.4.3 and 1.4.11) ------------------------------------------------------------

STYLE = resources.files("tumorboard.report").joinpath("templates/style.css").read_text(encoding="utf-8")


def palettes() -> dict[str, dict[str, str]]:
    roots = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    assert len(roots) == 3, "light, dark and paper"
    return {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root))
        for name, root in zip(("light", "dark", "paper"), roots, strict=True)
    }


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[place : place + 2]) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["light", "dark", "paper"])
def test_text_stands_out_from_its_ground(name: str) -> None:
    colours = palettes()[name]
    pairs = [(text, ground) for text in ("ink", "soft", "accent", "warn", "alarm") for ground in ("page", "panel")]
    pairs += [("ink", "warn-panel"), ("warn", "warn-panel"), ("soft", "warn-panel"), ("good", "page")]
    pairs += [("ink", "later-panel"), ("later", "later-panel"), ("soft", "later-panel")]
    for text, ground in pairs:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for shape in ("bar", "alarm", "ink"):
        assert contrast(colours[shape], colours["page"]) >= 3, shape
