"""Pages set by a browser: justified columns, narrow cells, cells set in the middle of their row, superscripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import CHROMIUM

from tumorboard.reading.layer import layer_of, normalise
from tumorboard.reading.pdf import load_pdf

PARAGRAPH = (
    "一项虚构的随机对照研究<sup>[3-5]</sup>纳入 EGFR 突变的晚期 NSCLC 患者，甲药组的中位 PFS 为 18.9 个月，"
    "对照组为 10.2 个月（HR=0.46，95%CI 0.37～0.57，P＜0.001）。安全性良好<sup>7</sup>。"
)
PAGE = f"""<!DOCTYPE html><meta charset="utf-8"><style>
body {{ font: 10pt/1.5 "Noto Serif CJK SC", serif; text-align: justify }}
.columns {{ columns: 2; column-gap: 8mm }} sup {{ font-size: 60% }}
table {{ border-collapse: collapse; width: 100%; font-size: 8.5pt; border-block: 1pt solid }}
th {{ border-bottom: .6pt solid }} td, th {{ padding: 2pt; text-align: left }}
</style>
<h1>虚构研究的综述</h1>
<div class="columns">{"".join(f"<p>第{number}段：{PARAGRAPH}</p>" for number in range(12))}</div>
<table><tr><th>方案</th><th>例数</th><th>ORR（%）</th><th>中位PFS（月）</th><th>P值</th></tr>
<tr><td>甲药联合<br>乙药</td><td>120</td><td>52.6</td><td>9.2（7.1～11.3）</td><td rowspan="2">0.03</td></tr>
<tr><td>丙药</td><td>118</td><td>31.4</td><td>5.4（4.2～6.6）</td></tr></table>
"""


@pytest.mark.browser
def test_what_a_browser_sets_is_read_as_it_was_written() -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_content(PAGE)
        raw = tab.pdf(format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "18mm"))
        browser.close()
    document = load_pdf(Path("page.pdf"), raw, pages=9)
    layer = layer_of(document)
    words = normalise(PARAGRAPH.replace("<sup>[3-5]</sup>", "").replace("<sup>7</sup>", "")).text
    places = [layer.text.index(f"第{number}段:{words}") for number in range(12)]
    assert places == sorted(places)
    assert [mark.numbers for mark in layer.marks] == [(3, 4, 5), (7,)] * 12
    (table,) = document.tables
    cells = {(cell.row, cell.column): document.text[cell.start : cell.end] for cell in table.cells}
    rows = [[cells.get((row, column), "") for column in range(5)] for row in range(3)]
    assert rows[0] == ["方案", "例数", "ORR（%）", "中位PFS（月）", "P值"]
    assert rows[1][:4] == ["甲药联合 乙药", "120", "52.6", "9.2（7.1～11.3）"]
    assert rows[2][:4] == ["丙药", "118", "31.4", "5.4（4.2～6.6）"]
    assert "0.03" in (rows[1][4], rows[2][4])
