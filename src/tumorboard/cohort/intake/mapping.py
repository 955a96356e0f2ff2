"""The mapping file of an import: their headings in our columns, their codes in our words, and what their lists are.

``docs/cohort-import.md`` describes it. Nothing is mapped that the file or our knowledge doesn't say.
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tumorboard.case.model import Section
from tumorboard.case.read import place_of
from tumorboard.cohort.intake.recognise import Form
from tumorboard.data import parse_yaml, read_text
from tumorboard.errors import InvalidInput, Problem, WrongUsage

VERSION: Literal["tumorboard.import/1"] = "tumorboard.import/1"
# What a list of a case holds: all there is, also where a patient has no row; all there is where the patient has rows;
# or some of what there is.
Whole = Literal["whole", "rows", "open"]
_FORMATS = {
    "YYYY-MM-DD": "%Y-%m-%d", "YYYY/MM/DD": "%Y/%m/%d", "YYYYMMDD": "%Y%m%d", "DD.MM.YYYY": "%d.%m.%Y",
    "DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y",
}  # fmt: skip


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileMapping(_Form):
    """One file: its section, their heading → our column (null: not read), and by our column their code → our word."""

    section: str
    columns: dict[str, str | None] = {}
    values: dict[str, dict[str, Any]] = {}
    fixed: dict[str, Any] = {}
    dates: Literal["YYYY-MM-DD", "YYYY/MM/DD", "YYYYMMDD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY"] = "YYYY-MM-DD"

    @property
    def date_format(self) -> str:
        return _FORMATS[self.dates]


class ImportMapping(_Form):
    """The whole file. ``concepts`` and ``ignored`` are for OMOP, by table: a concept id, or a source value."""

    schema_: Annotated[Literal["tumorboard.import/1"], Field(alias="schema")] = VERSION
    as_of: datetime.date | None = None
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    list_separator: Annotated[str, Field(min_length=1, max_length=3)] = ";"
    complete: dict[Section, Whole] = {}
    files: dict[str, FileMapping] = {}
    concepts: dict[str, dict[str, str | dict[str, Any]]] = {}
    ignored: dict[str, list[str] | Literal["rest"]] = {}

    @field_validator("ignored", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        # An id in a list is written as a number and is the same code as the text of a table's cell.
        if not isinstance(value, dict):
            return value
        return {key: [str(one) for one in codes] if isinstance(codes, list) else codes for key, codes in value.items()}


def read_mapping(path: Path | None, form: Form) -> ImportMapping:
    """The mapping in a YAML file; an empty one without. Raises NotFound, or InvalidInput naming each wrong entry."""
    if path is None:
        return ImportMapping()
    if form not in (Form.csv, Form.omop):
        raise WrongUsage(Problem("--mapping", f"a mapping for {form.value}", "it is for csv and omop"))
    data = parse_yaml(read_text(path), path.name)
    if not isinstance(data, dict) or data.get("schema") != VERSION:
        raise InvalidInput(Problem(path.name, "is no mapping", f"it starts with `schema: {VERSION}`"))
    try:
        return ImportMapping.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(
            *(Problem(f"{path.name}: {place_of(one['loc'])}", one["msg"]) for one in error.errors())
        ) from error
