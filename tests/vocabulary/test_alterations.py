"""Genes and alterations: every spelling of an alteration is one alteration, and nothing unknown passes."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tumorboard
from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidInput, InvalidKnowledge, UnknownName
from tumorboard.vocabulary import hgvs
from tumorboard.vocabulary.alterations import Alteration, Alterations

FOLDER = Path(tumorboard.__file__).parent / "knowledge" / "vocabulary"
GENES: Any = parse_yaml((FOLDER / "genes.yaml").read_text(encoding="utf-8"), "genes.yaml")
ALTERATIONS: Any = parse_yaml((FOLDER / "alterations.yaml").read_text(encoding="utf-8"), "alterations.yaml")
SHIPPED = Alterations.from_data(GENES, ALTERATIONS, "vocabulary")

SPELLINGS = [
    ("EGFR L858R", "EGFR p.L858R"),
    ("EGFR p.Leu858Arg", "EGFR p.L858R"),
    ("EGFR c.2573T>G", "EGFR p.L858R"),
    ("EGFR c.2573T>G (p.Leu858Arg)", "EGFR p.L858R"),
    ("EGFR NP_005219.2:p.Leu858Arg", "EGFR p.L858R"),
    ("EGFR exon 21 L858R", "EGFR p.L858R"),
    ("EGFR 21外显子L858R点突变", "EGFR p.L858R"),
    ("EGFR 21L858R", "EGFR p.L858R"),
    ("EGFRL858R", "EGFR p.L858R"),
    ("EGFR  L 858R突变", "EGFR p.L858R"),
    ("L858R", "EGFR p.L858R"),
    ("表皮生长因子受体L858R突变", "EGFR p.L858R"),
    ("ＥＧＦＲ　Ｌ８５８Ｒ", "EGFR p.L858R"),
    ("19del", "EGFR exon 19 deletion"),
    ("EGFR ex19del", "EGFR exon 19 deletion"),
    ("EGFR del19", "EGFR exon 19 deletion"),
    ("EGFR Del 19", "EGFR exon 19 deletion"),
    ("EGFR E19del", "EGFR exon 19 deletion"),
    ("EGFR exon 19 deletions", "EGFR exon 19 deletion"),
    ("EGFR exon-19 del", "EGFR exon 19 deletion"),
    ("EGFR deletion in exon 19", "EGFR exon 19 deletion"),
    ("EGFR 19外显子缺失", "EGFR exon 19 deletion"),
    ("EGFR 19号外显子缺失突变", "EGFR exon 19 deletion"),
    ("EGFR 第19号外显子缺失", "EGFR exon 19 deletion"),
    ("EGFR外显子19缺失", "EGFR exon 19 deletion"),
    ("EGFR基因19外显子缺失突变阳性", "EGFR exon 19 deletion"),
    ("EGFR E746_A750delELREA", "EGFR p.E746_A750del"),
    ("E746-A750del", "EGFR p.E746_A750del"),
    ("EGFR del E746-A750", "EGFR p.E746_A750del"),
    ("EGFR p.Glu746_Ala750del", "EGFR p.E746_A750del"),
    ("EGFR 19外显子E746_A750del", "EGFR p.E746_A750del"),
    ("EGFR L747-P753>S", "EGFR p.L747_P753delinsS"),
    ("EGFR ex20ins", "EGFR exon 20 insertion"),
    ("EGFR Exon20ins突变", "EGFR exon 20 insertion"),
    ("EGFR 20ins", "EGFR exon 20 insertion"),
    ("EGFR 20外显子插入", "EGFR exon 20 insertion"),
    ("EGFR 20 外显子插入突变", "EGFR exon 20 insertion"),
    ("EGFR 20号外显子插入突变", "EGFR exon 20 insertion"),
    ("EGFR D770_N771insSVD", "EGFR p.S768_D770dup"),
    ("D770_N771insSVD", "EGFR p.S768_D770dup"),
    ("EGFR V769_D770insASV", "EGFR p.A767_V769dup"),
    ("EGFR H773_V774insNPH", "EGFR p.N771_H773dup"),
    ("EGFR H773_V774insH", "EGFR p.H773dup"),
    ("EGFR A763_Y764insFQEA", "EGFR p.A763_Y764insFQEA"),
    ("EGFR T790M", "EGFR p.T790M"),
    ("T790M突变", "EGFR p.T790M"),
    ("EGFR C797S/cis", "EGFR p.C797S"),
    ("EGFR C797dupC", "EGFR p.C797dup"),
    ("EGFR G719X", "EGFR p.G719X"),
    ("EGFR G719A", "EGFR p.G719A"),
    ("EGFR敏感突变", "EGFR sensitising mutation"),
    ("EGFR-TKI敏感突变", "EGFR sensitising mutation"),
    ("EGFR 非常见突变", "EGFR uncommon sensitising mutation"),
    ("EGFR突变阳性", "EGFR mutation"),
    ("EGFR拷贝数增加", "EGFR copy-number gain"),
    ("EGFR过表达", "EGFR expression"),
    ("EGFR", "EGFR mutation"),
    ("HER2 exon 20 YVMA", "ERBB2 p.Y772_A775dup"),
    ("HER2 A775_G776insYVMA", "ERBB2 p.Y772_A775dup"),
    ("ErbB2 p.Tyr772_Ala775dup", "ERBB2 p.Y772_A775dup"),
    ("HER2 E770_A771insAYVM", "ERBB2 p.Y772_A775dup"),
    ("HER2 G776delinsVC", "ERBB2 p.G776delinsVC"),
    ("HER2 G776>VC", "ERBB2 p.G776delinsVC"),
    ("HER2 P780_Y781insGSP", "ERBB2 p.G778_P780dup"),
    ("HER2外显子20插入", "ERBB2 exon 20 insertion"),
    ("HER2外显子20突变", "ERBB2 exon 20 insertion"),
    ("HER2 20ins", "ERBB2 exon 20 insertion"),
    ("HER220ins", "ERBB2 exon 20 insertion"),
    ("HER-2 基因突变", "ERBB2 mutation"),
    ("HER2酪氨酸激酶结构域的突变", "ERBB2 mutation"),
    ("HER2扩增", "ERBB2 amplification"),
    ("HER2高表达", "ERBB2 expression"),
    ("HER 2的过表达", "ERBB2 expression"),
    ("HER2", "ERBB2 unspecified"),
    ("人表皮生长因子受体2过表达", "ERBB2 expression"),
    ("HER2 R678Q", "ERBB2 p.R678Q"),
    ("MET扩增", "MET amplification"),
    ("c-Met amplification", "MET amplification"),
    ("MET原癌基因扩增", "MET amplification"),
    ("MET基因拷贝数增加", "MET copy-number gain"),
    ("METex14", "MET exon 14 skipping"),
    ("MET exon 14 skipping", "MET exon 14 skipping"),
    ("MET 14外显子跳跃突变", "MET exon 14 skipping"),
    ("MET14号外显子跳变", "MET exon 14 skipping"),
    ("MET D1010N", "MET p.D1010N"),
    ("MET D1246N", "MET p.D1228N"),
    ("CD74::ROS1", "ROS1 fusion"),
    ("CD74-ROS1", "ROS1 fusion"),
    ("ROS1-CD74融合", "ROS1 fusion"),
    ("EML4-ALK", "ALK fusion"),
    ("EML4-ALK融合基因阳性", "ALK fusion"),
    ("KIF5B–RET fusion", "RET fusion"),
    ("ETV6-NTRK3", "NTRK3 fusion"),
    ("ALK重排", "ALK fusion"),
    ("ALK rearrangement", "ALK fusion"),
    ("ALK", "ALK fusion"),
    ("ROS1基因突变", "ROS1 fusion"),
    ("ROS1基因重排", "ROS1 fusion"),
    ("ROS1 p.Gly2032Arg", "ROS1 p.G2032R"),
    ("NTRK融合", "NTRK fusion"),
    ("TRKA fusion", "NTRK1 fusion"),
    ("KRAS G12C", "KRAS p.G12C"),
    ("KRAS突变", "KRAS mutation"),
    ("BRAF V600E", "BRAF p.V600E"),
    ("V600E", "BRAF p.V600E"),
    ("BRAF V600", "BRAF class I mutation"),
    ("PTEN缺失", "PTEN loss"),
    ("NF1 loss", "NF1 loss"),
    ("RB1缺失", "RB1 loss"),
    ("BIM deletion", "BIM deletion polymorphism"),
    ("BIM缺失多态性", "BIM deletion polymorphism"),
    ("AXL high", "AXL expression"),
    ("HGF高表达", "HGF expression"),
    ("PD-L1", "PD-L1 expression"),
    ("PDL1表达", "PD-L1 expression"),
    ("TMB", "TMB level"),
    ("TMB-H", "TMB high"),
    ("MSI-H", "MSI high"),
    ("dMMR", "MMR deficiency"),
    ("TP53 R213*", "TP53 p.R213*"),
    ("TP53 p.Arg213Ter", "TP53 p.R213*"),
    ("ALK 1151Tins", "ALK p.T1151dup"),
]


@pytest.mark.parametrize(("text", "id_"), SPELLINGS)
def test_a_spelling_names_this_alteration(text: str, id_: str) -> None:
    assert SHIPPED.parse(text).id == id_


@pytest.mark.parametrize(
    ("gene", "change", "id_"),
    [
        ("EGFR", "p.Thr790Met", "EGFR p.T790M"),
        ("EGFR", "exon 19 deletion", "EGFR exon 19 deletion"),
        ("EGFR", "EGFR L858R", "EGFR p.L858R"),
        ("表皮生长因子受体", "20号外显子插入突变", "EGFR exon 20 insertion"),
        ("HER2", "mutation", "ERBB2 mutation"),
        ("HER2", "突变", "ERBB2 mutation"),
        ("HER2", "overexpression", "ERBB2 expression"),
        ("HER2", "过表达", "ERBB2 expression"),
        ("ErbB2", "扩增", "ERBB2 amplification"),
        ("c-Met", "amplification", "MET amplification"),
        ("MET", "14外显子跳跃", "MET exon 14 skipping"),
        ("MET", "expression", "MET expression"),
        ("ALK", "重排", "ALK fusion"),
        ("ALK", "rearrangement", "ALK fusion"),
        ("ROS1", "融合", "ROS1 fusion"),
        ("PTEN", "缺失", "PTEN loss"),
        ("PD-L1", "expression", "PD-L1 expression"),
        ("PD-L1", "表达", "PD-L1 expression"),
    ],
)
def test_a_biomarker_entry_gives_gene_and_change_apart(gene: str, change: str, id_: str) -> None:
    assert SHIPPED.read(gene, change).id == id_


class TestOneEventHasOneForm:
    @pytest.mark.parametrize(
        ("gene", "spellings"),
        [
            ("EGFR", ["E746_A750del", "E746_A750delELREA", "p.Glu746_Ala750del", "delE746-A750", "E746–A750del"]),
            ("EGFR", ["S768_D770dup", "S768_D770dupSVD", "D770_N771insSVD", "p.Asp770_Asn771insSerValAsp"]),
            ("EGFR", ["A767_V769dup", "V769_D770insASV"]),
            ("EGFR", ["N771_H773dup", "H773_V774insNPH"]),
            ("EGFR", ["H773dup", "H773_V774insH"]),
            ("EGFR", ["N771dup", "N771_P772insN"]),
            ("EGFR", ["A763_Y764insFQEA", "D761_E762insEAFQ"]),
            ("EGFR", ["D770_N771insNPG", "P772_H773insGNP"]),
            ("EGFR", ["L747_P753delinsS", "L747-P753>S", "L747_P753delLREATSPinsS", "del L747_P753insS"]),
            ("ERBB2", ["Y772_A775dup", "A775_G776insYVMA", "E770_A771insAYVM", "M774_A775insAYVM", "A771_M774dup"]),
            ("ERBB2", ["G778_P780dup", "P780_Y781insGSP"]),
            ("ERBB2", ["G776delinsVC", "G776delGinsVC", "G776>VC", "p.Gly776delinsValCys"]),
            ("ALK", ["T1151dup", "1151Tins", "T1151_L1152insT"]),
            ("MET", ["D1228N", "D1246N"]),
            ("TP53", ["R213*", "p.Arg213Ter"]),
            ("TP53", ["R209fs", "p.Arg209LysfsTer6", "R209Kfs*6"]),
        ],
    )
    def test_whatever_it_is_called(self, gene: str, spellings: list[str]) -> None:
        assert len({SHIPPED.read(gene, spelling).id for spelling in spellings}) == 1

    def test_a_replacement_that_keeps_residues_is_the_shorter_event(self) -> None:
        assert SHIPPED.read("EGFR", "E746_A750delinsEL").change == "p.R748_A750del"

    def test_the_sequences_agree_with_the_residues_that_well_known_variants_name(self) -> None:
        known = {
            "EGFR": "E709 G719 G724 K745 E746 L747 A750 P753 A763 S768 D770 T790 C797 T854 L858 L861",
            "ERBB2": "T733 K753 L755 I767 D769 Y772 A775 G776 V777 P780 T798 C805 V842 T862 L869 H878",
            "KRAS": "G12 G13 A59 Q61 K117 A146",
        }
        sequences = {gene.symbol: gene.sequence for gene in SHIPPED.genes}
        for symbol, residues in known.items():
            assert [f"{sequences[symbol][int(r[1:])]}{r[1:]}" for r in residues.split()] == residues.split()


class TestClasses:
    @pytest.mark.parametrize(
        ("class_id", "member"),
        [
            ("EGFR mutation", "EGFR sensitising mutation"),
            ("EGFR sensitising mutation", "EGFR L858R"),
            ("EGFR sensitising mutation", "EGFR exon 19 deletion"),
            ("EGFR sensitising mutation", "EGFR G719A"),
            ("EGFR uncommon sensitising mutation", "EGFR L861Q"),
            ("EGFR uncommon sensitising mutation", "EGFR S768I"),
            ("EGFR p.G719X", "EGFR p.G719S"),
            ("EGFR exon 20 insertion sensitive to classical TKIs", "EGFR A763_Y764insFQEA"),
            ("EGFR exon 20 insertion", "EGFR A763_Y764insFQEA"),
            ("EGFR T790M", "EGFR p.Thr790Met"),
            ("EGFR gatekeeper mutation", "EGFR T790M"),
            ("ERBB2 mutation", "ERBB2 exon 20 insertion"),
            ("ERBB2 exon 20 insertion", "HER2 YVMA"),
            ("ERBB2 mutation", "HER2 S310F"),
            ("ERBB2 mutation", "HER2 V659E"),
            ("ERBB2 mutation", "HER2 G660D"),
            ("MET exon 14 skipping", "MET D1010H"),
            ("MET mutation", "MET Y1230C"),
            ("NTRK fusion", "ETV6::NTRK3"),
            ("ROS1 solvent front mutation", "ROS1 G2032R"),
            ("ROS1 gatekeeper mutation", "ROS1 L2026M"),
            ("ROS1 resistance mutation", "ROS1 L2086F"),
            ("ALK solvent front mutation", "ALK G1202R"),
            ("ALK gatekeeper mutation", "ALK L1196M"),
            ("BRAF class I mutation", "BRAF V600E"),
            ("KRAS mutation", "KRAS G12C"),
            ("PIK3CA mutation", "PIK3CA H1047R"),
        ],
    )
    def test_a_class_covers_its_members_and_never_the_other_way_round(self, class_id: str, member: str) -> None:
        assert SHIPPED.covers(class_id, member)
        assert not SHIPPED.covers(member, class_id) or SHIPPED.parse(class_id).id == SHIPPED.parse(member).id

    @pytest.mark.parametrize(
        ("class_id", "other"),
        [
            ("EGFR sensitising mutation", "EGFR T790M"),
            ("EGFR sensitising mutation", "EGFR exon 20 insertion"),
            ("EGFR sensitising mutation", "EGFR A763_Y764insFQEA"),
            ("EGFR exon 20 insertion", "EGFR S768I"),
            ("ERBB2 exon 20 insertion", "HER2 L755S"),
            ("ERBB2 exon 20 insertion", "HER2 G776C"),
            ("ERBB2 mutation", "HER2 amplification"),
            ("ERBB2 mutation", "HER2 R678Q"),
            ("MET amplification", "MET copy-number gain"),
            ("MET mutation", "MET exon 14 skipping"),
            ("ROS1 fusion", "ROS1 G2032R"),
            ("ALK fusion", "ROS1 fusion"),
        ],
    )
    def test_what_a_class_does_not_cover(self, class_id: str, other: str) -> None:
        assert not SHIPPED.covers(class_id, other)

    @pytest.mark.parametrize(
        ("text", "class_id"),
        [
            ("EGFR D770_N771insY", "EGFR exon 20 insertion"),
            ("EGFR N771delinsGF", "EGFR exon 20 insertion"),
            ("EGFR V774_C775insTY", "EGFR exon 20 insertion"),
            ("EGFR L747_T751delinsQ", "EGFR exon 19 deletion"),
            ("EGFR E746_P753delinsVS", "EGFR exon 19 deletion"),
            ("EGFR G719D", "EGFR p.G719X"),
            ("HER2 G776_V777insL", "ERBB2 exon 20 insertion"),
            ("KRAS Q61E", "KRAS mutation"),
            ("TP53 Q136*", "TP53 mutation"),
        ],
    )
    def test_an_unlisted_change_falls_into_the_class_its_kind_and_place_give(self, text: str, class_id: str) -> None:
        id_ = SHIPPED.parse(text).id
        assert not SHIPPED.known(id_)
        assert SHIPPED.covers(class_id, id_)
        assert SHIPPED.parse(id_).id == id_

    @pytest.mark.parametrize(
        "text", ["EGFR R108K", "HER2 R678Q", "EGFR E746_L747delinsIP", "EGFR H805_K806insL", "EGFR L747fs", "TP53 P72R"]
    )
    def test_any_other_unlisted_change_is_a_variant_of_unknown_meaning_and_nothing_else(self, text: str) -> None:
        found = SHIPPED.parse(text)
        label = found.id.split()[0]
        assert SHIPPED.above(found.id) == {found.id, f"{label} variant of unknown meaning"}
        assert not SHIPPED.driver(found.id)

    def test_the_closed_list_of_drivers(self) -> None:
        assert set(SHIPPED.drivers) == {
            "EGFR mutation", "ALK fusion", "ROS1 fusion", "RET fusion", "NTRK fusion", "MET exon 14 skipping",
            "BRAF p.V600E", "ERBB2 mutation",
        }  # fmt: skip
        assert not any(map(SHIPPED.driver, ("KRAS p.G12C", "BRAF p.K601E", "MET amplification", "ERBB2 amplification")))
        assert SHIPPED.driver("EGFR exon 20 insertion")

    def test_resistance_markers_are_no_drivers(self) -> None:
        for marker in ("EGFR T790M", "EGFR C797S", "MET amplification"):
            assert SHIPPED.resistance_marker(marker)
            assert not SHIPPED.driver(marker)
        assert not SHIPPED.resistance_marker("EGFR L858R")

    def test_the_insertion_that_classical_inhibitors_reach_says_so(self) -> None:
        entry = SHIPPED.entry("EGFR A763_Y764insFQEA")
        assert entry is not None and entry.note is not None
        assert "classical" in entry.note.en


class TestWhatTheBareNameMeans:
    @pytest.mark.parametrize(
        ("gene", "assay", "id_"),
        [
            ("EGFR", None, "EGFR mutation"),
            ("ALK", None, "ALK fusion"),
            ("ALK", "IHC", "ALK fusion"),
            ("ROS1", "NGS", "ROS1 fusion"),
            ("ROS1", "IHC", "ROS1 expression"),  # a stain only screens
            ("HER2", None, "ERBB2 unspecified"),
            ("HER2", "FISH", "ERBB2 amplification"),
            ("HER2", "免疫组化", "ERBB2 expression"),
            ("HER2", "NGS", "ERBB2 mutation"),
            ("MET", "FISH", "MET amplification"),
            ("MET", "IHC", "MET expression"),
            ("MET", "NGS", "MET unspecified"),
            ("PD-L1", "IHC", "PD-L1 expression"),
        ],
    )
    def test_depends_on_gene_and_assay_and_is_left_open_where_unclear(
        self, gene: str, assay: str | None, id_: str
    ) -> None:
        assert SHIPPED.read(gene, None, assay=assay).id == id_

    def test_a_partner_makes_it_a_fusion(self) -> None:
        assert SHIPPED.read("RET", None, "KIF5B") == Alteration("RET", "fusion", "RET fusion", partner="KIF5B")


class TestPartnerAndPhase:
    @pytest.mark.parametrize(
        ("name", "change", "partner"),
        [
            ("ROS1", "fusion", "cd74"),
            ("ROS1", "CD74::ROS1", None),
            ("CD74::ROS1", None, None),
            ("CD74-ROS1", "fusion", None),
            ("CD74-ROS1", None, "CD74"),
        ],
    )
    def test_the_partner_stands_beside_the_fusion_however_it_is_given(
        self, name: str, change: str | None, partner: str | None
    ) -> None:
        found = SHIPPED.read(name, change, partner)
        assert (found.gene, found.id, found.partner) == ("ROS1", "ROS1 fusion", "CD74")

    def test_a_partner_not_listed_may_be_new(self) -> None:
        assert SHIPPED.read("ROS1", "fusion", "WNK1").partner == "WNK1"

    @pytest.mark.parametrize(
        ("name", "change", "partner"),
        [("EGFR", "L858R", "CD74"), ("ALK", "fusion", "ALK"), ("KRAS", None, "CD74"), ("CD74::ROS1", None, "EZR")],
    )
    def test_a_partner_that_does_not_fit_is_an_error(self, name: str, change: str | None, partner: str) -> None:
        with pytest.raises(InvalidInput, match=r"biomarkers\[2\]\.partner: .*the other gene of a fusion"):
            SHIPPED.read(name, change, partner, place="biomarkers[2]")

    @pytest.mark.parametrize("text", ["EGFR C797S/cis", "EGFR C797S (cis)", "EGFR C797S in cis", "EGFR C797S顺式"])
    def test_the_phase_is_kept_beside_the_mutation(self, text: str) -> None:
        found = SHIPPED.parse(text)
        assert (found.id, found.phase) == ("EGFR p.C797S", "cis")
        assert SHIPPED.parse(str(found)) == found

    def test_a_contradictory_phase_is_an_error(self) -> None:
        with pytest.raises(InvalidInput, match="both cis and trans"):
            SHIPPED.parse("EGFR C797S/cis/trans")
        with pytest.raises(InvalidInput, match="belong to a single mutation"):
            SHIPPED.parse("EGFR exon 19 deletion/cis")


class TestNothingUnknownPasses:
    def test_an_unknown_gene_names_the_entry_and_the_nearest_genes(self) -> None:
        with pytest.raises(UnknownName) as error:
            SHIPPED.read("EGRF", "L858R", place="biomarkers[0]")
        assert str(error.value).startswith("biomarkers[0].name: unknown gene 'EGRF'; did you mean ")
        assert "EGFR" in error.value.nearest

    def test_an_unknown_alteration_names_the_entry_and_the_nearest_of_that_gene(self) -> None:
        with pytest.raises(UnknownName) as error:
            SHIPPED.read("EGFR", "exon 19 delition", place="biomarkers[3]")
        assert str(error.value).startswith("biomarkers[3].change: unknown alteration 'EGFR exon 19 delition'")
        assert error.value.nearest[0] == "EGFR exon 19 deletion"

    @pytest.mark.parametrize(
        "text",
        [
            "EGFR exon 7 deletion", "EGFR exon 20 mutation", "EGFR 缺失", "EGFR L858", "EGFR野生型", "EGFR wild type",
            "EGFR T790M阴性", "ALK negative", "HER2阳性", "HER2 positive", "AKT2 E17K", "AKT2 amplification",
            "NTRK4 fusion", "VEGFR1 mutation", "EGFR/ALK", "ALK::ALK", "EGFR T790M/foo", "AFP", "deletion", "阳性", "",
        ],
    )  # fmt: skip
    def test_what_no_list_holds_is_an_error(self, text: str) -> None:
        with pytest.raises(UnknownName):
            SHIPPED.parse(text, "x")

    @pytest.mark.parametrize(
        ("text", "fits"),
        [
            ("ex20ins", ("EGFR exon 20 insertion", "ERBB2 exon 20 insertion")),
            ("G12C", ("KRAS p.G12C", "NRAS p.G12C")),
        ],
    )
    def test_a_change_of_several_genes_does_not_choose_one(self, text: str, fits: tuple[str, ...]) -> None:
        with pytest.raises(UnknownName) as error:
            SHIPPED.parse(text)
        assert error.value.nearest == fits

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("EGFR M858R", "residue 858 is L, not M"),
            ("ERBB2 L858R", "residue 858 is"),
            ("KRAS T790M", "has 189 residues"),
            ("EGFR exon 19 L858R", "does not lie in exon 19"),
            ("EGFR L858L", "leaves the residue as it is"),
            ("EGFR p.Leu858=", "leaves the residue as it is"),
            ("EGFR E746_A750delELRE", "is 5 long and can't be ELRE"),
            ("EGFR A750_E746del", "no stretch of a protein"),
            ("EGFR D770_P772insGY", "between two neighbouring residues"),
            ("EGFR T790X", "X stands for any residue to some"),
            ("EGFR c.2573T>G p.T790M", "base 2573 lies in codon 858"),
            ("EGFR D770_N771insSerVal", "mixes one-letter and three-letter"),
            ("EGFR E746_A750delinsELREA", "puts back what it takes out"),
        ],
    )
    def test_a_change_that_contradicts_itself_is_an_error_saying_how(self, text: str, why: str) -> None:
        with pytest.raises(InvalidInput, match=why):
            SHIPPED.parse(text, "x")

    def test_a_text_too_long_to_be_one_alteration_is_refused_at_once(self) -> None:
        with pytest.raises(InvalidInput, match="too long"):
            SHIPPED.parse("EGFR " + "基因突变" * 10_000)


class TestTheVocabularyAsAWhole:
    def test_every_id_and_every_chinese_name_reads_as_itself(self) -> None:
        for id_ in SHIPPED:
            assert SHIPPED.parse(id_).id == id_
            assert SHIPPED.parse(SHIPPED.name(id_).zh).id == id_

    def test_every_gene_is_found_by_all_its_names(self) -> None:
        for gene in SHIPPED.genes:
            assert {SHIPPED.gene(name, "x") for name in gene.spellings} == {gene.symbol}

    def test_names_are_in_both_languages(self) -> None:
        assert SHIPPED.name("EGFR 20ins").zh == "EGFR 20号外显子插入"
        assert SHIPPED.name("EGFR D770_N771insY").as_dict() == {
            "en": "EGFR p.D770_N771insY", "zh": "EGFR D770_N771insY",
        }  # fmt: skip

    def test_a_variant_that_is_merely_well_formed_is_not_known(self) -> None:
        assert SHIPPED.known("EGFR p.L858R")
        assert not SHIPPED.known("EGFR L858R")  # a spelling, not the id
        assert not SHIPPED.known("EGFR p.L585R")

    def test_it_loads_at_once(self) -> None:
        def seconds() -> float:
            start = time.perf_counter()
            Alterations.from_data(GENES, ALTERATIONS, "vocabulary")
            return time.perf_counter() - start

        assert min(seconds() for _ in range(5)) < 0.1  # some 12 ms on a quiet machine


class TestFilesThatDoNotHoldTogether:
    @staticmethod
    def _with(**entry: object) -> Alterations:
        alterations = copy.deepcopy(ALTERATIONS)
        alterations["alterations"].append({"zh": "某", **entry})
        return Alterations.from_data(GENES, alterations, "vocabulary")

    @pytest.mark.parametrize(
        ("entry", "why"),
        [
            ({"id": "EGFR x", "parents": ["EGFR y"]}, "unknown parent 'EGFR y'"),
            ({"id": "EGFR x", "parents": ["EGFR x"]}, "above itself"),
            ({"id": "EGFR x", "names": ["敏感突变"]}, "names both"),
            ({"id": "EGFR x", "nmaes": []}, "unknown field 'nmaes'"),
            ({"id": "EGRF x"}, "does not begin with its gene's label"),
            ({"id": "EGFR x", "members": ["L833F"]}, "without reference and certainty"),
            ({"id": "EGFR mutation"}, "listed twice"),
        ],
    )
    def test_are_refused_with_the_entry_named(self, entry: dict[str, object], why: str) -> None:
        with pytest.raises(InvalidKnowledge, match=why) as error:
            self._with(**entry)
        assert "vocabulary/alterations.yaml" in str(error.value)

    @pytest.mark.parametrize(
        ("member", "why"),
        [
            ("M858K", "residue 858 is L, not M"),
            ("N771_P772insN", "write p.N771dup"),
            ("Leu833Phe", "write p.L833F"),
            ("nonsense", "write a protein change"),
        ],
    )
    def test_a_member_must_be_right_and_in_normal_form(self, member: str, why: str) -> None:
        with pytest.raises(InvalidKnowledge, match=why):
            self._with(id="EGFR x", members=[member], reference="none", certainty="own knowledge, low")


# --- spellings made at random

THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu",
    "G": "Gly", "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe",
    "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val",
}  # fmt: skip
EGFR = next(gene.sequence for gene in SHIPPED.genes if gene.symbol == "EGFR")
residues = st.sampled_from(sorted(THREE))
positions = st.integers(min_value=720, max_value=860)


def _written(change: hgvs.ProteinChange, three: bool) -> str:
    """The change as a laboratory might write it, with the residues it deletes or repeats listed."""
    spell = (lambda letters: "".join(THREE[letter] for letter in letters)) if three else str
    span = f"{spell(change.first)}{change.start}"
    if change.end != change.start:
        span += f"_{spell(change.last)}{change.end}"
    stretch = spell("".join(EGFR[n] for n in range(change.start, change.end + 1)))
    match change.kind:
        case "substitution":
            return span + spell(change.new)
        case "deletion":
            return f"{span}del{stretch}"
        case "duplication":
            return f"{span}dup{stretch}"
        case "insertion":
            return f"{span}ins{spell(change.new)}"
        case _:
            return f"{span}del{stretch}ins{spell(change.new)}"


@st.composite
def changes(draw: st.DrawFn) -> hgvs.ProteinChange:
    start = draw(positions)
    kind = draw(st.sampled_from(["substitution", "deletion", "duplication", "insertion", "delins"]))
    length = {"substitution": 1, "insertion": 2}.get(kind) or draw(st.integers(min_value=1, max_value=6))
    end = start + length - 1
    new = ""
    if kind in ("insertion", "delins"):
        new = "".join(draw(st.lists(residues, min_size=1, max_size=5)))
    if kind == "substitution":
        new = draw(residues.filter(lambda letter: letter != EGFR[start]))
    if kind == "delins" and new == "".join(EGFR[n] for n in range(start, end + 1)):
        kind, new = "deletion", ""
    return hgvs.ProteinChange(kind, start, EGFR[start], end, EGFR[end], new)  # type: ignore[arg-type]


def _protein(change: hgvs.ProteinChange) -> str:
    """The stretch of the protein after the change, spelled out residue by residue: the plain oracle."""
    low, high = min(EGFR), max(EGFR)
    cut, resume, new = {
        "insertion": (change.start, change.end, change.new),
        "duplication": (change.end, change.end + 1, "".join(EGFR[n] for n in range(change.start, change.end + 1))),
    }.get(change.kind, (change.start - 1, change.end + 1, change.new))
    return "".join(EGFR[n] for n in range(low, cut + 1)) + new + "".join(EGFR[n] for n in range(resume, high + 1))


@given(changes())
def test_the_normal_form_makes_the_same_protein(change: hgvs.ProteinChange) -> None:
    assert _protein(hgvs.normal(change, EGFR)) == _protein(change)


@given(changes(), changes())
def test_two_changes_have_one_form_exactly_when_they_make_the_same_protein(
    one: hgvs.ProteinChange, other: hgvs.ProteinChange
) -> None:
    assert (hgvs.normal(one, EGFR) == hgvs.normal(other, EGFR)) == (_protein(one) == _protein(other))


@given(changes(), st.data())
def test_any_way_to_describe_the_same_protein_has_the_same_form(
    change: hgvs.ProteinChange, data: st.DataObject
) -> None:
    """Describe the event clumsily: a wider stretch taken out and put back around it."""
    left, right = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4))
    core = {"insertion": (change.end, change.start), "duplication": (change.end + 1, change.end)}
    low, high = core.get(change.kind, (change.start, change.end))
    start, end = low - left, high + right
    if end < start:
        start, end = start - 1, end + 1
    whole, first = _protein(change), min(EGFR)
    new = whole[start - first : len(whole) - (max(EGFR) - end)]
    if not new:
        return
    clumsy = hgvs.ProteinChange("delins", start, EGFR[start], end, EGFR[end], new)
    assert hgvs.normal(clumsy, EGFR) == hgvs.normal(change, EGFR)


@given(
    changes(),
    st.booleans(),
    st.sampled_from(["", "p.", "p. "]),
    st.sampled_from([str, str.upper, str.lower]),
    st.sampled_from([("_", "_"), ("_", "-"), ("_", "–"), ("del", " del ")]),
    st.booleans(),
)
def test_letters_prefix_case_width_and_spaces_do_not_matter(
    change: hgvs.ProteinChange, three: bool, prefix: str, case: Any, swap: tuple[str, str], wide: bool
) -> None:
    text = prefix + case(_written(change, three)).replace(*swap)
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    assert SHIPPED.read("EGFR", text).id == f"EGFR {hgvs.normal(change, EGFR)}"


@given(changes())
def test_an_id_reads_as_itself_and_its_classes_contain_it(change: hgvs.ProteinChange) -> None:
    id_ = SHIPPED.read("EGFR", str(change)).id
    assert SHIPPED.parse(id_).id == id_
    assert id_ in SHIPPED.above(id_)
    assert SHIPPED.covers("EGFR mutation", id_) != SHIPPED.covers("EGFR variant of unknown meaning", id_)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_an_error_of_ours(text: str) -> None:
    try:
        found = SHIPPED.parse(text, "x")
    except InvalidInput as error:
        assert error.problems[0].place == "x"
    else:
        assert SHIPPED.parse(found.id).id == found.id
