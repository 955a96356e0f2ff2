"""A made-up document with drafts of its results, as a reader would give them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from tumorboard.evidence.findings import Effect, Interval, Population, PValue
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.plain import load_text

TEXT = """虚构药物治疗非小细胞肺癌的研究（虚构）

甲药组纳入38例患者，客观缓解率为52.6%，乙药组为31.4%（P=0.04）。
中位无进展生存期为9.2个月，对照组为5.4个月（HR=0.46，95%CI 0.32～0.66，P<0.001）[3]。
绝大多数专家（92%）推荐，二线治疗可选择甲药（证据水平：Ⅱ）。
"""


def document(text: str = TEXT, name: str = "made-up.txt") -> Document:
    return load_text(Path(name), text.encode())


def draft_at(document: Document, quote: str, **fields: object) -> Draft:
    start = document.text.index(quote)
    base = Draft(document.name, start, start + len(quote), quote, "sample")
    return replace(base, **fields)  # type: ignore[arg-type]


def drafts(document: Document) -> tuple[Draft, ...]:
    """A rate with its comparator, a median with its ratio, a recommendation."""
    return (
        draft_at(
            document,
            "客观缓解率为52.6%，乙药组为31.4%（P=0.04）",
            endpoint="ORR",
            endpoint_as_printed="客观缓解率",
            statistic="proportion",
            value=Decimal("52.6"),
            value_qualifier="eq",
            unit="%",
            printed="52.6%",
            denominator=38,
            intervention="甲药",
            comparator="乙药",
            comparator_value=Decimal("31.4"),
            comparator_printed="31.4%",
            p=PValue("=", Decimal("0.04")),
            n=38,
            population=Population(disease="NSCLC", line="2"),
        ),
        draft_at(
            document,
            "中位无进展生存期为9.2个月，对照组为5.4个月（HR=0.46，95%CI 0.32～0.66，P<0.001）",
            endpoint="PFS",
            statistic="median",
            value=Decimal("9.2"),
            unit="months",
            printed="9.2",
            comparator_value=Decimal("5.4"),
            effect=Effect("HR", Decimal("0.46")),
            ci=Interval(Decimal(95), Decimal("0.32"), Decimal("0.66")),
            p=PValue("<", Decimal("0.001")),
            citations=(3,),
            status="ambiguous",
            other=("5.4 months",),
        ),
        draft_at(
            document,
            "绝大多数专家（92%）推荐，二线治疗可选择甲药（证据水平：Ⅱ）",
            kind="consensus_vote",
            strategy="二线治疗可选择甲药",
            strength="strong",
            agreement=Decimal(92),
            level="II",
        ),
    )
