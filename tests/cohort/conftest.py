"""Makes the random case files of tests/case/fhir importable."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "case" / "fhir"))
