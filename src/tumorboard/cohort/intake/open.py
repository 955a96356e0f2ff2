"""An export opened: the records of each of its patients, and what makes a case of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

from tumorboard.case.fhir.case import codes_of
from tumorboard.cohort.intake.bulk import SUFFIX, bulk_groups, bulk_reader
from tumorboard.cohort.intake.importing import Spread
from tumorboard.cohort.intake.mapping import ImportMapping
from tumorboard.cohort.intake.omop import Omop
from tumorboard.cohort.intake.omop_codes import PLACE, Concepts
from tumorboard.cohort.intake.omop_person import OmopReader
from tumorboard.cohort.intake.recognise import Form, files_of
from tumorboard.cohort.intake.refusals import Account, Unknown
from tumorboard.cohort.intake.sheets import Sheets
from tumorboard.cohort.intake.sorting import Group
from tumorboard.cohort.intake.taking import Reader
from tumorboard.errors import NotFound, Problem, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge


def opened_export(
    form: Form, source: Path, temporary: Path, mapping: ImportMapping, as_of: datetime.date | None,
    knowledge: Knowledge, account: Account, spread: Spread,
) -> tuple[Iterator[Group], Reader]:  # fmt: skip
    """The records of each patient of an export, and their reader. ``temporary`` is for sorting.

    Raises NotFound and InvalidInput where the export as a whole can't be read.
    """
    files = files_of(source)
    if form is Form.fhir_bulk:
        lines = [file for file in files if file.suffix == SUFFIX]
        if not lines:
            raise NotFound(Problem(str(source), "holds no .ndjson file", "a bulk export has one or more a type"))
        _not_read([file for file in files if file.suffix != SUFFIX], account)
        groups = bulk_groups(lines, temporary, account, spread)
        return groups, bulk_reader(knowledge.vocabulary, codes_of(knowledge.folder))
    if form is Form.csv:
        sheets = Sheets(files, mapping, account)
        return sheets.groups(temporary, account), sheets.read
    if as_of is None:
        raise WrongUsage(
            Problem("--as-of", "OMOP tables hold no day of the board", "give --as-of, or as_of in the mapping")
        )
    concepts = Concepts(knowledge.folder.read(PLACE)["omop"], codes_of(knowledge.folder), mapping)
    omop = Omop(files, mapping, OmopReader(concepts, mapping, knowledge.vocabulary, as_of), account)
    return omop.groups(temporary, account), omop.read


def _not_read(files: list[Path], account: Account) -> None:
    for file in files:
        account.not_understood([Unknown(file.name, "is no .ndjson file; not read")])
        account.say(f"{file.name} is no .ndjson file and is not read")
