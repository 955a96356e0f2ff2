"""Small case files, and the advice on them as a board reads it: shared by the tests of advice and case."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.advice.advise import advise
from tumorboard.advice.model import Advice
from tumorboard.case.read import case_from_data
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.record import advice_record
from tumorboard.text import Language

AS_OF = "2026-03-01"
CaseData = dict[str, Any]


@dataclass(frozen=True)
class Board:
    """What was advised on one case; ``record`` is the JSON document of the interface."""

    advice: Advice
    record: dict[str, Any]

    def verdict(self, situation: str) -> str:
        return next(entry["verdict"] for entry in self.record["situations"] if entry["id"] == situation)

    @property
    def met(self) -> set[str]:
        return {entry["id"] for entry in self.record["situations"] if entry["verdict"] == "met"}

    @property
    def unknown(self) -> set[str]:
        return {entry["id"] for entry in self.record["situations"] if entry["verdict"] == "unknown"}

    def fact(self, name: str) -> dict[str, Any]:
        fact: dict[str, Any] = self.record["facts"][name]
        return fact

    def value(self, name: str) -> Any:
        return self.fact(name)["value"]

    def option(self, situation: str, *regimen: str) -> dict[str, Any]:
        """The one option of ``situation`` with this regimen."""
        found = [o for o in self.record["options"] if o["situation"] == situation and o["regimen"] == list(regimen)]
        assert len(found) == 1, f"{len(found)} options {regimen} in {situation}: {self.regimens(situation)}"
        return found[0]

    def regimens(self, situation: str) -> list[list[str]]:
        return [option["regimen"] for option in self.record["options"] if option["situation"] == situation]

    def cautions(self, situation: str, *regimen: str) -> str:
        """The texts of an option's cautions, one a line."""
        return "\n".join(caution["text"] for caution in self.option(situation, *regimen)["cautions"])

    @property
    def asked(self) -> dict[str, dict[str, Any]]:
        return {question["ask"]: question for question in self.record["questions"]}

    @property
    def not_covered(self) -> str:
        return "\n".join(entry["because"] for entry in self.record["not_covered"])


def board_on(
    knowledge: Knowledge, case: Mapping[str, Any], settings: Mapping[str, str] | None = None, lang: Language = "en"
) -> Board:
    chosen = knowledge.with_settings(settings or {})
    data = {"schema": "tumorboard.case/1", "id": "test", "as_of": AS_OF, **case}
    advice = advise(case_from_data(data, chosen.vocabulary, datetime.date.fromisoformat(AS_OF)), chosen)
    return Board(advice, advice_record(advice, chosen, lang))


def day(start: str, later: int) -> str:
    return (datetime.date.fromisoformat(start) + datetime.timedelta(days=later)).isoformat()


def line(number: int, *agents: str, **more: Any) -> CaseData:
    """A line of therapy; ``progressed`` in full or, with ``after``, that many days after its end."""
    entry: CaseData = {"line": number, "agents": list(agents), **more}
    after = entry.pop("after", None)
    if after is not None:
        entry["progressed"] = day(entry["end"], after)
    return entry


def marker(name: str, change: str | None = None, result: str | None = "present", **more: Any) -> CaseData:
    entry = {"name": name, "change": change, "result": result, **more}
    return {key: value for key, value in entry.items() if value is not None}


def sclc(*treatments: CaseData, **more: Any) -> CaseData:
    return {"conditions": [{"disease": "SCLC"}], "treatments": list(treatments), **more}


def nsclc(*treatments: CaseData, **more: Any) -> CaseData:
    condition = {"disease": "NSCLC", "histology": "adenocarcinoma"}
    return {"conditions": [condition], "treatments": list(treatments), **more}


def refractory_sclc(interval: int = 60, *later: CaseData, **more: Any) -> CaseData:
    """SCLC whose carboplatin and etoposide ended on 2025-04-01, progressed ``interval`` days later."""
    first = line(1, "carboplatin", "etoposide", start="2025-01-01", end="2025-04-01", after=interval)
    return sclc(first, *later, **more)


def after_osimertinib(*more_markers: CaseData, **more: Any) -> CaseData:
    """EGFR L858R, osimertinib first, widespread progression on 2025-10-20."""
    first = line(
        1, "osimertinib", start="2024-03-01", end="2025-10-20", progressed="2025-10-20", progression="widespread"
    )
    return nsclc(first, **{"biomarkers": [marker("EGFR", "L858R", date="2024-02-20"), *more_markers], **more})


def after_gefitinib(*more_markers: CaseData, progression: str = "widespread", **more: Any) -> CaseData:
    """EGFR exon 19 deletion, gefitinib first, progression on 2025-06-01."""
    first = line(1, "gefitinib", start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression=progression)
    deletion = marker("EGFR", "exon 19 deletion", date="2024-02-20")
    return nsclc(first, **{"biomarkers": [deletion, *more_markers], **more})


def negative_markers(*others: CaseData) -> list[CaseData]:
    """EGFR, ALK and ROS1 tested and absent."""
    return [*(marker(gene, None, "absent") for gene in ("EGFR", "ALK", "ROS1")), *others]


def driver_negative(*later: CaseData, progression: str = "widespread", **more: Any) -> CaseData:
    """No driver; pembrolizumab with platinum and pemetrexed first, progression on 2025-06-01."""
    first = line(
        1, "pembrolizumab", "carboplatin", "pemetrexed",
        start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression=progression,
    )  # fmt: skip
    return nsclc(first, *later, **{"biomarkers": negative_markers(), **more})


def low_response(*more_markers: CaseData, **more: Any) -> CaseData:
    """Carboplatin and pemetrexed first, a partial response, limited progression on 2025-06-01."""
    first = line(
        1, "carboplatin", "pemetrexed", start="2024-03-01", end="2025-06-01", progressed="2025-06-01",
        best_response="PR", progression="limited",
    )  # fmt: skip
    return nsclc(first, **{"biomarkers": list(more_markers), **more})


def transformed(*treatments: CaseData, into: CaseData | None = None, **more: Any) -> CaseData:
    """EGFR-mutant adenocarcinoma that became small cell cancer under osimertinib."""
    first = line(
        1, "osimertinib", start="2024-03-01", end="2025-10-20", progressed="2025-10-20", progression="widespread"
    )
    new = into or {"disease": "SCLC", "histology": "small cell"}
    conditions = [
        {"disease": "NSCLC", "histology": "adenocarcinoma", "diagnosed": "2024-02-10"},
        {"diagnosed": "2025-11-02", "transformed_from": "NSCLC", **new},
    ]
    case = {
        "conditions": conditions,
        "treatments": list(treatments) or [first],
        "biomarkers": [marker("EGFR", "L858R", date="2024-02-20")],
    }
    return {**case, **more}
