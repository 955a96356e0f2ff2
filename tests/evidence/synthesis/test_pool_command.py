"""``tumorboard evidence pool``."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tumorboard.cli.synthesis import pool
from tumorboard.errors import InvalidInput, NotFound

app = typer.Typer()
app.command()(pool)
TWO = ["U-mariposa-2", "U-harmoni-a"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_text_shows_studies_pooled_value_heterogeneity_and_assumptions() -> None:
    shown = run(*TWO)
    assert "MARIPOSA-2\t0.48 (0.36–0.64)" in shown
    assert "HR 0.47" in shown
    assert "Heterogeneity: τ² 0.0000" in shown
    assert "- No finding states the line of therapy" in shown


def test_json_is_one_document() -> None:
    record = json.loads(run(*TWO, "--format", "json"))
    assert record["findings"] == TWO
    assert record["k"] == 2
    assert record["interval"][0] < record["value"] < record["interval"][1]


@pytest.mark.parametrize("plot", ["forest", "funnel"])
def test_svg_is_written_to_a_file(plot: str, tmp_path: Path) -> None:
    run(*TWO, "--format", "svg", "--plot", plot, "--lang", "zh", "--out", str(tmp_path / "plot.svg"))
    root = ElementTree.fromstring((tmp_path / "plot.svg").read_text(encoding="utf-8"))
    assert root.get("lang") == "zh-CN"


def test_refusal_gives_every_reason_and_exit_4() -> None:
    with pytest.raises(InvalidInput) as caught:
        run("U-mariposa-2", "U-dellphi-304-os", "--lang", "zh")
    assert caught.value.exit_code == 4
    assert [problem.what.split("：")[0] for problem in caught.value.problems] == [
        "疾病不同", "治疗线数不同", "生物标志物不同", "终点不同", "对照不同",
    ]  # fmt: skip


def test_an_unknown_finding_is_not_found() -> None:
    with pytest.raises(NotFound, match="no finding 'U-mariposa-9'"):
        run("U-mariposa-2", "U-mariposa-9")
