"""OMOP tables as patients of a cohort: what is mapped comes through, what isn't is counted and never guessed."""

from __future__ import annotations

import csv
import datetime
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from cohort_exports import CONDITIONS, DRUGS, LABS, UNITS, omop_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cohort_import import KNOWLEDGE, MORE, directly, imported

from tumorboard.cohort.intake.mapping import ImportMapping
from tumorboard.cohort.intake.recognise import Form
from tumorboard.errors import InvalidInput

AS_OF = "2026-03-01"
WHOLE = ImportMapping(complete={"conditions": "whole", "treatments": "whole"})
_DAYS = st.dates(datetime.date(2020, 1, 1), datetime.date(2026, 2, 28)).map(str)


@st.composite
def cases(draw: Any) -> list[dict[str, Any]]:
    """Cases that OMOP tables can hold whole."""
    found = []
    for _ in range(draw(st.integers(1, 4))):
        starts = sorted(draw(st.lists(_DAYS, max_size=3, unique=True)))
        lines = [
            {
                "line": number,
                "agents": sorted(draw(st.sets(st.sampled_from(sorted(DRUGS)), min_size=1, max_size=2))),
                "start": start,
                **draw(st.fixed_dictionaries({}, optional={"end": st.just(start)})),
            }
            for number, start in enumerate(starts, 1)
        ]
        labs = [
            {"name": name, "value": draw(value), **({"unit": unit} if unit else {}), "date": draw(_DAYS)}
            for name, value, unit in draw(
                st.lists(
                    st.sampled_from(
                        [
                            ("bilirubin", st.integers(1, 20), "mg/dL"),
                            ("albumin", st.decimals(20, 50, places=1), "g/L"),
                            ("INR", st.decimals(1, 3, places=2), None),
                            ("AFP", st.integers(0, 9999), "ng/mL"),
                        ]
                    ),
                    max_size=3,
                )
            )
        ]
        diseases = draw(st.sets(st.sampled_from(sorted(CONDITIONS)), max_size=3))
        found.append(
            {
                "schema": "tumorboard.case/1",
                "sex": draw(st.sampled_from(["female", "male"])),
                "birth_date": draw(st.dates(datetime.date(1930, 1, 1), datetime.date(2000, 1, 1)).map(str)),
                "as_of": AS_OF,
                "conditions": [{"disease": one, "diagnosed": draw(_DAYS)} for one in sorted(diseases)],
                "treatments": lines,
                "labs": labs,
            }
        )
    return found


@given(cases())
@settings(max_examples=40 * MORE)
def test_the_mapped_part_of_a_case_comes_through_omop_as_it_comes_directly(drawn: list[dict[str, Any]]) -> None:
    """Ids beyond 2^53 stay apart though they are the same number as a float."""
    named = [{**case, "id": str(2**53 + 1 + number)} for number, case in enumerate(drawn)]
    with tempfile.TemporaryDirectory() as temporary:
        through = imported(Form.omop, omop_folder(drawn, Path(temporary)), WHOLE)
    straight = directly(named)
    assert not through.told and not straight.refused
    assert through.rows.keys() == straight.rows.keys()
    for id_, row in straight.rows.items():
        assert _without_places(through.rows[id_]) == _without_places(row)


def _without_places(row: dict[str, Any]) -> dict[str, Any]:
    """Rows of a table without the numbers of their entries, which differ where an export has another order."""
    return {
        name: sorted(
            ({key: value for key, value in one.items() if key not in ("place", "places")} for one in rows), key=repr
        )
        if isinstance(rows, list) and name != "complete"
        else rows
        for name, rows in row.items()
    }


class Export:
    """OMOP tables in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table("person", {"person_id": "1", "gender_concept_id": "8507", "year_of_birth": "1950"})

    def table(self, name: str, *rows: dict[str, str]) -> None:
        heading = list(dict.fromkeys(column for row in rows for column in row))
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, heading)
            writer.writeheader()
            writer.writerows(rows)

    def drugs(self, *given: tuple[str, str, str]) -> None:
        self.table(
            "drug_exposure",
            *(
                {
                    "drug_exposure_id": str(number), "person_id": "1", "drug_concept_id": concept,
                    "drug_exposure_start_date": start, "drug_exposure_end_date": end, "drug_source_value": "x",
                }
                for number, (concept, start, end) in enumerate(given)
            ),
        )  # fmt: skip

    def measured(self, **cells: str) -> None:
        self.table("measurement", {"measurement_id": "1", "person_id": "1", "measurement_date": "2026-01-01", **cells})

    def row(self, **mapping: Any) -> dict[str, Any]:
        (found,) = imported(Form.omop, self.folder, ImportMapping(**mapping)).rows.values()
        return found


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


class TestLinesOfTherapy:
    def test_without_episodes_they_are_made_by_the_readers_rule(self, export: Export) -> None:
        export.drugs(
            (DRUGS["cisplatin"], "2024-01-01", "2024-01-01"),
            (DRUGS["pemetrexed"], "2024-01-03", "2024-01-03"),
            (DRUGS["cisplatin"], "2024-01-22", "2024-01-22"),
            (DRUGS["docetaxel"], "2026-02-01", "2026-02-01"),
        )
        courses = export.row()["courses"]
        assert [one["agents"] for one in courses] == [["cisplatin", "pemetrexed"], ["docetaxel"]]

    def test_the_end_of_an_exposure_ends_a_line_only_after_the_pause(self, export: Export) -> None:
        export.drugs((DRUGS["cisplatin"], "2024-01-01", "2024-01-05"))
        assert export.row()["courses"][0]["end"] == datetime.date(2024, 1, 5)
        export.drugs((DRUGS["cisplatin"], "2026-02-01", "2026-02-05"))
        (course,) = export.row()["courses"]
        assert course["end"] is None and not course["completed"]

    def test_a_cancer_drug_outside_every_episode_opens_the_list(self, export: Export) -> None:
        export.drugs((DRUGS["cisplatin"], "2024-01-01", ""), (DRUGS["docetaxel"], "2024-06-01", ""))
        export.table(
            "episode",
            {
                "episode_id": "7", "person_id": "1", "episode_concept_id": "32531", "episode_number": "1",
                "episode_start_date": "2024-01-01",
            },
        )  # fmt: skip
        export.table("episode_event", {"episode_id": "7", "event_id": "0", "episode_event_field_concept_id": "1147094"})
        row = export.row(complete={"treatments": "whole"})
        assert [one["agents"] for one in row["courses"]] == [["cisplatin"]]
        assert "courses" not in row["complete"]

    def test_an_episode_of_nobody_and_a_table_without_its_columns_are_named(self, export: Export) -> None:
        export.table("episode", {"episode_id": "7", "person_id": "1", "episode_concept_id": "32531"})
        export.table("episode_event", {"episode_id": "8", "event_id": "0", "episode_event_field_concept_id": "1147094"})
        (told,) = imported(Form.omop, export.folder).told
        assert "not in episode.csv" in told["error"] and told["problems"][0]["line"] == 2
        export.table("episode_event", {"event_id": "0"})
        (told,) = imported(Form.omop, export.folder).told
        assert "has no column episode_id" in told["error"]


class TestWhatIsNotKnown:
    def test_lists_are_open_unless_the_mapping_says_that_they_are_whole(self, export: Export) -> None:
        export.drugs((DRUGS["cisplatin"], "2024-01-01", ""))
        assert "courses" not in export.row()["complete"]
        assert "courses" in export.row(complete={"treatments": "rows"})["complete"]
        assert "procedures" not in export.row(complete={"procedures": "rows"})["complete"]

    def test_an_unmapped_drug_is_counted_and_opens_the_list(self, export: Export, tmp_path: Path) -> None:
        export.drugs((DRUGS["cisplatin"], "2024-01-01", ""), ("99", "2024-02-01", ""))
        whole = {"treatments": "whole"}
        assert "courses" not in export.row(complete=whole)["complete"]
        assert "courses" in export.row(complete=whole, ignored={"drug_exposure": [99]})["complete"]
        assert "courses" in export.row(complete=whole, ignored={"drug_exposure": "rest"})["complete"]
        told = imported(Form.omop, export.folder).not_understood
        assert any("concept 99" in entry["what"] and entry["count"] == 1 for entry in told)

    def test_a_year_of_birth_alone_gives_no_age(self, export: Export) -> None:
        assert export.row()["patient"][0]["age"] is None

    def test_a_value_below_a_bound_is_no_value(self, export: Export) -> None:
        export.measured(
            measurement_concept_id=LABS["AFP"], value_as_number="5", unit_concept_id="8842",
            operator_concept_id="4171756",
        )  # fmt: skip
        assert export.row()["labs"] == []

    def test_trastuzumab_is_not_known_by_its_id_for_sites_file_conjugates_under_it(self, export: Export) -> None:
        export.drugs(("1387104", "2024-01-01", ""))
        assert export.row()["courses"] == []


class TestMapping:
    def test_a_concept_becomes_the_entry_the_mapping_gives(self, export: Export) -> None:
        export.measured(measurement_concept_id="2000000001", value_as_concept_id="9191")
        said = {"measurement": {"2000000001": {"section": "biomarkers", "name": "EGFR", "change": "L858R"}}}
        (marker,) = export.row(concepts=said)["biomarkers"]
        assert (marker["alteration"], marker["result"]) == ("EGFR p.L858R", "present")

    def test_a_source_value_is_a_code_too(self, export: Export) -> None:
        export.table(
            "condition_occurrence",
            {
                "condition_occurrence_id": "1", "person_id": "1", "condition_concept_id": "0",
                "condition_start_date": "2024-01-01", "condition_source_value": "肺小细胞癌-7",
            },
        )  # fmt: skip
        row = export.row(concepts={"condition_occurrence": {"肺小细胞癌-7": "SCLC"}})
        assert row["tumours"][0]["disease"] == "SCLC"

    def test_the_table_of_concepts_gives_codes_and_names(self, export: Export) -> None:
        export.drugs(("45", "2024-01-01", ""))
        export.table(
            "condition_occurrence",
            {
                "condition_occurrence_id": "1", "person_id": "1", "condition_concept_id": "44",
                "condition_start_date": "2024-01-01",
            },
        )  # fmt: skip
        (export.folder / "CONCEPT.csv").write_text(
            "concept_id\tconcept_name\tvocabulary_id\tconcept_code\n"
            '44\tAdenocarcinoma, "NOS", of lung\tICDO3\t8140/3-C34.1\n'
            "45\tgefitinib 250 MG Oral Tablet\tRxNorm\t349472\n",
            encoding="utf-8",
        )
        row = export.row()
        assert (row["tumours"][0]["disease"], row["tumours"][0]["histology"]) == ("NSCLC", "adenocarcinoma")
        assert row["courses"][0]["agents"] == ["gefitinib"]

    @pytest.mark.parametrize(
        ("said", "place"),
        [
            ({"visits": {"1": "x"}}, "concepts.visits"),
            ({"measurement": {"1": {"section": "moods"}}}, "concepts.measurement.1.section"),
            ({"measurement": {"1": {"section": "labs", "colour": "x"}}}, "concepts.measurement.1.colour"),
        ],
    )
    def test_a_mapping_that_fits_no_section_is_named(self, export: Export, said: dict[str, Any], place: str) -> None:
        with pytest.raises(InvalidInput, match=place):
            imported(Form.omop, export.folder, ImportMapping(concepts=said))


class TestRows:
    def test_both_pressures_of_one_time_are_one_entry(self, export: Export) -> None:
        export.table(
            "measurement",
            *(
                {
                    "measurement_id": id_, "person_id": "1", "measurement_concept_id": concept,
                    "measurement_date": "2026-01-01", "value_as_number": value, "unit_concept_id": "8876",
                }
                for id_, concept, value in (("1", "3004249", "130"), ("2", "3012888", "80"))
            ),
        )  # fmt: skip
        (vital,) = export.row()["vitals"]
        assert (vital["systolic"], vital["diastolic"]) == (130, 80)

    def test_a_condition_of_many_visits_is_one_diagnosed_at_the_first(self, export: Export) -> None:
        export.table(
            "condition_occurrence",
            *(
                {
                    "condition_occurrence_id": day, "person_id": "1", "condition_concept_id": CONDITIONS["NSCLC"],
                    "condition_start_date": f"2025-01-{day}",
                }
                for day in ("20", "11", "15")
            ),
        )  # fmt: skip
        (tumour,) = export.row()["tumours"]
        assert tumour["diagnosed"] == datetime.date(2025, 1, 11)

    @pytest.mark.parametrize("id_", ["1.0", "9.007199254740993e15", "", "x", "+1", "01"])
    def test_an_id_that_went_through_a_float_is_refused(self, export: Export, id_: str) -> None:
        export.table("person", {"person_id": "1", "year_of_birth": "1950"}, {"person_id": id_, "year_of_birth": "1950"})
        (told,) = imported(Form.omop, export.folder).told
        assert told["problems"][0]["line"] == 3 and "whole numbers" in told["problems"][0]["mend"]

    @pytest.mark.parametrize(
        ("cells", "said"),
        [
            ({"measurement_date": "2026-W09-7"}, "is no day"),
            ({"value_as_number": "NaN"}, "NaN is no number"),
            ({"value_as_number": "1,5"}, "is not a number"),
            ({"measurement_date": "01.02.2026"}, "is no day"),
        ],
    )
    def test_a_wrong_cell_refuses_its_person(self, export: Export, cells: dict[str, str], said: str) -> None:
        export.measured(
            **{
                "measurement_concept_id": LABS["AFP"],
                "value_as_number": "1",
                "unit_concept_id": UNITS["ng/mL"],
                **cells,
            }
        )
        (told,) = imported(Form.omop, export.folder).told
        assert told["case"] == "1" and said in told["error"]
        assert (told["problems"][0]["file"], told["problems"][0]["line"]) == ("measurement.csv", 2)

    def test_a_row_of_nobody_is_named(self, export: Export) -> None:
        export.table("measurement", {"measurement_id": "1", "person_id": "9", "measurement_concept_id": "1"})
        (told,) = imported(Form.omop, export.folder).told
        assert told["case"] == "9" and "not in person.csv" in told["error"]


class TestParquet:
    def test_it_reads_as_csv_does_and_keeps_ids_beyond_2_to_the_53(self, tmp_path: Path) -> None:
        case = {
            "sex": "female", "birth_date": "1960-01-02",
            "conditions": [{"disease": "NSCLC", "diagnosed": "2024-01-01"}],
            "labs": [{"name": "AFP", "value": 5, "unit": "ng/mL", "date": "2025-01-01"}],
        }  # fmt: skip
        from_csv = imported(Form.omop, omop_folder([case, case], tmp_path / "csv"))
        (tmp_path / "parquet").mkdir()
        for file in (tmp_path / "csv").iterdir():
            table = pa.csv.read_csv(io.BytesIO(file.read_bytes()))
            pq.write_table(table, tmp_path / "parquet" / f"{file.stem.upper()}.parquet")
        from_parquet = imported(Form.omop, tmp_path / "parquet")
        assert from_parquet.rows == from_csv.rows and len(from_csv.rows) == 2

    def test_a_float_column_of_ids_is_refused(self, tmp_path: Path) -> None:
        pq.write_table(pa.table({"person_id": [1.0]}), tmp_path / "person.parquet")
        with pytest.raises(InvalidInput, match="no table of persons"):
            imported(Form.omop, tmp_path)

    def test_a_file_that_is_cut_off_is_named_and_the_rest_is_read(self, export: Export) -> None:
        (export.folder / "measurement.parquet").write_bytes(b"PAR1 and no more")
        found = imported(Form.omop, export.folder)
        assert found.told[0]["problems"][0]["file"] == "measurement.parquet" and len(found.rows) == 1


def test_the_day_of_the_board_must_be_said(export: Export) -> None:
    from tumorboard.errors import WrongUsage

    with pytest.raises(WrongUsage, match="--as-of"):
        imported(Form.omop, export.folder, as_of=None)


def test_every_id_of_the_knowledge_means_something_the_readers_know() -> None:
    words = KNOWLEDGE.folder.read("cohort/omop.yaml")["omop"]
    fhir = KNOWLEDGE.folder.read("vocabulary/fhir.yaml")
    known = {code for heading in ("diseases", "labs", "observations") for code in fhir[heading]}
    assert set(_texts(words["concepts"].values())) - set(fhir["blood_pressure"].values()) <= known
    assert all(KNOWLEDGE.vocabulary.drugs.find(name).inn == name for name in words["drugs"].values())
    assert all(unit in fhir["units"] or unit in ("cm", "kg") for unit in words["units"].values())
    assert all(code in fhir["diseases"] for code in words["topographies"].values())


def _texts(values: Iterable[object]) -> list[str]:
    return [str(value) for value in values]
