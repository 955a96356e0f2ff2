"""A variant is read only where all that describes it is understood, and Absent is never Present."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_samples import (
    HGNC,
    LOINC,
    SCT,
    SO,
    concept,
    gene,
    kind,
    loinc,
    observation,
    part,
    protein,
    quantity,
    read,
    said,
    variant,
)
from hypothesis import given
from hypothesis import strategies as st

PRESENT, ABSENT, NO_CALL, INDETERMINATE = "LA9633-4", "LA9634-2", "LA18198-4", "LA11884-6"
EGFR = gene("EGFR", "HGNC:3236")


def markers(*resources: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(*resources)[0].get("biomarkers", [])
    return found


def why(*resources: dict[str, Any]) -> str:
    data, problems = read(*resources)
    assert "biomarkers" not in data
    return said(problems)


class TestAPresentVariant:
    def test_is_named_by_its_protein_change(self) -> None:
        (entry,) = markers(
            variant(PRESENT, EGFR, protein("NP_005219.2:p.(Leu858Arg)"), effectiveDateTime="2024-02-20T10:00:00Z")
        )
        assert entry == {"name": "EGFR", "change": "p.L858R", "result": "present", "date": "2024-02-20"}

    def test_is_named_by_a_coding_change_the_vocabulary_knows(self) -> None:
        change = part("48004-6", valueCodeableConcept=concept("http://varnomen.hgvs.org", "NM_005228.5:c.2369C>T"))
        assert markers(variant(PRESENT, EGFR, change))[0]["change"] == "p.T790M"

    def test_is_named_by_clinvar_s_name(self) -> None:
        name = part(
            "81252-9",
            valueCodeableConcept=concept(
                "http://www.ncbi.nlm.nih.gov/clinvar", "611264", "NM_000455.5(STK11):c.725G>A (p.Gly242Glu)"
            ),
        )
        assert markers(variant(PRESENT, gene("STK11", "HGNC:11389"), name))[0]["change"] == "p.G242E"

    def test_that_nobody_can_name_is_listed_and_not_a_mutation(self) -> None:
        genomic = part("81290-9", valueCodeableConcept=concept("http://varnomen.hgvs.org", "NC_000007.13:g.1A>T"))
        assert "can't name" in why(variant(PRESENT, EGFR, genomic))

    def test_whose_descriptions_differ_is_listed(self) -> None:
        name = part("81252-9", valueCodeableConcept={"text": "EGFR T790M"})
        assert "describes different variants of EGFR" in why(variant(PRESENT, EGFR, protein("p.Leu858Arg"), name))

    def test_of_the_germline_is_no_biomarker_of_the_tumour(self) -> None:
        source = part("48002-0", valueCodeableConcept=concept(LOINC, "LA6683-2"))
        assert "germline" in why(variant(PRESENT, EGFR, protein("p.Thr790Met"), source))

    def test_of_an_unknown_gene_is_listed_with_its_name(self) -> None:
        assert said(read(variant(PRESENT, gene("BAP1", "HGNC:950"), protein("p.Gln590Ter")))[1]) == (
            "Observation/o: the gene BAP1 is not in the vocabulary"
        )

    def test_whose_gene_s_code_and_name_disagree_is_listed(self) -> None:
        assert "code of a gene says KIT and its name NRAS" in why(
            variant(PRESENT, gene("NRAS", "HGNC:6342"), protein("p.Gln61Arg"))
        )

    def test_of_fused_genes_has_the_kinase_behind(self) -> None:
        (entry,) = markers(variant(PRESENT, gene("EML4"), gene("ALK", "HGNC:427"), kind("SO:0001565")))
        assert entry == {"name": "ALK", "change": "fusion", "partner": "EML4", "result": "present"}

    def test_of_two_genes_that_nothing_says_are_fused_is_listed(self) -> None:
        assert "without saying" in why(variant(PRESENT, gene("MET", "HGNC:7029"), gene("ALK", "HGNC:427")))

    def test_takes_assay_specimen_and_frequency_along(self) -> None:
        specimen = {"resourceType": "Specimen", "id": "s", "type": concept(SCT, "119361006")}
        (entry,) = markers(
            variant(
                PRESENT,
                EGFR,
                protein("p.Leu858Arg"),
                part("81258-6", valueQuantity={"value": 0.066, "unit": "decimal"}),
                method=concept(LOINC, "LA26398-0"),
                specimen={"reference": "Specimen/s"},
            ),
            specimen,
        )
        assert (entry["assay"], entry["specimen"]) == ("NGS", "plasma")
        assert (entry["measure"], float(entry["value"]), entry["unit"]) == ("allele frequency", 6.6, "%")


class TestACopyNumber:
    def test_without_a_verdict_is_a_measurement(self) -> None:
        copies = part("82155-3", valueQuantity={"value": 12})
        (entry,) = markers(variant(PRESENT, gene("MET", "HGNC:7029"), kind("SO:0001019"), copies))
        assert entry == {"name": "MET", "change": "amplification", "measure": "copy number", "value": 12}

    def test_loss_is_a_loss(self) -> None:
        assert markers(variant(PRESENT, gene("CDKN2A", "HGNC:1787"), kind("SO:0001743")))[0]["change"] == "loss"

    def test_gain_that_a_gene_has_no_word_for_is_listed(self) -> None:
        assert "MYCN" in why(variant(PRESENT, gene("MYCN", "HGNC:7559"), kind("SO:0001742")))


class TestAnAbsentVariant:
    def test_of_genes_without_a_variant_makes_each_absent(self) -> None:
        found = markers(variant(ABSENT, gene("KRAS", "HGNC:6407"), gene("BRAF", "HGNC:1097")))
        assert found == [{"name": "KRAS", "result": "absent"}, {"name": "BRAF", "result": "absent"}]

    def test_makes_only_itself_absent(self) -> None:
        assert markers(variant(ABSENT, EGFR, protein("p.Leu858Arg"))) == [
            {"name": "EGFR", "change": "p.L858R", "result": "absent"}
        ]

    def test_that_nobody_can_name_does_not_make_its_gene_absent(self) -> None:
        assert "can't name" in why(variant(ABSENT, EGFR, protein("p.what")))

    @given(
        st.lists(st.sampled_from([EGFR, gene("ALK", "HGNC:427"), gene("EML4"), gene("?")]), max_size=3),
        st.lists(
            st.sampled_from(
                [
                    protein("p.Leu858Arg"),
                    kind("SO:0001565"),
                    kind("SO:0001742"),
                    part("82155-3", valueQuantity={"value": 12}),
                    part("81252-9", valueCodeableConcept={"text": "EML4-ALK fusion"}),
                ]
            ),
            max_size=3,
        ),
    )
    def test_is_never_present_nor_a_bare_number(self, genes: list[Any], parts: list[Any]) -> None:
        for entry in markers(variant(ABSENT, *genes, *parts)):
            assert entry["result"] == "absent"

    def test_beside_a_present_answer_is_no_answer(self) -> None:
        both = {"coding": [{"system": LOINC, "code": PRESENT}, {"system": LOINC, "code": ABSENT}]}
        assert "neither present nor absent" in why(loinc("69548-6", valueCodeableConcept=both, component=[EGFR]))

    def test_said_in_words_against_its_code_is_no_answer(self) -> None:
        both = concept(LOINC, PRESENT, text="absent")
        assert "neither" in why(loinc("69548-6", valueCodeableConcept=both, component=[EGFR]))


class TestOtherAnswers:
    @pytest.mark.parametrize("answer", [NO_CALL, INDETERMINATE])
    def test_are_indeterminate(self, answer: str) -> None:
        assert markers(variant(answer, EGFR))[0]["result"] == "indeterminate"

    def test_not_performed_is_not_tested(self) -> None:
        reason = concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed")
        assert markers(loinc("69548-6", dataAbsentReason=reason, component=[EGFR])) == [
            {"name": "EGFR", "result": "not tested"}
        ]

    def test_none_is_listed(self) -> None:
        assert "neither present nor absent" in why(loinc("69548-6", component=[EGFR]))

    def test_entered_in_error_is_not_read(self) -> None:
        assert "entered-in-error" in why(variant(PRESENT, EGFR, protein("p.Leu858Arg"), status="entered-in-error"))

    def test_a_region_studied_makes_nothing_absent(self) -> None:
        assert "no gene is absent by it" in why(loinc("53041-0", component=[EGFR]))


class TestATumourMarker:
    def test_of_pd_l1_by_clone_has_its_clone(self) -> None:
        positive = concept(LOINC, "LA6576-8")
        (entry,) = markers(loinc("85147-7", valueCodeableConcept=positive))
        assert entry == {"name": "PD-L1", "change": "expression", "assay": "IHC", "clone": "22C3", "result": "present"}

    def test_of_pd_l1_in_percent_is_a_tps(self) -> None:
        (entry,) = markers(loinc("85147-7", valueQuantity=quantity(60, "%")))
        assert (entry["measure"], entry["value"], entry["unit"]) == ("TPS", 60, "%")

    def test_of_pd_l1_by_sp142_in_percent_is_listed(self) -> None:
        assert "could not be read" in why(loinc("85149-3", valueQuantity=quantity(60, "%")))

    def test_antigen_of_egfr_is_expression_and_no_mutation(self) -> None:
        assert markers(loinc("39004-7", valueCodeableConcept=concept(SCT, "10828004")))[0]["change"] == "expression"

    def test_stable_microsatellites_are_msi_absent(self) -> None:
        assert markers(loinc("81695-9", valueCodeableConcept=concept(LOINC, "LA14122-8"))) == [
            {"name": "MSI", "result": "absent"}
        ]

    def test_of_mutation_burden_is_a_number_a_megabase(self) -> None:
        assert markers(loinc("94076-7", valueQuantity={"value": 29.8}))[0]["name"] == "TMB"

    def test_below_a_limit_is_listed(self) -> None:
        assert "could not be read" in why(loinc("85147-7", valueQuantity={**quantity(1, "%"), "comparator": "<"}))

    def test_unknown_here_is_listed_by_name(self) -> None:
        assert "'Oncotype DX'" in why(observation({"text": "Oncotype DX"}, valueQuantity={"value": 47}))


def test_sequence_ontology_with_a_closing_slash_is_the_same_system() -> None:
    change = part("48019-4", valueCodeableConcept=concept(f"{SO}/", "SO:0001565"))
    assert markers(variant(PRESENT, gene("RET", "HGNC:9967"), change))[0]["change"] == "fusion"
    assert HGNC == "http://www.genenames.org"
