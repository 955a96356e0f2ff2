"""Resources to put together in tests, and case files at random."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from tumorboard.case.fhir import Codes, case_data_from_fhir
from tumorboard.errors import Problem
from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.vocabulary.library import Vocabulary

FOLDER = KnowledgeFolder(SHIPPED)
VOCABULARY = Vocabulary.load(FOLDER)
CODES = Codes.from_data(FOLDER.read("vocabulary/fhir.yaml"))
TODAY = datetime.date(2026, 3, 1)
PATIENT = {"reference": "Patient/p"}
LOINC, SCT, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
HGNC, SO = "http://www.genenames.org", "http://www.sequenceontology.org"
MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"


def concept(system: str = "", code: str = "", display: str = "", text: str = "") -> dict[str, Any]:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return ({"coding": [coding]} if code else {}) | ({"text": text} if text else {})


def observation(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "o", "status": "final", "code": code, "subject": PATIENT, **more}


def loinc(code: str, **more: Any) -> dict[str, Any]:
    return observation(concept(LOINC, code), **more)


def quantity(value: Any, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def variant(result: str, *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A genetic variant assessment with that LOINC answer."""
    return loinc("69548-6", valueCodeableConcept=concept(LOINC, result), component=list(components), **more)


def gene(symbol: str, hgnc: str = "") -> dict[str, Any]:
    value = concept(HGNC, hgnc, symbol) if hgnc else {"text": symbol}
    return {"code": concept(LOINC, "48018-6"), "valueCodeableConcept": value}


def part(code: str, **value: Any) -> dict[str, Any]:
    return {"code": concept(LOINC, code), **value}


def protein(change: str) -> dict[str, Any]:
    return part("48005-3", valueCodeableConcept=concept("http://varnomen.hgvs.org", change))


def kind(code: str) -> dict[str, Any]:
    return part("48019-4", valueCodeableConcept=concept(SO, code))


def order(drug: str, day: str | None = None, **more: Any) -> dict[str, Any]:
    dated = {"authoredOn": day} if day else {}
    return {
        "resourceType": "MedicationRequest",
        "id": f"{drug}-{day}",
        "status": "active",
        "intent": "order",
        "subject": PATIENT,
        "medicationCodeableConcept": {"text": drug},
        **dated,
        **more,
    }


def condition(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c", "subject": PATIENT, "code": code, **more}


def read(*resources: Any) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    return case_data_from_fhir(list(resources), VOCABULARY, CODES)


def said(problems: tuple[Problem, ...]) -> str:
    return "\n".join(map(str, problems))


# --- case files at random

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
_DAY = st.dates(datetime.date(2000, 1, 1), datetime.date(2026, 2, 28)).map(str)
_NUMBER = (
    st.decimals("0", "1000", places=3)
    | st.integers(0, 10**6)
    | st.decimals(0, allow_nan=False, allow_infinity=False, places=20).filter(lambda x: x.adjusted() < 15)
)
_PERCENT = st.decimals(0, 100, places=1) | st.integers(0, 100)


def _entry(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


def _term(heading: str) -> st.SearchStrategy[str]:
    terms = VOCABULARY.terms.lists[heading].terms.values()
    return st.sampled_from([name for term in terms for name in (term.id, term.name.zh, *term.names)])


def _names(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names)


_CHANGES = _names(
    "EGFR|p.Leu858Arg",
    "EGFR|T790M",
    "EGFR|exon 19 deletion",
    "EGFR|20外显子插入",
    "EGFR|",
    "MET|amplification",
    "MET|扩增",
    "MET|copy-number gain",
    "MET|exon 14 skipping",
    "ALK|fusion",
    "ROS1|重排",
    "ERBB2|expression",
    "PD-L1|expression",
    "PD-L1|",
    "CDKN2A|loss",
    "TMB|",
    "MSI|",
    "MMR|",
    "KRAS|p.G12C",
    "BIM|",
    "TP53|mutation",
)


def _biomarkers() -> st.SearchStrategy[dict[str, Any]]:
    extra = _entry(
        {},
        result=_term("result"),
        assay=_term("assay") | _TEXT,
        specimen=_term("specimen") | _TEXT,
        clone=_names("22C3", "SP142"),
        measure=_term("measure"),
        value=_NUMBER,
        unit=_names("%", "ng/mL"),
        intensity=st.integers(0, 3),
        percent_cells=_PERCENT,
        date=_DAY,
    )

    def whole(change: str, more: dict[str, Any]) -> dict[str, Any]:
        name, _, said = change.partition("|")
        return {"name": name, **({"change": said} if said else {}), **more}

    return st.builds(whole, _CHANGES, extra)


def _treatments() -> st.SearchStrategy[list[dict[str, Any]]]:
    agents = st.lists(
        _names("osimertinib", "顺铂", "AZD9291", "pemetrexed", "Keytruda"), min_size=1, max_size=3, unique=True
    )
    entry = _entry(
        {"agents": agents},
        intent=_names("palliative", "姑息治疗", "definitive"),
        start=_DAY,
        end=_DAY,
        best_response=_term("response"),
        progressed=_DAY,
        progression=_term("progression"),
        stopped_for=_term("stopped_for"),
        cycles=st.integers(0, 40),
    )
    return st.lists(entry, max_size=3).map(lambda found: [{"line": n, **one} for n, one in enumerate(found, 1)])


CASES: st.SearchStrategy[dict[str, Any]] = _entry(
    {"id": _TEXT},
    sex=_term("sex"),
    birth_date=_DAY,
    age=st.integers(0, 130),
    as_of=st.just("2026-03-01"),
    height_cm=st.decimals(30, 260, places=1),
    weight_kg=st.integers(1, 500),
    conditions=st.lists(
        _entry(
            {"disease": _names("NSCLC", "SCLC", "肝癌", "HCC", "ILD", "gout")},
            histology=_term("histology"),
            diagnosed=_DAY,
            stage=_names("IV", "IIIA", "limited"),
            date=_DAY,
            transformed_from=_names("NSCLC"),
        ),
        max_size=3,
    ),
    primary=_entry({}, location=_term("location"), cavitation=st.booleans()),
    metastases=st.lists(
        _entry({"site": _names("brain", "骨", "spleen")}, symptomatic=st.booleans(), date=_DAY), max_size=2
    ),
    medication=st.lists(
        _entry({"name": _names("prednisone", "warfarin")}, mg_day=_NUMBER, start=_DAY, end=_DAY, date=_DAY), max_size=2
    ),
    vitals=st.lists(
        _entry(
            {"name": _names("blood pressure", "pulse", "mood")},
            systolic=_NUMBER,
            diastolic=_NUMBER,
            value=_NUMBER,
            unit=_names("mmHg", "/min"),
            date=_DAY,
        ),
        max_size=2,
    ),
    adverse_events=st.lists(
        _entry(
            {"event": _names("pneumonitis", "rash")}, grade=st.integers(1, 5), agent=_names("osimertinib"), date=_DAY
        ),
        max_size=2,
    ),
    performance=st.lists(_entry({"scale": _term("scale"), "value": st.integers(0, 100)}, date=_DAY), max_size=2),
    biomarkers=st.lists(_biomarkers(), max_size=4),
    treatments=_treatments(),
    procedures=st.lists(
        _entry({"kind": _term("procedure") | _TEXT}, date=_DAY, selective=st.booleans(), viable_percent=_PERCENT),
        max_size=2,
    ),
    labs=st.lists(
        _entry(
            {"name": _names("bilirubin", "白蛋白", "INR", "AFP", "zinc"), "value": _NUMBER},
            unit=_names("mg/dL", "µmol/L", "g/L", "ng/mL"),
            date=_DAY,
        ),
        max_size=3,
    ),
    imaging=st.lists(
        _entry(
            {},
            date=_DAY,
            tumours=st.integers(0, 9),
            largest_cm=_NUMBER,
            pattern=st.just([]),
            vascular_detail=st.lists(_entry({}, **{"class": _term("vessel_class")}), max_size=1),
        ),
        max_size=2,
    ),
    response=st.lists(_entry({"date": _DAY, "criteria": _term("criteria")}, target_sum_mm=_NUMBER), max_size=2),
    findings=st.lists(
        _entry({"name": _TEXT}, value=st.booleans() | st.integers(0, 4) | _NUMBER | st.just("无"), date=_DAY),
        max_size=2,
    ),
    eligibility=st.dictionaries(_TEXT, st.booleans(), max_size=2),
    consent=st.dictionaries(_TEXT, st.booleans(), max_size=2),
    note=_TEXT,
    other=st.lists(st.none() | _TEXT | _NUMBER | st.booleans(), max_size=2),
)
