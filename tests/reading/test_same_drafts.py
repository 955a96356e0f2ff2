"""The same words printed differently give the same drafts, each at its own place in what was printed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from printed import CHINESE, Paper

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft, draft_record
from tumorboard.reading.layer import normalise
from tumorboard.reading.loading import Limits, load
from tumorboard.reading.pdf import load_pdf
from tumorboard.reading.plain import load_text
from tumorboard.reading.read import ReadingKnowledge, read

PASSAGES = (
    "一项虚构的Ⅲ期研究纳入晚期NSCLC患者，奥希替尼组的客观缓解率（ORR）为52.6%，中位PFS为18.9个月，吉非替尼组分别为31.4%和10.2个月"
    "（HR=0.46，95%CI 0.37～0.57，P<0.001）。",
    "另一项虚构研究中，安罗替尼单药治疗的中位OS为9.6个月，疾病控制率（DCR）为81.0%。",
    "绝大多数专家（92%）推荐，难治性SCLC二线治疗可选择化疗方案（证据水平：Ⅱ级）。",
)
TEXT = "\n".join(PASSAGES) + "\n"
SAID = (
    "endpoint", "value", "unit", "intervention", "comparator", "comparator_value", "effect", "ci", "p", "strategy",
    "strength", "level", "agreement",
)  # fmt: skip


@pytest.fixture(scope="module")
def reading(knowledge: Knowledge) -> ReadingKnowledge:
    return ReadingKnowledge.load(knowledge.folder, knowledge.vocabulary)


def drafts(document: Document, reading: ReadingKnowledge) -> tuple[Draft, ...]:
    found = read(document, reading).drafts
    for draft in found:
        assert draft.quote == document.text[draft.start : draft.end]
    return found


def said(found: Iterable[Draft]) -> list[dict[str, Any]]:
    """What the drafts say; the words of a strategy as they read, not as they are printed."""
    records = [draft_record(draft) for draft in found]
    for record in records:
        record["strategy"] = normalise(record["strategy"]).text if record["strategy"] else None
    return [{name: record[name] for name in SAID} for record in records]


def as_text(text: str) -> Document:
    return load_text(Path("paper.txt"), text.encode())


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and (c.isalnum() or c in "%()<=.") else c for c in text)


def traditional(text: str) -> str:
    from opencc import OpenCC

    converted: str = OpenCC("s2t").convert(text)
    return converted


def broken(text: str, seed: int) -> str:
    """Lines that end wherever a column does: beside a Chinese character, after its full stop too."""
    chance = random.Random(seed)
    places = [
        i for i in range(1, len(text)) if all("\u4e00" <= c <= "\u9fff" or c in "，。" for c in text[i - 1 : i + 1])
    ]
    chosen = set(chance.sample(places, len(places) // 6))
    return "".join(("\n" if i in chosen and text[i] not in "，。" else "") + c for i, c in enumerate(text))


def spaced(text: str, seed: int) -> str:
    """A space where text recognition puts one: beside Chinese, around signs, between a number and its percent sign."""
    chance = random.Random(seed)
    out = []
    for before, after in zip(text, text[1:] + "\n", strict=True):
        out.append(before)
        chinese = "\u4e00" <= before <= "\u9fff" or "\u4e00" <= after <= "\u9fff"
        signs = before in "=<（(～" or after in "=<％%）)～"
        if (chinese or signs) and "\n" not in (before, after) and chance.random() < 0.3:
            out.append(" ")
    return "".join(out)


VARIANTS: dict[str, Callable[[str], str]] = {
    "full width": full_width,
    "traditional": traditional,
    **{f"broken lines {seed}": lambda text, seed=seed: broken(text, seed) for seed in range(4)},  # type: ignore[misc]
    **{f"spaces {seed}": lambda text, seed=seed: spaced(text, seed) for seed in range(4)},  # type: ignore[misc]
    "names split by spaces": lambda text: text.replace("NSCLC", "N S C LC").replace("ORR", "OR R"),
    "other dashes and tildes": lambda text: text.replace("～", "〜").replace("P<", "P＜"),
    "every line followed by a blank one": lambda text: broken(text, 9).replace("\n", "\n\n"),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "citations": lambda text: text.replace("PFS为", "PFS［3-5］为").replace("研究中，", "研究[12]中，"),
}


def test_the_passages_give_drafts_at_all(reading: ReadingKnowledge) -> None:
    found = said(drafts(as_text(TEXT), reading))
    assert {("ORR", 52.6), ("PFS", 18.9), ("OS", 9.6), ("DCR", 81.0)} <= {
        (one["endpoint"], one["value"]) for one in found
    }
    assert 92 in {one["agreement"] for one in found}


@pytest.mark.parametrize("name", VARIANTS)
def test_text_printed_differently_gives_the_same_drafts(name: str, reading: ReadingKnowledge) -> None:
    assert said(drafts(as_text(VARIANTS[name](TEXT)), reading)) == said(drafts(as_text(TEXT), reading))


@pytest.mark.parametrize("columns", [1, 2])
def test_a_pdf_gives_the_drafts_of_its_text(columns: int, reading: ReadingKnowledge) -> None:
    paper = Paper(columns=columns, header="虚构杂志")
    paper.prose(*PASSAGES * 6)
    document = load_pdf(Path("paper.pdf"), paper.bytes(), pages=9)
    found = drafts(document, reading)
    assert said(found) == said(drafts(as_text(TEXT * 6), reading))
    for draft in found:
        assert len(list(document.boxes(draft.start, draft.end))) >= len(draft.quote.replace("\n", "")) - 2


def test_html_gives_the_drafts_of_its_text(reading: ReadingKnowledge, tmp_path: Path) -> None:
    path = tmp_path / "paper.html"
    marked = TEXT.replace("<", "&lt;").replace("52.6%", "<b>52.6</b>%").replace("\n", "</p>\n<p>")
    path.write_text(f"<html><body><p>{marked}</p></body></html>", encoding="utf-8")
    found, plain = (said(drafts(document, reading)) for document in (load(path, Limits()), as_text(TEXT)))
    assert found == plain


def test_a_scan_gives_mostly_the_drafts_of_its_text(reading: ReadingKnowledge, tmp_path: Path) -> None:
    import pypdfium2

    from tumorboard.reading.ocr import Recogniser

    paper = Paper(font=CHINESE, size=13)
    paper.prose(*PASSAGES)
    path = tmp_path / "scan.png"
    pypdfium2.PdfDocument(paper.bytes())[0].render(scale=2.5).to_pil().save(path)
    document = load(path, Limits(), Recogniser)
    found = {(one["endpoint"], str(one["value"])) for one in said(drafts(document, reading))}
    wanted = {(one["endpoint"], str(one["value"])) for one in said(drafts(as_text(TEXT), reading))}
    assert len(found & wanted) >= 0.8 * len(wanted)
