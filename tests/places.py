"""Where the checkout is, and the source texts that may lie beside it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = Path(os.environ.get("TUMORBOARD_SOURCES", ROOT.parent / "shared" / "sources"))
