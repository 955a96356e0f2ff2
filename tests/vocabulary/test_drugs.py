"""Drugs are found in every spelling people use, belong to their classes, and a wrong file is refused by name."""

from __future__ import annotations

import copy
import time
import unicodedata
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tumorboard.data import parse_yaml
from tumorboard.errors import InvalidKnowledge, NotFound, UnknownName
from tumorboard.text import Text
from tumorboard.vocabulary.drugs import Drug, Drugs
from tumorboard.vocabulary.names import key, nearest

FOLDER = Path(__file__).parents[2] / "src/tumorboard/knowledge/vocabulary"
FILES = ("drug-classes.yaml", "drugs-targeted.yaml", "drugs-other.yaml")
DOCS = {name: parse_yaml((FOLDER / name).read_text(encoding="utf-8"), name) for name in FILES}


def load() -> Drugs:
    return Drugs.from_data(DOCS[FILES[0]], [DOCS[name] for name in FILES[1:]], "vocabulary", FILES)


DRUGS = load()


class TestEverySpelling:
    def test_every_name_of_both_files_finds_its_own_drug(self) -> None:
        entries = [entry for name in FILES[1:] for entry in DOCS[name]["drugs"]]
        assert len(entries) == len(DRUGS)
        for entry in entries:
            for name in (entry["inn"], entry["zh"], *entry["names"]):
                assert DRUGS.find(name).inn == entry["inn"]

    def test_there_are_drugs_enough_for_a_thoracic_and_a_liver_board(self) -> None:
        assert len(DRUGS) >= 180
        assert len(DOCS["drugs-targeted.yaml"]["drugs"]) >= 95

    @pytest.mark.parametrize(
        ("printed", "inn"),
        [
            ("吉非替尼", "gefitinib"),
            ("拉法替尼", "lapatinib"),  # a misprint of source 001
            ("坦西莫斯", "temsirolimus"),
            ("雷帕霉素", "sirolimus"),
            ("马赛替尼", "masitinib"),
            ("E7050", "golvatinib"),
            ("Tivantinib", "tivantinib"),
            ("WZ4002", "WZ4002"),
            ("AMG-102", "rilotumumab"),
            ("AV-299", "ficlatuzumab"),
            ("MetMab", "onartuzumab"),
            ("AMG757", "tarlatamab"),
            ("BMS‑986012", "BMS-986012"),
            ("DS‑7300", "ifinatamab deruxtecan"),
            ("卢比替定", "lurbinectedin"),
            ("芦比替定", "lurbinectedin"),
            ("阿帕替尼", "apatinib"),
            ("rivoceranib", "apatinib"),
            ("恩美曲妥珠单抗", "trastuzumab emtansine"),
            ("德喜曲妥珠单抗", "trastuzumab deruxtecan"),
            ("埃万妥单抗", "amivantamab"),
            ("firmonertinib", "furmonertinib"),
            ("芦康沙妥珠单抗", "sacituzumab tirumotecan"),
            ("SAF-189s", "foritinib"),
            ("NVL-520", "zidesamtinib"),
        ],
    )
    def test_names_as_the_sources_print_them(self, printed: str, inn: str) -> None:
        assert DRUGS.find(printed).inn == inn

    @pytest.mark.parametrize("written", ["DS-8201", "DS‑8201", "ds 8201", "ＤＳ－８２０１", "T-DXd", "TDXd"])
    def test_hyphens_spaces_case_and_width_do_not_matter(self, written: str) -> None:
        assert DRUGS.find(written).inn == "trastuzumab deruxtecan"

    @pytest.mark.parametrize(
        ("written", "inn"),
        [
            ("甲磺酸奥希替尼片", "osimertinib"),
            ("盐酸埃克替尼片", "icotinib"),
            ("注射用盐酸吉西他滨", "gemcitabine"),
            ("osimertinib mesylate", "osimertinib"),
            ("Erlotinib hydrochloride tablets", "erlotinib"),
        ],
    )
    def test_a_name_as_dispensed_is_read_without_salt_and_form(self, written: str, inn: str) -> None:
        assert DRUGS.find(written).inn == inn

    @pytest.mark.parametrize("written", ["片", "盐酸", "盐酸片", "", "-", "carboplatin+pemetrexed", "卡铂+培美曲塞"])
    def test_what_is_no_single_drug_is_none(self, written: str) -> None:
        assert DRUGS.get(written) is None

    @given(st.sampled_from([*DRUGS]), st.data())
    def test_any_spacing_and_case_of_any_name(self, drug: Drug, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(drug.spellings))
        at = data.draw(st.integers(0, len(name)))
        blank = data.draw(st.sampled_from([" ", "-", "‑", "–", ".", "·", "\u3000", "\u200b"]))
        assert DRUGS.find((name[:at] + blank + name[at:]).upper()) is drug


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("written", "likest"),
        [("osimertnib", "osimertinib"), ("奥希替泥", "奥希替尼"), ("Tagriso", "Tagrisso"), ("gefitnib", "gefitinib")],
    )
    def test_a_misspelling_is_an_error_that_gives_the_nearest_name(self, written: str, likest: str) -> None:
        with pytest.raises(UnknownName) as caught:
            DRUGS.find(written, "treatments[0].agents[0]")
        assert caught.value.nearest[0] == likest
        assert str(caught.value).startswith(f"treatments[0].agents[0]: unknown drug '{written}'; did you mean {likest}")

    def test_each_hint_is_another_drug(self) -> None:
        with pytest.raises(UnknownName) as caught:
            DRUGS.find("奥思替尼")  # 奥希替尼, 奥斯替尼 and 奥西替尼 are all osimertinib
        hinted = [DRUGS.find(name).inn for name in caught.value.nearest]
        assert "osimertinib" in hinted
        assert len(set(hinted)) == len(hinted) <= 3

    def test_a_name_like_no_other_gets_no_guess(self) -> None:
        with pytest.raises(UnknownName) as caught:
            DRUGS.find("xyzzy")
        assert caught.value.nearest == ()


class TestClasses:
    def test_a_drug_belongs_to_all_ancestors_of_its_class(self) -> None:
        osimertinib = DRUGS.find("osimertinib")
        assert osimertinib.own_classes == ("third-generation EGFR-TKI",)
        assert osimertinib.classes == {"third-generation EGFR-TKI", "EGFR-TKI", "targeted therapy"}
        assert DRUGS.classes_of("泰瑞沙") == osimertinib.classes

    @pytest.mark.parametrize(
        ("drug", "classes"),
        [
            ("ivonescimab", {"PD-1 inhibitor", "immune checkpoint inhibitor", "antiangiogenic", "bispecific antibody"}),
            ("amivantamab", {"EGFR antibody", "MET antibody", "bispecific antibody", "targeted therapy"}),
            ("sunvozertinib", {"EGFR exon 20 inhibitor", "EGFR-TKI"}),
            ("crizotinib", {"ALK inhibitor", "ROS1 inhibitor", "MET inhibitor"}),
            ("tarlatamab", {"bispecific T-cell engager"}),
            ("carboplatin", {"platinum", "chemotherapy"}),
            ("bevacizumab", {"VEGF antibody", "antiangiogenic"}),
            ("WZ4002", {"laboratory compound", "third-generation EGFR-TKI"}),
            ("trastuzumab deruxtecan", {"antibody-drug conjugate"}),
        ],
    )
    def test_drugs_with_several_classes(self, drug: str, classes: set[str]) -> None:
        assert classes <= DRUGS.classes_of(drug)

    @pytest.mark.parametrize(
        ("drug", "not_a"),
        [
            ("amivantamab", "EGFR-TKI"),
            ("anlotinib", "targeted therapy"),
            ("lapatinib", "EGFR-TKI"),
            ("afatinib", "HER2-TKI"),
            ("bevacizumab", "immune checkpoint inhibitor"),
        ],
    )
    def test_what_a_drug_is_not(self, drug: str, not_a: str) -> None:
        assert DRUGS.is_class(not_a)
        assert not_a not in DRUGS.classes_of(drug)

    def test_drugs_of_a_class_are_those_that_say_so(self) -> None:
        for id_ in DRUGS.classes():
            assert set(DRUGS.drugs_of_class(id_)) == {drug.inn for drug in DRUGS if id_ in drug.classes}
        assert DRUGS.drugs_of_class("first-generation EGFR-TKI") == ("erlotinib", "gefitinib", "icotinib")

    @pytest.mark.parametrize("name", ["PD-1 inhibitor", "PD‑1抑制剂", "anti PD-1", "ＰＤ－１ Inhibitor"])
    def test_a_class_is_found_in_either_language(self, name: str) -> None:
        assert DRUGS.find_class(name) == "PD-1 inhibitor"
        assert DRUGS.is_class(name)
        assert DRUGS.class_name(name) == Text("PD-1 inhibitor", "PD-1抑制剂")

    def test_a_drug_is_no_class_and_an_unknown_class_is_refused(self) -> None:
        assert DRUGS.find_class("osimertinib") is None
        with pytest.raises(NotFound, match="no drug class 'PD-2 inhibitor'; did you mean PD-1 inhibitor"):
            DRUGS.drugs_of_class("PD-2 inhibitor")


class TestApprovals:
    def test_they_keep_date_source_and_certainty(self) -> None:
        first = DRUGS.find("repotrectinib").approvals[0]
        assert (first.jurisdiction, first.date, first.certainty) == ("FDA", "2023-11-15", "verified")
        assert first.source == "targeted-therapy-updates.md §3"
        assert first.indication.zh == "ROS1阳性晚期NSCLC"

    def test_a_verified_approval_names_what_was_read(self) -> None:
        for drug in DRUGS:
            for approval in drug.approvals:
                if approval.certainty == "verified":
                    assert approval.source != "own knowledge", drug.inn

    def test_a_laboratory_compound_is_approved_nowhere(self) -> None:
        compounds = [DRUGS.find(inn) for inn in DRUGS.drugs_of_class("laboratory compound")]
        assert compounds
        assert not any(compound.approvals for compound in compounds)


CLASSES = {"classes": [{"id": "EGFR-TKI", "zh": "EGFR酪氨酸激酶抑制剂", "parents": []}]}
ENTRY: dict[str, Any] = {
    "inn": "gefitinib", "zh": "吉非替尼", "names": ["ZD1839"], "classes": ["EGFR-TKI"], "targets": ["EGFR"],
    "approvals": [{"jurisdiction": "NMPA", "date": "2005", "for": {"en": "NSCLC", "zh": "非小细胞肺癌"},
                   "source": "own knowledge", "certainty": "own knowledge, high"}],
}  # fmt: skip


def refused(*entries: Any, classes: Any = CLASSES) -> str:
    with pytest.raises(InvalidKnowledge) as caught:
        Drugs.from_data(classes, [{"drugs": list(entries)}], "vocabulary", ["drug-classes.yaml", "drugs-x.yaml"])
    return str(caught.value)


def changed(**fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ENTRY), **fields}


def approved(**fields: Any) -> dict[str, Any]:
    return changed(approvals=[{**ENTRY["approvals"][0], **fields}])


class TestWrongFiles:
    def test_a_right_entry_loads(self) -> None:
        drugs = Drugs.from_data(CLASSES, [{"drugs": [ENTRY]}], "vocabulary")
        assert [drug.name for drug in drugs] == [Text("gefitinib", "吉非替尼")]

    def test_two_drugs_may_not_share_a_name(self) -> None:
        other = changed(inn="icotinib", zh="埃克替尼", names=["zd-1839"])
        assert refused(ENTRY, other) == (
            "vocabulary/drugs-x.yaml: drugs[1] icotinib: the name 'zd-1839' already belongs to "
            "vocabulary/drugs-x.yaml: drugs[0] gefitinib; leave it with one"
        )

    def test_a_drug_is_given_once(self) -> None:
        assert "drugs[1] gefitinib: the name 'gefitinib' already belongs to" in refused(ENTRY, ENTRY)

    def test_a_drug_may_not_be_named_as_a_class(self) -> None:
        assert "'egfr tki' already belongs to the class EGFR-TKI" in refused(changed(names=["egfr tki"]))

    def test_an_unknown_class_is_named_with_the_nearest(self) -> None:
        message = refused(changed(classes=["EGFR TKIs"]))
        assert message == (
            "vocabulary/drugs-x.yaml: drugs[0] gefitinib: unknown drug class 'EGFR TKIs'; did you mean EGFR-TKI?"
        )

    @pytest.mark.parametrize("field", ["zh", "names", "classes", "targets", "approvals"])
    def test_an_absent_field_is_named(self, field: str) -> None:
        entry = {name: value for name, value in ENTRY.items() if name != field}
        assert refused(entry) == f"vocabulary/drugs-x.yaml: drugs[0] gefitinib: lacks {field}"

    def test_an_unknown_field_is_named(self) -> None:
        assert "drugs[0] gefitinib: has the unknown field 'brand'" in refused(changed(brand="Iressa"))

    @pytest.mark.parametrize("date", ["2005-13", "2005-02-30", "05", "May 2005", "2005/05", 2005, None])
    def test_what_is_no_date_is_refused(self, date: Any) -> None:
        message = refused(approved(date=date))
        assert message.startswith("vocabulary/drugs-x.yaml: drugs[0] gefitinib: approvals[0]: date: ")
        assert message.endswith('write "2015", "2015-11" or "2015-11-13", in quotes')

    @pytest.mark.parametrize(
        ("field", "value"), [("jurisdiction", "FBI"), ("certainty", "sure"), ("for", {"en": "NSCLC"}), ("source", "")]
    )
    def test_a_wrong_part_of_an_approval_is_named(self, field: str, value: Any) -> None:
        assert f"drugs[0] gefitinib: approvals[0]: {field}: " in refused(approved(**{field: value}))

    @pytest.mark.parametrize("names", ["ZD1839", [1839], [""], None])
    def test_names_are_a_list_of_texts(self, names: Any) -> None:
        assert "names: expected a list of texts" in refused(changed(names=names))

    def test_classes_may_not_run_in_a_circle(self) -> None:
        circle = [{"id": "a", "zh": "甲", "parents": ["b"]}, {"id": "b", "zh": "乙", "parents": ["a"]}]
        message = refused(classes={"classes": circle})
        assert message == "vocabulary/drug-classes.yaml: a: the classes run in a circle: a → b → a"

    def test_a_class_is_given_once_and_under_known_parents(self) -> None:
        known = {"id": "EGFR-TKI", "zh": "抑制剂", "parents": []}
        assert "classes[1] EGFR-TKI: is given twice" in refused(classes={"classes": [known, known]})
        orphan = {"id": "a", "zh": "甲", "parents": ["EGFR TKIs"]}
        assert "a: unknown drug class 'EGFR TKIs'; did you mean EGFR-TKI?" in refused(
            classes={"classes": [known, orphan]}
        )

    @pytest.mark.parametrize("doc", [None, [], {}, {"drugs": None}])
    def test_a_file_without_its_list_is_refused(self, doc: Any) -> None:
        with pytest.raises(InvalidKnowledge, match="holds no list `drugs:`"):
            Drugs.from_data(CLASSES, [doc], "vocabulary")


class TestNames:
    @given(
        st.sampled_from([name for drug in DRUGS for name in drug.spellings]), st.sampled_from(["NFD", "NFKD", "NFC"])
    )
    def test_a_key_is_its_own_key_however_the_text_is_encoded(
        self, name: str, form: Literal["NFD", "NFKD", "NFC"]
    ) -> None:
        assert key(unicodedata.normalize(form, name)) == key(name) == key(key(name))

    @pytest.mark.parametrize(("left", "right"), [("T-DM1", "T-DXd"), ("BLU-701", "BLU-945"), ("ROS1", "RO51")])
    def test_letters_and_digits_do_matter(self, left: str, right: str) -> None:
        assert key(left) != key(right)

    def test_nearest_gives_spellings_likest_first(self) -> None:
        assert nearest("egfr1", ["KRAS", "EGFR", "FGFR1"]) == ("EGFR", "FGFR1")
        assert nearest("xyzzy", ["KRAS", "EGFR"]) == ()


def test_loading_is_fast() -> None:
    def once() -> float:
        start = time.process_time()
        load()
        return time.process_time() - start

    # About 27 µs a drug where this was written; the bound leaves room for a slow machine, not for a quadratic loop.
    assert min(once() for _ in range(5)) < 250e-6 * len(DRUGS)
