"""Where the checkout is, the source texts that may lie beside it, and the programs some tests need."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = Path(os.environ.get("TUMORBOARD_SOURCES", ROOT.parent / "shared" / "sources"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def _postgres() -> Path | None:
    """The folder of PostgreSQL's server programs: on the path, or where Debian keeps them."""
    found = shutil.which("initdb")
    kept = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(kept) if (folder / "initdb").exists()), None)


POSTGRES = _postgres()
