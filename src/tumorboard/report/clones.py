"""Simulated clones as JSON, as lines of text and as a plot: what such a process does, never a prediction."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.clones import Course, Rates
from tumorboard.mechanism.network import Network
from tumorboard.mechanism.words import VERDICT
from tumorboard.report.svg import element, text
from tumorboard.text import Language, Text

_WORDS = {
    "head": Text(
        "{tumours} simulated tumours; a picture of the process, not a prediction for anyone",
        "模拟{tumours}例肿瘤；仅展示该过程，不用于预测任何患者",
    ),
    "median": Text("Progression: median {median} months", "进展时间：中位{median}个月"),
    "never": Text("not reached", "未达到"),
    "interval": Text(
        "80 % of simulated tumours progress between {low} and {high} months", "80%的模拟肿瘤在{low}至{high}个月间进展"
    ),
    "progressed": Text("{share} progressed within {years} years", "{years}年内进展者占{share}"),
    "winners": Text("Largest clone at progression", "进展时最大的克隆"),
    "winner": Text(
        "{clone}: {share} ({verdict}; arose under treatment in {acquired})",
        "{clone}：{share}（{verdict}；其中治疗中出现者{acquired}）",
    ),
    "skipped": Text("Left out, as the network can't judge it: {names}", "因网络无法判断而未纳入：{names}"),
    "rates": Text(
        "Rates: division {birth} and death {death} a day, {death_drug} under the drug; mutation {mutation} a base and"
        " division; {cells} cells at the start. {reference}",
        "参数：分裂{birth}/日，死亡{death}/日，用药时{death_drug}/日；每碱基每次分裂突变率{mutation}；起始细胞数{cells}。{reference}",
    ),
    "knowledge": Text("Knowledge {version} of {date}.", "知识库{version}（{date}）。"),
    "title": Text("Tumour volume and progression over time", "肿瘤体积与进展随时间的变化"),
    "volume": Text("volume, relative to the start", "相对起始的体积"),
    "free": Text("share without progression", "未进展比例"),
    "months": Text("months of treatment", "治疗月数"),
    "band": Text("line: median; band: middle 80 %", "线：中位数；带：中间80%"),
}


def clones_record(course: Course, rates: Rates, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "schema": "tumorboard.clones/1",
        "notice": _WORDS["head"].format(tumours=len(course.progression)).en,
        "tumours": len(course.progression),
        "median_months": course.quantile(0.5),
        "interval_80": [course.quantile(0.1), course.quantile(0.9)],
        "progressed": course.progressed,
        "winners": [
            {"clone": name, "share": course.winners[name], "verdict": verdict, "acquired": course.acquired[name]}
            for name, verdict in zip(course.kinds, course.verdicts, strict=True)
        ],
        "left_out": [{"clone": name, "verdict": verdict} for name, verdict in course.skipped],
        "rates": {
            "birth": rates.birth, "death": rates.death, "death_under_drug": rates.death_under_drug,
            "mutation": rates.mutation, "cells": rates.cells, "reference": rates.reference,
        },
        "knowledge": {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256},
    }  # fmt: skip


def clones_lines(
    course: Course, rates: Rates, network: Network, knowledge: Knowledge, language: Language
) -> Iterator[str]:
    def word(name: str, **parts: object) -> str:
        return _WORDS[name].format(**parts)[language]

    def months(value: float | None) -> str:
        return word("never") if value is None else f"{value:.1f}"

    yield word("head", tumours=len(course.progression))
    yield word("median", median=months(course.quantile(0.5)))
    yield "  " + word("interval", low=months(course.quantile(0.1)), high=months(course.quantile(0.9)))
    yield "  " + word("progressed", share=f"{course.progressed:.0%}", years=rates.days // 365)
    yield word("winners")
    order = sorted(zip(course.kinds, course.verdicts, strict=True), key=lambda kind: -course.winners[kind[0]])
    for name, verdict in order:
        yield "  " + word(
            "winner",
            clone=network.alteration_name(name),
            share=f"{course.winners[name]:.0%}",
            verdict=VERDICT[verdict],
            acquired=f"{course.acquired[name]:.0%}",
        )
    if course.skipped:
        comma = "、" if language == "zh" else ", "
        yield word("skipped", names=comma.join(network.alteration_name(name)[language] for name, _ in course.skipped))
    yield word(
        "rates", birth=rates.birth, death=rates.death, death_drug=rates.death_under_drug,
        mutation=f"{rates.mutation:g}", cells=f"{rates.cells:g}", reference=rates.reference,
    )  # fmt: skip
    yield word("knowledge", version=knowledge.version, date=knowledge.date)


_WIDE, _HIGH, _LEFT, _TOP = 640.0, 190.0, 70.0, 34.0
STYLE = """
.cl-ink{fill:var(--ink,#16202b)}.cl-soft{fill:var(--soft,#4c5966)}.cl-axis{stroke:var(--line,#c6cfd8);stroke-width:1}
.cl-line{fill:none;stroke:var(--accent,#1d5480);stroke-width:2.5}.cl-band{fill:var(--keep,#a9c6dc);opacity:.6}
"""
_FONT = "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',system-ui,sans-serif"


def clones_svg(course: Course, language: Language) -> str:
    """Two panels: the volume (median and middle 80 %, logarithmic) and the share without progression."""

    def word(name: str) -> str:
        return _WORDS[name][language]

    last = course.quantile(0.9) or float(course.months[-1])
    shown = course.months <= last * 1.15
    months, volume = course.months[shown], course.volume[shown]
    floor = max(float(volume[:, 1].min()), 1e-6)
    logs = np.log10(np.maximum(volume, floor))
    top, bottom = float(np.ceil(max(logs.max(), 0.0))), float(np.floor(np.log10(floor)))

    def across(value: float) -> float:
        return _LEFT + value / float(months[-1]) * _WIDE

    def down(value: float, panel: int) -> float:
        base = _TOP + panel * (_HIGH + 66)
        share = (top - value) / (top - bottom) if panel == 0 else 1 - value
        return base + share * _HIGH

    def path(values: Any, panel: int) -> str:
        return "M " + " L ".join(
            f"{across(float(x)):.1f} {down(float(y), panel):.1f}" for x, y in zip(months, values, strict=True)
        )

    free = [float(np.mean(~(course.progression <= month))) for month in months]
    upper, lower = path(logs[:, 2], 0), path(logs[::-1, 1], 0)
    lower = "L " + " L ".join(
        f"{across(float(x)):.1f} {down(float(y), 0):.1f}" for x, y in zip(months[::-1], logs[::-1, 1], strict=True)
    )
    parts = [
        element("path", d=f"{upper} {lower} Z", class_="cl-band"),
        element("path", d=path(logs[:, 0], 0), class_="cl-line"),
    ]
    parts.append(element("path", d=path(free, 1), class_="cl-line"))
    for panel, heading in enumerate(("volume", "free")):
        base = _TOP + panel * (_HIGH + 66)
        parts.append(text(word(heading), _LEFT, base - 12, class_="cl-ink", font_size=13, font_weight=600))
        ticks = range(int(bottom), int(top) + 1) if panel == 0 else (0, 0.25, 0.5, 0.75, 1)
        for tick in ticks:
            y = down(float(tick), panel)
            label = f"{10.0**tick:g}" if panel == 0 else f"{tick:.0%}"
            parts.append(element("line", x1=_LEFT, x2=_LEFT + _WIDE, y1=y, y2=y, class_="cl-axis"))
            parts.append(text(label, _LEFT - 8, y + 4, text_anchor="end", class_="cl-soft", font_size=11))
        step = next(step for step in (3, 6, 12, 24, 60) if months[-1] / step <= 10)
        for month in range(0, int(months[-1]) + 1, step):
            parts.append(
                text(str(month), across(month), base + _HIGH + 16, text_anchor="middle", class_="cl-soft", font_size=11)
            )
        parts.append(
            text(word("months"), _LEFT + _WIDE, base + _HIGH + 32, text_anchor="end", class_="cl-soft", font_size=11)
        )
    parts.append(text(word("band"), _LEFT + _WIDE, _TOP - 12, text_anchor="end", class_="cl-soft", font_size=11))
    notice = _WORDS["head"].format(tumours=len(course.progression))[language]
    bottom_edge = _TOP + 2 * (_HIGH + 66)
    parts.append(text(notice, _LEFT, bottom_edge, class_="cl-soft", font_size=11))
    content = (
        element("title", escape(word("title")))
        + element("desc", escape(notice))
        + f"<style>{STYLE}</style>"
        + "".join(parts)
    )
    return element(
        "svg", content, xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_LEFT + _WIDE + 20:.0f} {bottom_edge + 12:.0f}",
        role="img", class_="timeline", font_family=_FONT,
    )  # fmt: skip
