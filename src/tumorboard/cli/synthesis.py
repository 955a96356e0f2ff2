"""``evidence pool``: findings pooled, or refused with every reason."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from tumorboard.cli.common import KnowledgeOption, Lang, LangOption, OutOption, load_knowledge, to_json, write

if TYPE_CHECKING:
    from tumorboard.evidence.synthesis import MetaResult
    from tumorboard.text import Language


class PoolFormat(StrEnum):
    text = "text"
    json = "json"
    svg = "svg"


class PoolMethod(StrEnum):
    reml = "REML"
    ml = "ML"
    dl = "DL"
    common = "common"


class Plot(StrEnum):
    forest = "forest"
    funnel = "funnel"


def pool(
    ids: Annotated[list[str], typer.Argument(metavar="ID ID …", help="Findings to pool; `evidence list` names them.")],
    format: Annotated[PoolFormat, typer.Option("--format", help="Form of the answer.")] = PoolFormat.text,
    plot: Annotated[Plot, typer.Option("--plot", help="Which plot --format svg draws.")] = Plot.forest,
    method: Annotated[
        PoolMethod, typer.Option("--method", help="Estimator of the variance between studies, for ratios.")
    ] = PoolMethod.reml,
    lang: LangOption = Lang.en,
    out: OutOption = None,
    knowledge: KnowledgeOption = None,
) -> None:
    """Pool findings in a meta-analysis, or say why they must not be pooled (exit 4)."""
    from tumorboard.evidence.synthesis import synthesise
    from tumorboard.evidence.synthesis.plots import forest, funnel

    known = load_knowledge(knowledge)
    findings = [known.findings.get(name) for name in ids]
    result = synthesise(findings, method.value, language=lang.language)
    match format:
        case PoolFormat.json:
            write(to_json({"findings": ids, **result.record()}), out)
        case PoolFormat.svg:
            draw = forest if plot is Plot.forest else funnel
            write(draw(result, lang.language) + "\n", out)
        case PoolFormat.text:
            write(_text(result, lang.language), out)


def _text(result: MetaResult, language: Language) -> str:
    from tumorboard.evidence.synthesis.words import heterogeneity, span_of, summary

    rows = [(study.name, span_of(result, study.value, (study.low, study.high)), study) for study in result.studies]
    lines = [f"{name}\t{value}\t{study.weight:.1f}%" for name, value, study in rows]
    lines += ["", f"{summary(result, language)} ({result.method})", heterogeneity(result, language)]
    lines += [f"- {note[language]}" for note in result.notes]
    return "\n".join(lines) + "\n"
