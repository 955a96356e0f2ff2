"""Search: one concept under any name, in both languages, ranked, filtered, from a cached index."""

from __future__ import annotations

import dataclasses
import json
import statistics
import time
from pathlib import Path

import hypothesis
import pytest
from typer.testing import CliRunner

from tumorboard.cli.app import app_for
from tumorboard.errors import NotFound, WrongUsage
from tumorboard.evidence import Findings
from tumorboard.evidence.search import Concept, EvidenceIndex, Found, NameReader
from tumorboard.guidelines.knowledge import Knowledge

# Not the text of a source: a passage written for these tests.
NOTE = "奥希替尼进展后的处理见下。met our criteria twice. 伏美替尼240 mg用于20外显子插入。"


@pytest.fixture(scope="module")
def names(knowledge: Knowledge) -> NameReader:
    return NameReader(knowledge.vocabulary, knowledge.folder)


@pytest.fixture(scope="module")
def index(knowledge: Knowledge, names: NameReader) -> EvidenceIndex:
    return EvidenceIndex.open(knowledge.findings, names, knowledge.sha256, {}, None)


def ids(found: Found) -> list[str]:
    return [hit.id for hit in found.hits]


@pytest.mark.parametrize(
    "question", ["DS-8201", "T-DXd", "ds8201a", "德曲妥珠单抗", "Enhertu", "fam-trastuzumab deruxtecan"]
)
def test_any_name_of_a_drug_finds_the_same(index: EvidenceIndex, question: str) -> None:
    found = index.search(question)
    assert found.understood == (Concept("drug", "trastuzumab deruxtecan"),)
    whole = {hit.id for hit in found.hits if not hit.missing}
    assert {"U-destiny-lung02", "S002-084", "U-tdxd-nmpa"} <= whole


@pytest.mark.parametrize(
    "question", ["EGFR exon 20 insertion", "EGFR 20外显子插入", "egfr ex20ins", "HER1外显子20插入"]
)
def test_any_name_of_an_alteration_finds_the_same(index: EvidenceIndex, question: str) -> None:
    found = index.search(question, limit=40)
    assert found.understood == (Concept("alteration", "EGFR exon 20 insertion"),)
    assert {"S002-073", "U-papillon", "U-wukong1b"} <= {hit.id for hit in found.hits if not hit.missing}


def test_a_class_finds_its_drugs(index: EvidenceIndex) -> None:
    assert "U-trident1-orr-naive" in ids(index.search("ROS1抑制剂 TRIDENT-1", limit=40))


def test_the_question_of_the_manual(index: EvidenceIndex) -> None:
    found = index.search("HER2 20外显子 阿法替尼")
    assert [(concept.kind, concept.id) for concept in found.understood] == [
        ("gene", "ERBB2"), ("drug", "afatinib"), ("exon", "20"),
    ]  # fmt: skip
    assert found.hits[0].id == "S001-058" and found.hits[0].missing == ("20外显子",)


def test_answers_with_every_part_stand_first(index: EvidenceIndex) -> None:
    lacking = [len(hit.missing) for hit in index.search("奥希替尼 MET扩增 赛沃替尼 SACHI").hits]
    assert lacking[0] == 0 and lacking == sorted(lacking) and lacking[-1] > 0


def test_two_chinese_characters_and_the_beginning_of_a_word_are_enough(index: EvidenceIndex) -> None:
    assert index.search("撤市").hits[0].id == "U-mobocertinib-withdrawn"
    assert "U-destiny-lung02" in ids(index.search("destin"))


def test_endpoint_and_source_filter(index: EvidenceIndex, knowledge: Knowledge) -> None:
    found = index.search("HER2", endpoint="orr", source="001_02d38deb9ccaefcb")
    assert found.hits
    assert all(knowledge.findings.get(id_).endpoint == "ORR" for id_ in ids(found))
    assert {knowledge.findings.get(id_).source for id_ in ids(found)} == {"001_02d38deb9ccaefcb"}


def test_least_level_leaves_out_what_states_none_and_counts_it(index: EvidenceIndex, knowledge: Knowledge) -> None:
    found = index.search("HER2", min_level="III", limit=200)
    assert {knowledge.findings.get(id_).level for id_ in ids(found)} <= {"I", "II", "III", "I-II"}
    silent = [id_ for id_ in ids(index.search("HER2", limit=1000)) if knowledge.findings.get(id_).level is None]
    assert found.without_level == len(silent) > 0


def test_a_range_of_levels_counts_with_its_weaker_end(index: EvidenceIndex, knowledge: Knowledge) -> None:
    (ranged, *_) = [finding for finding in knowledge.findings if finding.level == "III-V"]
    assert ranged.id in ids(index.search(ranged.id.lower(), min_level="V"))
    assert ranged.id not in ids(index.search(ranged.id.lower(), min_level="IV"))


def test_what_cannot_be_asked_is_said(index: EvidenceIndex) -> None:
    for question in ("", " -- ", "的", '" * ( )'):
        with pytest.raises(WrongUsage, match="nothing to look for"):
            index.search(question)
    with pytest.raises(WrongUsage, match="at most 40"):
        index.search("词 " * 41)
    with pytest.raises(WrongUsage, match="one of I, II, III, IV, V"):
        index.search("HER2", min_level="VI")
    with pytest.raises(NotFound, match=r"such as .*ORR"):
        index.search("HER2", endpoint="RESPONSE")


def test_the_language_of_sqlite_is_no_language_of_questions(index: EvidenceIndex) -> None:
    assert ids(index.search('CHRYSALIS" OR tags:*')) == ids(index.search("CHRYSALIS OR tags"))


@hypothesis.settings(max_examples=60)
@hypothesis.given(hypothesis.strategies.text(max_size=60))
def test_any_text_is_a_question_or_is_refused_in_words(index: EvidenceIndex, question: str) -> None:
    try:
        found = index.search(question)
    except WrongUsage:
        return
    assert len(found.hits) <= 20


def test_a_long_question_is_still_answered(index: EvidenceIndex) -> None:
    drugs = "奥希替尼 阿法替尼 吉非替尼 克唑替尼"
    question = f"肝癌 TACE NSCLC ORR PFS OS 化疗 HER2 EGFR MET ALK ROS1 {drugs} SCLC 缓解 生存 进展"
    assert len(index.search(question).hits) == 20


@pytest.mark.parametrize("written", ["exon 20", "Exon20", "ex20", "20外显子", "外显子20", "第20号外显子", "20th exon"])
def test_an_exon_in_any_form(names: NameReader, written: str) -> None:
    assert names.concepts(f"报告：{written}。") == {Concept("exon", "20")}


def test_a_word_in_small_letters_is_no_gene_in_a_text(names: NameReader) -> None:
    assert names.concepts("all criteria were met") == set()
    assert names.concepts("MET扩增") >= {Concept("alteration", "MET amplification"), Concept("gene", "MET")}
    assert [mention.concept.id for mention in names.mentions("met", asked=True)] == ["MET"]


def test_a_name_inside_a_word_is_none(names: NameReader) -> None:
    assert names.concepts("RETROSPECTIVE metabolic ALKALINE") == set()


def test_added_texts_are_searched(knowledge: Knowledge, names: NameReader) -> None:
    source = "003_d202193ef83a00d8"
    index = EvidenceIndex.open(knowledge.findings, names, knowledge.sha256, {source: NOTE}, None)
    (hit,) = [hit for hit in index.search("furmonertinib 20外显子", limit=100).hits if hit.kind == "passage"]
    assert (hit.source, hit.missing) == (source, ())
    assert "伏美替尼" in NOTE[hit.start : hit.end]


def test_the_index_is_kept_until_the_knowledge_changes(knowledge: Knowledge, names: NameReader, tmp_path: Path) -> None:
    few = Findings(knowledge.findings.sources, {"U-chrysalis": knowledge.findings.get("U-chrysalis")})
    none = Findings(knowledge.findings.sources, {})
    assert ids(EvidenceIndex.open(few, names, "one", {}, tmp_path).search("CHRYSALIS")) == ["U-chrysalis"]
    assert ids(EvidenceIndex.open(none, names, "one", {}, tmp_path).search("CHRYSALIS")) == ["U-chrysalis"], "cached"
    assert ids(EvidenceIndex.open(none, names, "two", {}, tmp_path).search("CHRYSALIS")) == []
    assert len(list(tmp_path.iterdir())) == 2


def test_a_broken_or_unwritable_cache_changes_nothing(knowledge: Knowledge, names: NameReader, tmp_path: Path) -> None:
    few = Findings(knowledge.findings.sources, {"U-chrysalis": knowledge.findings.get("U-chrysalis")})
    EvidenceIndex.open(few, names, "one", {}, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"no database at all")
    assert ids(EvidenceIndex.open(few, names, "one", {}, tmp_path).search("CHRYSALIS")) == ["U-chrysalis"]
    assert ids(EvidenceIndex.open(few, names, "one", {}, file / "below").search("CHRYSALIS")) == ["U-chrysalis"]


class Remembering(NameReader):
    """Reads each text once: the copies below need not be read 13 times."""

    def concepts(self, text: str) -> set[Concept]:
        known: dict[str, set[Concept]] = self.__dict__.setdefault("known", {})
        if text not in known:
            known[text] = super().concepts(text)
        return known[text]


def test_ten_thousand_findings_answer_at_once(knowledge: Knowledge) -> None:
    names = Remembering(knowledge.vocabulary, knowledge.folder)
    copies = 10_000 // len(knowledge.findings) + 1
    many = {
        f"{finding.id}.{copy}": dataclasses.replace(finding, id=f"{finding.id}.{copy}")
        for copy in range(copies)
        for finding in knowledge.findings
    }
    assert len(many) >= 10_000
    index = EvidenceIndex.open(Findings(knowledge.findings.sources, many), names, "many", {}, None)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        index.search("HER2 20外显子 阿法替尼", endpoint="ORR", min_level="III")
        times.append(time.perf_counter() - start)
    # The aim is 30 ms; the bound is wider, for a machine that does other things meanwhile.
    assert statistics.median(times) < 0.06


def test_the_command_gives_findings_with_their_quotes(tmp_path: Path) -> None:
    home = {"XDG_CACHE_HOME": str(tmp_path), "TUMORBOARD_HOME": str(tmp_path)}
    command = ["evidence", "search", "DS-8201 HER2", "--endpoint", "ORR", "--format", "jsonl", "--limit", "3"]
    result = CliRunner().invoke(app_for("evidence"), command, env=home)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    (seed,) = [answer for answer in answers if answer["finding"]["id"] == "S002-084"]
    assert (seed["missing"], seed["finding"]["quote"]) == ([], "ORR 为 54.9%")
    assert [file.suffix for file in (tmp_path / "tumorboard").glob("search-*")] == [".sqlite"]
