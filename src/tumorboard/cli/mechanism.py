"""``mechanism``: which route stays open under a drug, and what would close it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.common import (
    Format,
    KnowledgeOption,
    Lang,
    LangOption,
    OutOption,
    load_case,
    load_knowledge,
    to_json,
    write,
)
from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage

if TYPE_CHECKING:
    from tumorboard.mechanism.answer import Answer
    from tumorboard.mechanism.rescue import Rescue
    from tumorboard.mechanism.verdict import Mechanism

_FORMS = (Format.text, Format.json, Format.html)


def mechanism(
    genotype: Annotated[
        str,
        typer.Argument(
            metavar="GENOTYPE|CASE",
            help='Alterations and states, as in "EGFR ex19del; MET amplification"; or a case file.',
        ),
    ],
    drug: Annotated[
        list[str] | None,
        typer.Option(
            "--drug", help="A drug, laboratory compound or mechanism (MET inhibitor); may be given several times."
        ),
    ] = None,
    ligand: Annotated[list[str] | None, typer.Option("--ligand", help="A ligand that is present (HGF).")] = None,
    knockdown: Annotated[
        list[str] | None, typer.Option("--knockdown", help="A node silenced in the laboratory (ERBB3).")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Write the routes as a picture.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FILE", help="Write the network for other tools: .bnet (BoolNet) or .sbml (qual)."
        ),
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Form of the answer: text, json or html.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Which outputs stay active under a drug, by which route, and what would close it: a hypothesis, not advice."""
    from tumorboard.mechanism.load import load_network
    from tumorboard.mechanism.of_case import question_of
    from tumorboard.mechanism.tiers import load_tiers, tiers_of
    from tumorboard.mechanism.verdict import Mechanism
    from tumorboard.report.pathway import pathway_svg
    from tumorboard.report.resistance import resistance_lines, resistance_record
    from tumorboard.report.resistance_page import resistance_html

    if format not in _FORMS:
        raise WrongUsage(Problem("", f"mechanism as {format.value}", "use --format text, json or html"))
    known = load_knowledge(knowledge)
    reader = Mechanism(load_network(known.folder, known.vocabulary))
    file = Path(genotype)
    if file.suffix in (".yaml", ".yml", ".json"):
        asked = question_of(load_case(file, known), reader.network, drug or ())
        answer = reader.judge(
            asked.genotype, asked.agents, [reader.network.node(name, "knockdown").id for name in knockdown or ()]
        )
    else:
        answer = reader.ask(genotype, drug or (), ligand or (), knockdown or ())
    found = _rescues(reader, answer)
    tiers = tiers_of(answer, found or (), load_tiers(known.folder, reader.network), reader.network)
    if picture is not None:
        write(pathway_svg(answer, reader, lang.language) + "\n", picture)
    if export is not None:
        write(_exported(reader, answer, export), export)
    if format is Format.json:
        write(to_json(resistance_record(answer, reader, found, tiers, known, lang.language)), out)
    elif format is Format.html:
        write(resistance_html(answer, reader, found, tiers, known, lang.language), out)
    else:
        write("\n".join(resistance_lines(answer, reader, found, tiers, known, lang.language)) + "\n", out)


def _exported(reader: Mechanism, answer: Answer, file: Path) -> str:
    """The network of the first world; the file's ending says in which form."""
    from tumorboard.mechanism.export import to_boolnet, to_sbml_qual

    forms = {".bnet": to_boolnet, ".sbml": to_sbml_qual, ".xml": to_sbml_qual}
    if file.suffix not in forms:
        raise WrongUsage(Problem("--export", f"{file.name}", "end the name with .bnet or .sbml"))
    if not answer.worlds:
        raise InvalidInput(Problem("", f"nothing to export: {answer.because.en}"))
    return forms[file.suffix](reader.wiring, answer.worlds[0])


def _rescues(reader: Mechanism, answer: Answer) -> tuple[Rescue, ...] | None:
    """The rescue sets; None, which the answer says, where the extra is absent."""
    from tumorboard.mechanism.rescue import available, rescues

    return rescues(reader, answer) if available() else None


def clones(
    genotype: Annotated[str, typer.Argument(metavar="GENOTYPE", help='Alterations, as in "EGFR ex19del".')],
    drug: Annotated[list[str], typer.Option("--drug", help="A drug or mechanism; may be given several times.")],
    tumours: Annotated[
        int, typer.Option("-n", "--tumours", min=1, max=1_000_000, help="How many to simulate.")
    ] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same tumours.")] = 0,
    holiday: Annotated[
        str | None, typer.Option("--holiday", metavar="ON/OFF", help="Days on and off the drug in turn, as in 28/7.")
    ] = None,
    cells: Annotated[float | None, typer.Option("--cells", help="Cells when treatment starts.")] = None,
    supply: Annotated[float, typer.Option("--supply", help="Multiplies the mutation rate.")] = 1.0,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="FILE.svg", help="Write the plot.")] = None,
    format: Annotated[Format, typer.Option("--format", help="Form of the answer: text or json.")] = Format.text,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """How resistance would arise under a drug in simulated tumours: what such a process does, never a prediction."""
    try:
        from tumorboard.mechanism.clones import load_rates, simulate, with_cells
    except ModuleNotFoundError as error:
        raise NotFound(Problem("", "simulated clones need numpy", "pip install 'tumorboard[mechanism]'")) from error
    from tumorboard.mechanism.genotype import parse_genotype
    from tumorboard.mechanism.load import load_network
    from tumorboard.mechanism.verdict import Mechanism
    from tumorboard.report.clones import clones_lines, clones_record, clones_svg

    if format not in (Format.text, Format.json):
        raise WrongUsage(Problem("", f"clones as {format.value}", "use --format text or json"))
    known = load_knowledge(knowledge)
    reader = Mechanism(load_network(known.folder, known.vocabulary))
    rates = load_rates(known.folder)
    rates = rates if cells is None else with_cells(rates, cells)
    agents = [reader.network.agent(name, f"drug[{number}]") for number, name in enumerate(drug)]
    course = simulate(
        reader, parse_genotype(genotype, reader.network), agents, rates,
        tumours=tumours, seed=seed, holiday=_holiday(holiday), supply=supply,
    )  # fmt: skip
    if plot is not None:
        write(clones_svg(course, lang.language) + "\n", plot)
    if format is Format.json:
        write(to_json(clones_record(course, rates, known)), out)
    else:
        write("\n".join(clones_lines(course, rates, reader.network, known, lang.language)) + "\n", out)


def _holiday(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    on, sign, off = text.partition("/")
    if not (sign and on.isdigit() and off.isdigit()):
        raise WrongUsage(Problem("--holiday", f"{text!r}", "write days on and off, as in 28/7"))
    return int(on), int(off)


def add_to(app: typer.Typer) -> None:
    app.command()(mechanism)
    app.command()(clones)
