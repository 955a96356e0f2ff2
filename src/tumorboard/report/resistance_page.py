"""An answer about resistance as one self-contained page."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.answer import Answer
from tumorboard.mechanism.rescue import Rescue
from tumorboard.mechanism.tiers import Tiered
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.report.html import environment
from tumorboard.report.pathway import pathway_svg
from tumorboard.report.resistance import resistance_lines
from tumorboard.text import Language, Text

Blocks = list[tuple[str, list[tuple[str, list[str]]]]]

_TITLE = Text("Resistance: which route stays open", "耐药：哪条途径仍开放")


def resistance_html(
    answer: Answer,
    mechanism: Mechanism,
    rescues: Sequence[Rescue] | None,
    tiers: Sequence[Tiered],
    knowledge: Knowledge,
    language: Language,
) -> str:
    """The whole page: the picture, then the same text as the terminal's, its headings as headings."""
    blocks = resistance_blocks(answer, mechanism, rescues, tiers, knowledge, language)
    return (
        environment(language)
        .get_template("resistance.html")
        .render(
            title=_TITLE[language],
            picture=Markup(pathway_svg(answer, mechanism, language)),  # escaped element by element
            blocks=blocks,
            lang="zh-CN" if language == "zh" else "en",
        )
    )


def resistance_blocks(
    answer: Answer,
    mechanism: Mechanism,
    rescues: Sequence[Rescue] | None,
    tiers: Sequence[Tiered],
    knowledge: Knowledge,
    language: Language,
) -> Blocks:
    """The terminal's lines by heading: each heading with its items, each item with what stands below it."""
    blocks: Blocks = []
    for line in resistance_lines(answer, mechanism, rescues, tiers, knowledge, language):
        if line.startswith("    "):
            blocks[-1][1][-1][1].append(line.strip())
        elif line.startswith("  "):
            blocks[-1][1].append((line.strip(), []))
        else:
            blocks.append((line, []))
    return blocks
