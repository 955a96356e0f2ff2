"""Small synthetic liver cases, shared by the tests of the guideline."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

CaseData = dict[str, Any]


def hcc(tumours: int, largest_cm: str, *, albumin: int = 45, ascites: str = "none", **more: Any) -> CaseData:
    """HCC at ECOG 0 with complete burden and function; by default Child-Pugh 5, ALBI 1, nothing given before."""
    image = {
        "tumours": tumours, "largest_cm": Decimal(largest_cm), "lobes": "unilobar", "vascular_invasion": "none",
        "extrahepatic_spread": False, "pattern": [], **more.pop("image", {}),
    }  # fmt: skip
    bilirubin = more.pop("bilirubin", 12)
    return {
        "conditions": [{"disease": "HCC"}],
        "performance": [{"scale": "ECOG", "value": more.pop("ecog", 0)}],
        "labs": [
            {"name": "bilirubin", "value": bilirubin, "unit": "umol/L"},
            {"name": "albumin", "value": albumin, "unit": "g/L"},
            {"name": "INR", "value": 1},
        ],
        "findings": [{"name": "ascites", "value": ascites}, {"name": "encephalopathy", "value": 0}],
        "imaging": [image],
        "procedures": [],
        "treatments": [],
        "eligibility": {"resection": False, "ablation": False, "transplant": False},
        **more,
    }


B1 = hcc(2, "5.0")
B2 = hcc(2, "5.1")
B3 = hcc(3, "5.1", albumin=30, ascites="slight")
B4 = hcc(4, "3.0", albumin=30, ascites="slight", bilirubin=40)
TWICE_INSUFFICIENT = [
    {"kind": "TACE", "date": day, "viable_percent": 60, "new_lesions": False} for day in ("2025-01-01", "2025-03-01")
]
