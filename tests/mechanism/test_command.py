"""``tumorboard mechanism`` and ``tumorboard clones`` as other programs call them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import Ran


def test_the_fixed_json_form(tumorboard: Callable[..., Ran]) -> None:
    ran = tumorboard("mechanism", "EGFR ex19del; MET amplification", "--drug", "gefitinib", "--format", "json")
    assert ran.code == 0
    found = ran.json
    assert found["verdict"] == "resistant"
    assert {node: found["outputs"][node] for node in ("ERK", "AKT", "STAT3")} == {
        "ERK": "active", "AKT": "active", "STAT3": "basal",
    }  # fmt: skip
    assert ["MET", "ERBB3", "PI3K", "AKT"] in found["routes"]
    assert {"targets", "drugs", "support"} <= set(found["rescue"][0])
    assert all(one["support"] == "mechanism only" or isinstance(one["support"], list) for one in found["rescue"])
    assert found["because"]
    assert found["knowledge"]["version"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("EGFR ex19dle", "--drug", "gefitinib"), 4, "EGFR exon 19 deletion"),
        (("EGFR ex19del", "--drug", "gefitinb"), 4, "gefitinib"),
        (("EGFR C797S/cis; EGFR C797S/trans", "--drug", "gefitinib"), 4, "cis and in trans"),
        (("EGFR ex19del", "--drug", "gefitinib", "--ligand", "HGFF"), 4, "HGF"),
        (("EGFR ex19del", "--drug", "gefitinib", "--knockdown", "ERBB9"), 4, "ERBB"),
        (("EGFR ex19del",), 2, "--drug"),
    ],
)
def test_wrong_input_ends_with_its_code(
    tumorboard: Callable[..., Ran], words: tuple[str, ...], code: int, told: str
) -> None:
    ran = tumorboard("mechanism", *words)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err


@pytest.mark.parametrize("name", ["WZ4002", "PHA-665752", "E7050", "MET inhibitor", "奥希替尼"])
def test_laboratory_compounds_mechanisms_and_chinese_names_are_read(tumorboard: Callable[..., Ran], name: str) -> None:
    assert tumorboard("mechanism", "EGFR ex19del; AXL high", "--drug", name, "--format", "json").code == 0


@pytest.mark.parametrize("state", ["AXL high", "NF1 loss", "BIM deletion", "small-cell transformation"])
def test_states_are_alterations(tumorboard: Callable[..., Ran], state: str) -> None:
    ran = tumorboard("mechanism", f"EGFR ex19del; {state}", "--drug", "gefitinib", "--format", "json")
    assert ran.code == 0
    assert ran.json["verdict"] != "sensitive"


def test_a_case_file_gives_its_alterations_and_current_drugs(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text(
        "schema: tumorboard.case/1\nid: made-up\nage: 60\nas_of: 2026-03-01\nconditions: [{disease: NSCLC}]\n"
        "biomarkers:\n"
        "  - {name: EGFR, change: exon 19 deletion, result: present, assay: NGS, date: 2024-02-20}\n"
        "  - {name: EGFR, change: T790M, result: present, assay: NGS, date: 2024-03-20}\n"
        "  - {name: MET, change: amplification, result: present, assay: FISH, date: 2025-11-02}\n"
        "treatments:\n"
        "  - {line: 1, agents: [osimertinib], start: 2024-03-01, end: 2025-10-20, progressed: 2025-10-20}\n",
        encoding="utf-8",
    )
    found = tumorboard("mechanism", case, "--format", "json").json
    # T790M was seen before the last progression and so no longer counts as a marker of resistance.
    assert found["genotype"] == ["EGFR exon 19 deletion", "MET amplification"]
    assert found["drugs"] == ["osimertinib"]
    assert found["verdict"] == "resistant"
    other = tumorboard("mechanism", case, "--drug", "osimertinib", "--drug", "savolitinib", "--format", "json").json
    assert other["verdict"] == "sensitive"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("genotype", ["EGFR ex19del; MET amplification", "EGFR ex19del; T790M; C797S", "STK11 loss"])
def test_the_picture_is_well_formed_and_tells_states_by_words(
    tumorboard: Callable[..., Ran], tmp_path: Path, genotype: str, language: str
) -> None:
    picture = tmp_path / "routes.svg"
    tumorboard("mechanism", genotype, "--drug", "gefitinib", "--picture", picture, "--lang", language)
    root = ElementTree.fromstring(picture.read_text(encoding="utf-8"))
    words = {element.text for element in root.iter() if element.tag.endswith("text")}
    if "MET" in genotype:
        assert {"bypass", "blocked", "active"} <= words or {"旁路", "已阻断", "激活"} <= words
    assert next(element for element in root.iter() if element.tag.endswith("title")).text
    if "C797S" in genotype:  # of two worlds one is drawn, and says which
        assert any(word and ("cis" in word or "顺式" in word) for word in words)


def test_outside_the_network_nothing_is_drawn_or_exported(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    asked = ("mechanism", "EGFR ex19del; small-cell transformation", "--drug", "osimertinib")
    tumorboard(*asked, "--picture", tmp_path / "routes.svg")
    assert "Outside the network" in (tmp_path / "routes.svg").read_text(encoding="utf-8")
    assert tumorboard(*asked, "--export", tmp_path / "net.bnet").code == 4
    assert tumorboard(*asked, "--format", "json").json["tiers"] == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_holds_the_answer_and_loads_nothing(
    tumorboard: Callable[..., Ran], tmp_path: Path, language: str
) -> None:
    page = tmp_path / "page.html"
    tumorboard(
        "mechanism", "EGFR ex19del; MET amplification", "--drug", "gefitinib",
        "--format", "html", "--lang", language, "-o", page,
    )  # fmt: skip
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert "default-src 'none'" in text
    assert ("mechanism only" if language == "en" else "仅有机制支持") in text


def test_clones_as_json_and_plot(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    plot = tmp_path / "clones.svg"
    ran = tumorboard("clones", "EGFR ex19del", "--drug", "gefitinib", "-n", "300", "--plot", plot, "--format", "json")
    assert ran.code == 0
    found = ran.json
    assert "not a prediction" in found["notice"]
    low, high = found["interval_80"]
    assert low < found["median_months"] < high
    ElementTree.fromstring(plot.read_text(encoding="utf-8"))


def test_a_holiday_that_can_not_be_read_is_wrong_usage(tumorboard: Callable[..., Ran]) -> None:
    assert tumorboard("clones", "EGFR ex19del", "--drug", "gefitinib", "--holiday", "28").code == 2


@pytest.mark.parametrize(("name", "start"), [("net.bnet", "targets, factors"), ("net.sbml", "<?xml")])
def test_the_network_is_exported_by_the_ending_of_the_file(
    tumorboard: Callable[..., Ran], tmp_path: Path, name: str, start: str
) -> None:
    file = tmp_path / name
    assert tumorboard("mechanism", "EGFR ex19del", "--drug", "gefitinib", "--export", file).code == 0
    assert file.read_text(encoding="utf-8").startswith(start)


def test_an_ending_no_form_has_is_wrong_usage(tumorboard: Callable[..., Ran], tmp_path: Path) -> None:
    ran = tumorboard("mechanism", "EGFR ex19del", "--drug", "gefitinib", "--export", tmp_path / "net.txt")
    assert (ran.code, "end the name with .bnet or .sbml" in ran.err) == (2, True)
