"""Renders the specifications of tests/spec into docs/language.md: run it, or ``make docs``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
SPECS, MANUAL = HERE.parent / "tests" / "spec", HERE / "language.md"
CHAPTERS = {
    "values": "Values and unknowns",
    "logic": "Logic",
    "comparisons": "Comparisons",
    "choices": "Choices and bands",
    "rows": "Rows",
    "dates": "Dates",
    "biomarkers": "Biomarkers",
    "assumptions": "Assumptions",
    "errors": "Errors",
}
HEAD = """# The rule language

Facts, situations, options and cautions are written in this language, as text in the YAML files under
`src/tumorboard/knowledge/`. The text has Python's expression syntax; it is read and never run. **Facts** may read the
rows of a case; **situations, options and cautions** are logic over facts.

This manual is made from the specifications in `tests/spec/`, which run on every reader (*explain*, which gives reasons,
and the *fast* reader): each table below is a test. Written are `T` and `F` for true and false, `?` for unknown, `NA`
for not applicable, `2..4` for a number from 2 to 4 (`2..`: or more), `{a, b?}` for a list that holds a and perhaps b.
In the last column stand the inputs an unknown answer asks for.
"""


def manual() -> str:
    """The whole manual; its chapters in order, each test module's sections as they stand there."""
    sys.path.insert(0, str(SPECS))
    try:
        chapters = [f"## {title}\n\n{chapter(SPECS / folder)}" for folder, title in CHAPTERS.items()]
    finally:
        sys.path.remove(str(SPECS))
    return "\n\n".join((HEAD.strip(), *chapters)) + "\n"


def chapter(folder: Path) -> str:
    from language import Section

    modules = [_loaded(path) for path in sorted(folder.glob("test_*.py"))]
    sections = [value for module in modules for value in vars(module).values() if isinstance(value, Section)]
    return "\n\n".join(section.render() for section in sections)


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"spec_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    MANUAL.write_text(manual(), encoding="utf-8")
