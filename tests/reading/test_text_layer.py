"""The text layer: what reads the same becomes the same, and every character knows its place in the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.reading.layer import Layer, normalise

KNOWN = ("HER2", "ORR", "NSCLC", "FISH")
PIECES = st.sampled_from(
    [
        "ORR为", "H ER 2", "５２.６％", "(95%CI 1.2～3.4)", "［12－14］", "[3,5]", "\n", "\n\n",
        " ", "\u3000", "。", "，", "P＜0.0\n5", "中位 PFS", "藥物治療", "一目瞭然",
        "intro-\nduction", "pro-\ngression-free", "ﬁrst", "Ⅲ期", "5% -\n22%", "0.\n46", "¹²",
        "m²", "\r\n", "\t", "1. 结果", "表1", "x", "•", "\u200b", "é", "HR=0·46", "12 / 38", "A,B",
        "，,", "\ud7ff", "𫝈",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join)


def replayed(source: str, layer: Layer) -> str:
    """The source with the logged edits made one after another, each on the characters it names."""
    characters = list(source)
    for edit in layer.edits:
        size = edit.end - edit.start
        characters[edit.start : edit.end] = list(edit.new) if len(edit.new) == size else [edit.new] + [""] * (size - 1)
    return "".join(characters)


@given(TEXTS)
def test_the_map_only_ever_grows_and_stays_inside_the_source(source: str) -> None:
    layer = normalise(source, KNOWN)
    assert len(layer.offsets) == len(layer.ends) == len(layer.text)
    assert list(layer.offsets) == sorted(layer.offsets)
    assert list(layer.ends) == sorted(layer.ends)
    assert all(0 <= start < end <= len(source) for start, end in zip(layer.offsets, layer.ends, strict=True))


@given(TEXTS)
def test_a_character_no_edit_names_stands_for_itself(source: str) -> None:
    layer = normalise(source, KNOWN)
    edited = {place for edit in layer.edits for place in range(edit.start, edit.end)}
    for position, character in enumerate(layer.text):
        start, end = layer.source_span(position, position + 1)
        assert edited.intersection(range(start, end)) or source[start:end] == character
    assert len(set(range(len(source))) - edited) <= len(layer.text)


@given(TEXTS)
def test_the_logged_edits_alone_make_the_layer_from_the_source(source: str) -> None:
    layer = normalise(source, KNOWN)
    assert replayed(source, layer) == layer.text


@given(TEXTS)
def test_what_is_normalised_once_is_not_taken_apart_again(source: str) -> None:
    first = normalise(source, KNOWN).text
    assert [
        edit for edit in normalise(first, KNOWN).edits if edit.kind in ("full width", "dash", "tilde", "sign")
    ] == []


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("ORR 为 ５２．６％", "ORR为52.6%"),
        ("5%-22%", "5%-22%"),
        ("5% － 22%", "5%-22%"),
        ("5%\n-22%", "5%-22%"),
        ("4.1～8.2 个月", "4.1~8.2个月"),
        ("H ER 2 阳性", "HER2阳性"),
        ("OR R为13%", "ORR为13%"),
        ("N S C L C患者", "NSCLC患者"),
        ("P ＜ 0. 05", "P<0.05"),
        ("HR=0·46", "HR=0.46"),
        ("客觀緩解率", "客观缓解率"),
        ("显著", "显著"),
        ("Ⅲ期", "III期"),
        ("治\n疗", "治疗"),
        ("the overall\nresponse", "the overall response"),
        ("intro-\nduction", "introduction"),
        ("progression-\nfree survival", "progression-free survival"),
        ("EGFR-\nTKI", "EGFR-TKI"),
        ("占85%［3-4］。", "占85%。"),
        ("抑制剂[6 6, 8 2]表明", "抑制剂表明"),
        ("95% CI [2, 8]", "95%CI [2, 8]"),
        ("75 mg/m²", "75 mg/m²"),
        ("由此可见¹²。", "由此可见。"),
        ("结束。\n下一句", "结束。\n下一句"),
        ("3，5", "3，5"),
        ("疗效,安全性", "疗效，安全性"),
        ("1.5 vs.\n2.5", "1.5 vs. 2.5"),
        ("2 0 0 4年", "2004年"),
    ],
)
def test_the_same_words_become_the_same_text(printed: str, read: str) -> None:
    assert normalise(printed, KNOWN).text == read


def test_a_citation_mark_is_kept_with_its_place_and_its_range_written_out() -> None:
    source = "缓解率为52.6%［3-5,8］，高于对照[12]。"
    layer = normalise(source)
    assert layer.text == "缓解率为52.6%，高于对照。"
    assert [(layer.text[: mark.at], source[mark.start : mark.end], mark.numbers) for mark in layer.marks] == [
        ("缓解率为52.6%", "［3-5,8］", (3, 4, 5, 8)),
        ("缓解率为52.6%，高于对照", "[12]", (12,)),
    ]


def test_a_span_of_the_layer_names_exactly_the_characters_of_the_source() -> None:
    source = "其 OR R 为 ５２.６％［3］，\n中位 PFS"
    layer = normalise(source, KNOWN)
    for words, printed in (("ORR", "OR R"), ("52.6%", "５２.６％"), ("，中位PFS", "，\n中位 PFS")):
        at = layer.text.index(words)
        start, end = layer.source_span(at, at + len(words))
        assert source[start:end] == printed


def test_an_empty_span_has_no_place() -> None:
    with pytest.raises(IndexError, match="no characters 1 to 1"):
        normalise("ORR").source_span(1, 1)


def test_a_fence_keeps_the_rows_and_cells_of_a_table() -> None:
    source = "如下\nORR\t52.6%\nPFS\t5.2 个月\n可见疗效"
    layer = normalise(source, fences=((3, 23),))
    assert layer.text == "如下\nORR\t52.6%\nPFS\t5.2个月\n可见疗效"
    assert layer.text[slice(*layer.fences[0])] == "ORR\t52.6%\nPFS\t5.2个月"


def test_what_is_set_raised_is_a_citation_and_not_a_power() -> None:
    source = "疗效显著12，剂量为10mg/m2"
    layer = normalise(source, raised=((4, 6), (17, 18)))
    assert layer.text == "疗效显著，剂量为10mg/m2"
    assert layer.marks[0].numbers == (12,)


def test_markup_is_taken_out_and_the_words_keep_their_place() -> None:
    source = "<p>ORR <b>52.6%</b></p>"
    layer = normalise(source, markup=((0, 3, ""), (7, 10, ""), (15, 23, "\n")))
    assert layer.text.strip() == "ORR 52.6%"
    assert source[slice(*layer.source_span(4, 9))] == "52.6%"
