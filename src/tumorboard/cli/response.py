"""``response``: RECIST 1.1 and mRECIST over measurements in sequence."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.batch import load_cases
from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    SetOption,
    load_knowledge,
    pairs,
    say,
    to_json,
    today,
    write,
)
from tumorboard.errors import NotFound, Problem, TumorboardError, WrongUsage
from tumorboard.text import Language

if TYPE_CHECKING:
    from tumorboard.response.model import Course, Patient


class Plot(StrEnum):
    waterfall = "waterfall"
    spider = "spider"
    swimmer = "swimmer"


def response(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A case file, a list of patients (YAML, JSON) or CSV.")],
    format: Annotated[Format, typer.Option("--format", help="Form of the answer.")] = Format.text,
    plot: Annotated[Plot | None, typer.Option("--plot", help="Draw this plot as SVG instead.")] = None,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    set: SetOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Response at every time point, best response and its dates, from sums or single lesions."""
    from tumorboard.response.assess import assess_patient
    from tumorboard.response.criteria import load_criteria
    from tumorboard.response.read import ResponseReader
    from tumorboard.response.record import patient_record

    known = load_knowledge(knowledge)
    if plot == Plot.swimmer:
        from tumorboard.response.plots import swimmer

        cases, unread = [], False
        for name, case in load_cases(file, known):
            if isinstance(case, TumorboardError):
                say(f"error: {name}: {case}")
                unread = True
            else:
                cases.append(case)
        write(swimmer(cases, known.vocabulary.drugs, lang.language), out)
        if unread:  # the others are drawn
            raise typer.Exit(4)
        return
    criteria = load_criteria(known.folder)
    patients = ResponseReader(criteria, known.vocabulary).read_file(file, today())
    courses = [(patient, assess_patient(patient, criteria, pairs(set))) for patient in patients]
    if not any(found for _, found in courses):
        raise NotFound(Problem(str(file), "holds no measurements", "a case lists them under `response`"))
    if plot is not None:
        from tumorboard.response.plots import Plotted, spider, waterfall

        every = [(patient.id, course) for patient, each in courses for course in each]
        name = every[0][1].criteria
        shown = [Plotted(id_, course) for id_, course in every if course.criteria == name]
        for id_, course in every:
            if course.criteria != name:  # sums by two criteria are no one plot
                say(f"not drawn: {id_} by {course.criteria}; the plot is for {name}")
        draw = waterfall if plot == Plot.waterfall else spider
        write(draw(shown, criteria[name], lang.language), out)
        return
    match format:
        case Format.json:
            write(to_json([patient_record(patient, each, lang.language) for patient, each in courses]), out)
        case Format.jsonl:
            lines = (to_json(patient_record(patient, each, lang.language), indent=None) for patient, each in courses)
            write("".join(lines), out)
        case Format.text:
            write("".join(_lines(courses, lang.language)), out)
        case _:
            raise WrongUsage(Problem("", f"responses as {format.value}", "use --format text, json or jsonl"))


def _lines(courses: list[tuple[Patient, tuple[Course, ...]]], language: Language) -> Iterator[str]:
    from tumorboard.response.record import course_record

    for patient, each in courses:
        for course in each:
            record = course_record(course, language)
            best = record["best_response"]
            words = best["value"] or " | ".join(best["possible"])
            yield f"{patient.id}\t{course.criteria}\t{words}\n"
            for point in record["timepoints"]:
                overall = point["overall"]
                shown = overall["value"] or " | ".join(overall["possible"])
                yield f"  {point['date']}\t{point['sum_mm']} mm\t{shown}\t{'; '.join(point['because'])}\n"


def add_to(app: typer.Typer) -> None:
    app.command()(response)
