"""The network's data, and the properties any such network must have."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SOURCES
from scoring import mechanism

from tumorboard.errors import InvalidInput, InvalidKnowledge, UnknownName, WrongUsage
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.mechanism.genotype import parse_genotype
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.model import ACTIVE, CAP
from tumorboard.mechanism.signal import Caps
from tumorboard.vocabulary.library import Vocabulary

READER = mechanism()
NETWORK = READER.network
ALTERATIONS = sorted(
    id_ for id_, alters in NETWORK.alters.items() if alters.change is not None and id_ not in NETWORK.state_texts
)
DRUGS = sorted(NETWORK.drugs)


def verdict(genotype: str, *drugs: str, ligands: tuple[str, ...] = (), knockdown: tuple[str, ...] = ()) -> str:
    return READER.ask(genotype, drugs, ligands, knockdown).verdict


@pytest.mark.sources
def test_every_quote_of_an_edge_stands_in_its_source() -> None:
    quotes = [edge.reference.quote for edge in NETWORK.edges if edge.reference.quote]
    assert len(quotes) >= 8
    for source, words in quotes:
        (file,) = Path(SOURCES).glob(f"{source}_*.txt")
        assert words in file.read_text(encoding="utf-8"), words
        assert len(words) <= 80


def test_every_row_says_where_it_comes_from() -> None:
    rows = [*NETWORK.edges, *NETWORK.cells, *NETWORK.feedback, *NETWORK.drugs.values()]
    assert [row for row in rows if not row.reference.text or not row.reference.certainty] == []
    assert all(node.reference for node in NETWORK.nodes.values())


def test_the_nodes_named_in_the_definition_of_the_network_are_there() -> None:
    wanted = (
        "EGFR ERBB2 ERBB3 ERBB4 MET ROS1 ALK RET FGFR1 AXL IGF1R KIT HGF EGF NRG1 GRB2 GAB1 SHC SHP2 SRC PLCG CBL "
        "RAS RAF MEK ERK PI3K AKT MTOR PTEN JAK STAT3 NF1 proliferation survival EMT angiogenesis"
    )
    assert set(wanted.split()) <= set(NETWORK.nodes)
    assert [part.id for part in NETWORK.nodes["MET"].parts] == ["Sema", "PSI", "IPT", "TM", "JM", "TK"]


def test_amplified_met_goes_by_erbb3_and_hgf_by_gab1() -> None:
    """Source 000, sections 4.1 and 4.2."""
    amplified = READER.ask("EGFR ex19del; MET amplification", ["gefitinib"])
    ligand = READER.ask("EGFR ex19del", ["gefitinib"], ["HGF"])
    assert ("MET", "ERBB3", "PI3K", "AKT") in amplified.routes
    assert ("MET", "GAB1", "PI3K", "AKT") in ligand.routes
    assert verdict("EGFR ex19del; MET amplification", "gefitinib", knockdown=("ERBB3",)) == "sensitive"
    assert verdict("EGFR ex19del", "gefitinib", ligands=("HGF",), knockdown=("ERBB3",)) == "resistant"
    assert verdict("EGFR ex19del", "gefitinib", ligands=("HGF",), knockdown=("GAB1",)) == "sensitive"


def test_the_dispute_about_met_and_erbb3_is_shown() -> None:
    disputed = [edge for edge in NETWORK.edges if edge.reference.dispute]
    assert any(edge.to == "ERBB3" and edge.by[0].node == "MET" for edge in disputed)


@pytest.mark.parametrize(
    ("genotype", "drugs", "wanted"),
    [
        ("EGFR ex19del; EGFR T790M/cis; EGFR C797S/cis", ("gefitinib", "osimertinib"), "resistant"),
        ("EGFR ex19del; EGFR T790M; EGFR C797S/trans", ("gefitinib", "osimertinib"), "sensitive"),
        ("EGFR ex19del; EGFR T790M; EGFR C797S", ("gefitinib", "osimertinib"), "not known"),
        ("EGFR ex19del; EGFR T790M; EGFR C797S", ("osimertinib",), "resistant"),
    ],
)
def test_an_unknown_phase_is_computed_both_ways(genotype: str, drugs: tuple[str, ...], wanted: str) -> None:
    found = READER.ask(genotype, drugs)
    assert found.verdict == wanted
    if genotype.endswith("C797S"):
        assert len(found.worlds) == 2
        assert {READER.teller.phase(world.world).en for world in found.worlds} == {
            "EGFR p.C797S, EGFR p.T790M on one copy (cis)",
            "EGFR p.T790M, EGFR p.C797S on separate copies (trans)",
        }


def test_a_drug_without_a_cell_for_the_allele_is_not_known_and_says_which() -> None:
    found = READER.ask("ROS1 fusion; ROS1 G2101A", ["crizotinib"])
    assert found.verdict == "not known"
    assert "crizotinib" in found.because.en
    assert "G2101A" in found.because.en


def test_a_class_of_drugs_stands_for_what_its_drugs_agree_on() -> None:
    assert verdict("EGFR ex19del", "EGFR-TKI") == "sensitive"
    assert verdict("EGFR ex19del; EGFR T790M", "EGFR-TKI") == "not known"


@pytest.mark.parametrize(
    ("genotype", "drugs", "word"),
    [
        ("EGFR ex19del; small-cell transformation", ("osimertinib",), "transform"),
        ("HER2 exon 20 insertion", ("trastuzumab deruxtecan",), "trastuzumab deruxtecan"),
        ("NTRK1 fusion", ("larotrectinib",), "NTRK1"),
        ("EGFR ex19del; MET amplification", ("pembrolizumab",), "pembrolizumab"),
    ],
)
def test_outside_the_network_the_answer_says_why(genotype: str, drugs: tuple[str, ...], word: str) -> None:
    found = READER.ask(genotype, drugs)
    assert found.verdict == "outside the network"
    assert word.lower() in found.because.en.lower()
    assert set(found.levels.values()) == {None}
    # What the network would say inside its bounds would read as an answer.
    assert (found.worlds, found.routes, found.feedback) == ((), (), ())


@pytest.mark.parametrize(
    ("genotype", "drugs", "error", "word"),
    [
        ("EGFR ex19dle", ("gefitinib",), UnknownName, "EGFR exon 19 deletion"),
        ("EGFR ex19del", ("gefitinb",), UnknownName, "gefitinib"),
        ("EGFR ex19del; C797S/cis; C797S/trans", ("gefitinib",), InvalidInput, "cis and in trans"),
        ("  ;  ", ("gefitinib",), InvalidInput, "no alteration"),
        ("EGFR ex19del", (), WrongUsage, "--drug"),
    ],
)
def test_what_can_not_be_read_is_an_error_that_names_the_mend(
    genotype: str, drugs: tuple[str, ...], error: type[Exception], word: str
) -> None:
    with pytest.raises(error, match=re.escape(word)):
        READER.ask(genotype, drugs)


@pytest.mark.parametrize(
    "text", ["EGFR L858R; MET amplification", "EGFR L858R, MET amplification", "EGFR L858R；MET扩增"]
)
def test_alterations_stand_between_semicolons_or_commas_of_both_languages(text: str) -> None:
    assert [entry.id for entry in parse_genotype(text, NETWORK).entries] == ["EGFR p.L858R", "MET amplification"]


def test_an_unmutated_gene_can_be_said_and_changes_nothing() -> None:
    assert verdict("EGFR wild type; ALK fusion", "crizotinib") == verdict("ALK fusion", "crizotinib") == "sensitive"
    with pytest.raises(UnknownName):
        READER.ask("EGFRR wild type", ["gefitinib"])


def test_a_combination_may_do_less_than_one_of_its_drugs_if_the_table_says_so() -> None:
    """A cell for a combination stands for its drugs; what one of them does alone is then no longer asked."""
    for cell in NETWORK.together:
        agents = [NETWORK.agent(inn) for inn in cell.drugs]
        ends, used = READER.on_copy(agents, cell.node, frozenset(cell.allele), mutated=True)
        assert ends == (CAP[cell.effect], CAP[cell.effect]), cell
        assert [one.cells for one in used] == [(cell,)]


def test_an_unknown_ligand_names_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="HGF"):
        READER.ask("EGFR ex19del", ["gefitinib"], ["EGFR"])


def test_a_cell_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "more.yaml").write_text(
        "effects:\n"
        "  - {allele: [EGFR sensitising mutation], node: EGFR, drugs: {gefitinib: none}, basis: clinical,\n"
        "     reference: made for a test, certainty: verified}\n",
        encoding="utf-8",
    )
    folder = KnowledgeFolder(SHIPPED, tmp_path)
    with pytest.raises(InvalidKnowledge, match="stands twice"):
        load_network(folder, Vocabulary.load(folder))


# -- properties ------------------------------------------------------------------------------------------------------

genotypes = st.lists(st.sampled_from(ALTERATIONS), min_size=1, max_size=4, unique=True).map("; ".join)
caps = st.dictionaries(st.sampled_from(sorted(NETWORK.nodes)), st.integers(0, 2), max_size=6)


@given(genotypes, st.sampled_from(ALTERATIONS), caps)
def test_one_more_alteration_never_lowers_a_level(genotype: str, further: str, drugged: dict[str, int]) -> None:
    fewer = parse_genotype(genotype, NETWORK).worlds[0]
    for world in parse_genotype(f"{genotype}; {further}", NETWORK).worlds:
        if set(fewer.copies) - set(world.copies):
            return  # the further change moved another onto its copy: no longer the same copies and one more
        before = READER.wiring.levels(fewer, Caps(drugged, {}))
        after = READER.wiring.levels(world, Caps(drugged, {}))
        inhibitors = {lost for edge in NETWORK.edges for lost in edge.without}
        for (node, _), low, high in zip(READER.wiring.slots, before, after, strict=True):
            if node not in inhibitors:
                assert low <= high, node


@given(genotypes, caps, st.sampled_from(sorted(NETWORK.nodes)), st.integers(0, 2))
def test_a_stronger_drug_never_raises_a_level(genotype: str, drugged: dict[str, int], node: str, cap: int) -> None:
    world = parse_genotype(genotype, NETWORK).worlds[0]
    stronger = {**drugged, node: min(cap, drugged.get(node, ACTIVE))}
    if any(node == lost for edge in NETWORK.edges for lost in edge.without):
        return  # closing an inhibitor is no drug effect the network knows
    before = READER.wiring.levels(world, Caps(drugged, {}))
    after = READER.wiring.levels(world, Caps(stronger, {}))
    assert all(high >= low for high, low in zip(before, after, strict=True))


@given(genotypes, st.lists(st.sampled_from(DRUGS), min_size=1, max_size=2, unique=True))
def test_every_open_route_ends_in_an_active_output_and_runs_along_rows(genotype: str, drugs: list[str]) -> None:
    pairs = {(source.node, edge.to) for edge in NETWORK.edges for source in edge.by}
    pairs |= {(lost, edge.to) for edge in NETWORK.edges for lost in edge.without}
    found = READER.ask(genotype, drugs)
    for world in found.worlds:
        for route in world.routes:
            assert route[-1] in (*NETWORK.decides, *NETWORK.lesser)
            assert all(step in pairs for step in pairwise(route)), route
        if world.verdict == "resistant":
            assert any(route[-1] in NETWORK.decides for route in world.routes)


@given(genotypes, st.lists(st.sampled_from(DRUGS), min_size=1, max_size=2, unique=True), st.randoms())
def test_the_order_of_what_is_given_does_not_matter(genotype: str, drugs: list[str], random: object) -> None:
    turned = "; ".join(reversed(genotype.split("; ")))
    assert READER.ask(genotype, drugs).verdict == READER.ask(turned, list(reversed(drugs))).verdict
