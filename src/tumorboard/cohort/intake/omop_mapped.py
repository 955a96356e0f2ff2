"""What a mapping says of OMOP concepts, checked against the sections of a case file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tumorboard.cohort.intake.cells import FLAGS, PATIENTS, SINGLE, sections
from tumorboard.errors import InvalidInput, Problem

# A name alone in the mapping is an entry of this section, under this key. Drugs have none: theirs are lines of therapy.
_NAMED: Mapping[str, tuple[str, str]] = {
    "condition_occurrence": ("conditions", "disease"),
    "measurement": ("labs", "name"),
    "procedure_occurrence": ("procedures", "kind"),
    "observation": ("findings", "name"),
}
_NOT_HERE = (PATIENTS, SINGLE, "treatments", *FLAGS)


def checked_entry(table: str, said: str | Mapping[str, Any], place: str) -> Mapping[str, Any] | None:
    """The mapping's entry for a concept, None for the name of a drug. Raises InvalidInput where no section has it."""
    if isinstance(said, str):
        named = _NAMED.get(table)
        return None if named is None else {"section": named[0], named[1]: said}
    known = sections()
    section = str(said.get("section"))
    if section not in known or section in _NOT_HERE:
        use = ", ".join(name for name in known if name not in _NOT_HERE)
        raise InvalidInput(Problem(f"{place}.section", f"{section!r} is no section of entries", f"use {use}"))
    for key in said:
        if key not in known[section] and key not in ("section", "values"):
            raise InvalidInput(Problem(f"{place}.{key}", f"is no key of {section}", f"use {', '.join(known[section])}"))
    if not isinstance(said.get("values", {}), Mapping):
        raise InvalidInput(Problem(f"{place}.values", "is no list of their code: our word"))
    return said
