"""Tools for assistants (Model Context Protocol): what the knowledge says, each claim with the finding that supports it.

An assistant gets typed results and may say only what stands in them: options with their grade and findings, findings
with the printed quote and what was found wrong with it, and what is unknown as unknown. Nothing is kept, and nothing of
a case is logged.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Literal, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from tumorboard.advice.advise import advise
from tumorboard.advice.calculate import calculate, calculator, case_from_options, load_calculators
from tumorboard.advice.given import case_given
from tumorboard.case.read import Case
from tumorboard.errors import InvalidInput, NotFound, Problem, TumorboardError
from tumorboard.evidence import default_store, stored_texts
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.record import as_record
from tumorboard.evidence.search import EvidenceIndex, NameReader, default_cache
from tumorboard.evidence.statistics import Check, NotReadable, grim, p_from_counts, ratio
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Explainer
from tumorboard.logic.tree import Fact
from tumorboard.logic.wording import Wording
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.rescue import available, rescues
from tumorboard.mechanism.tiers import load_tiers, tiers_of
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.report.calculation import calculation_record
from tumorboard.report.explain import explain, explain_option
from tumorboard.report.record import NOTICE, advice_record, case_facts_record
from tumorboard.report.resistance import resistance_record
from tumorboard.text import Language

Result = TypeVar("Result")
_MOST_FINDINGS = 50
INSTRUCTIONS = """\
Oncology guidelines as checked data. Say only what a result supports, and cite its findings (id, source, printed quote).
'unknown' and 'not recorded' are never 'negative': name what is missing instead. Strength, level and agreement belong to
an option in its situation, never to a drug. 'mechanism only' is a hypothesis, never advice. Doses are not given. The
results inform clinicians and do not replace them."""


class About(BaseModel):
    """What every result rests on."""

    knowledge_version: str
    knowledge_date: str
    notice: str


class Citation(BaseModel):
    """A finding: what is printed where, and what was found about it."""

    finding: str
    source: str
    study: str | None
    quote: str | None = Field(description="verbatim from the source")
    printed: str | None
    level: str | None
    says: str | None
    remarks: list[str] = Field(description="what is wrong with it, or what overtook it")


class OptionTold(BaseModel):
    id: str
    guideline: str
    situation: str
    name: str
    regimen: list[str]
    status: Literal["applies", "possible", "excluded"] | None
    basis: str
    strength: str | None
    level: str | None
    agreement: float | None
    because: str
    conditions: list[str]
    cautions: list[str]
    remarks: list[str]
    missing: list[str]
    citations: list[Citation]


class SituationTold(BaseModel):
    guideline: str
    id: str
    name: str
    verdict: Literal["met", "not met", "unknown"]
    because: str
    missing: list[str]


class Advised(BaseModel):
    about: About
    situations: list[SituationTold]
    options: list[OptionTold]
    not_covered: list[str]
    questions: list[str] = Field(description="missing results that would decide, the most decisive first")
    hypotheses: list[str] = Field(description="mechanism only; never advice")
    not_understood: list[str]


class FactTold(BaseModel):
    name: str
    value: Any
    unit: str | None
    status: Literal["known", "unknown", "not applicable"]
    possible: Any
    missing: list[str]
    because: str


class Assessed(BaseModel):
    about: About
    facts: list[FactTold]


class Explained(BaseModel):
    about: About
    lines: list[str] = Field(description="the derivation as a tree, indented")


class Found(BaseModel):
    about: About
    findings: list[Citation]


class Checked(BaseModel):
    about: About
    kind: str
    printed: str | None
    verdict: str
    recomputed: list[dict[str, Any]]
    by: list[str]


class Document(BaseModel):
    """A result whose form is that of the command line's JSON."""

    about: About
    result: dict[str, Any]


class Tools:
    """The tools for one knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def about(self, language: Language) -> About:
        known = self.knowledge
        return About(knowledge_version=known.version, knowledge_date=known.date, notice=NOTICE[language])

    def case(self, data: dict[str, Any]) -> Case:
        return case_given(data, self.knowledge, datetime.date.today())

    @cached_property
    def index(self) -> EvidenceIndex:
        known = self.knowledge
        texts = stored_texts(known.findings, default_store(os.environ))
        names = NameReader(known.vocabulary, known.folder)
        return EvidenceIndex.open(known.findings, names, known.sha256, texts, default_cache(os.environ))

    @cached_property
    def network(self) -> Mechanism:
        return Mechanism(load_network(self.knowledge.folder, self.knowledge.vocabulary))

    def citation(self, name: str, language: Language) -> Citation:
        return cited(self.knowledge.findings.get(name), language)

    # -- the tools -----------------------------------------------------------------------------------------------

    def advise(self, case: dict[str, Any], language: Language = "en") -> Advised:
        """Options of guidelines for one patient, each with grade, reason, cautions and the findings behind it.

        `case` is a Tumorboard case file as JSON, or a FHIR R4 Bundle (mCODE).
        """
        record = advice_record(advise(self.case(case), self.knowledge), self.knowledge, language)
        return Advised(
            about=self.about(language),
            situations=[
                SituationTold(**{**one, "name": one["name"][language]})
                for one in record["situations"]
                if one["verdict"] != "not met"
            ],
            options=[self.option(one, language) for one in record["options"]],
            not_covered=[one["because"] for one in record["not_covered"]],
            questions=[one["text"][language] for one in record["questions"]],
            hypotheses=[f"{' + '.join(one['regimen'])}: {one['because']}" for one in record["hypotheses"]],
            not_understood=[f"{one['place']}: {one['what']}" for one in record["not_understood"]],
        )

    def option(self, one: dict[str, Any], language: Language) -> OptionTold:
        cautions = [caution["text"] for caution in one["cautions"]]
        citations = [self.citation(name, language) for name in one["evidence"]]
        return OptionTold(**{**one, "name": one["name"][language], "cautions": cautions, "citations": citations})

    def assess(self, case: dict[str, Any], language: Language = "en") -> Assessed:
        """Every fact computed from one patient's record: value, or what is still possible and what is missing."""
        record = case_facts_record(self.case(case), self.knowledge, language)
        facts = [FactTold(name=name, **one) for name, one in record["facts"].items()]
        return Assessed(about=self.about(language), facts=facts)

    def explain(self, case: dict[str, Any], name: str, language: Language = "en") -> Explained:
        """The full derivation of one fact, situation or option (by its id) for one patient."""
        known, one = self.knowledge, self.case(case)
        explainer, wording = Explainer(known.facts, one.tables), Wording(known.facts)
        if name in known.facts.definitions:
            told = explain(explainer.step(Fact(name, known.facts.definitions[name].type)), wording, language)
            return Explained(about=self.about(language), lines=list(told.lines()))
        advice = advise(one, known)
        for answer in advice.options:
            if answer.option.id == name:
                told = explain_option(answer, explainer, wording, language)
                return Explained(about=self.about(language), lines=list(told.lines()))
        if (situation := advice.situation(name)) is not None:
            told = explain(situation.step, wording, language)
            return Explained(about=self.about(language), lines=list(told.lines()))
        raise NotFound(Problem("name", f"no fact, situation or listed option {name!r}", "use an id from `advise`"))

    def search_evidence(
        self, question: str, endpoint: str | None = None, limit: int = 10, language: Language = "en"
    ) -> Found:
        """Findings by any name of a drug, gene, disease or study, in English or Chinese, best first."""
        hits = self.index.search(question, endpoint=endpoint, limit=min(limit, _MOST_FINDINGS)).hits
        found = [self.citation(hit.id, language) for hit in hits if hit.kind == "finding"]
        return Found(about=self.about(language), findings=found)

    def check_statistics(
        self,
        kind: Literal["grim", "p-from-counts", "ratio"],
        values: dict[str, str],
        language: Language = "en",
    ) -> Checked:
        """Whether a printed statistic can be reproduced. `values` as printed, by kind.

        grim: percentage, n. p-from-counts: first (20/38), second (4/41), printed (<0.001).
        ratio: value, low, high, and optionally p.
        """
        check = _checked(kind, values)
        record = check.record()
        fields = {name: record[name] for name in ("kind", "printed", "verdict", "recomputed", "by")}
        return Checked(about=self.about(language), **fields)

    def mechanism(
        self, genotype: str, drugs: list[str], ligands: list[str] | None = None, language: Language = "en"
    ) -> Document:
        """Which route stays active under drugs for a genotype ("EGFR ex19del; MET amplification"): a hypothesis."""
        reader = self.network
        answer = reader.ask(genotype, drugs, ligands or (), ())
        found = rescues(reader, answer) if available() else None
        tiers = tiers_of(answer, found or (), load_tiers(self.knowledge.folder, reader.network), reader.network)
        record = resistance_record(answer, reader, found, tiers, self.knowledge, language)
        return Document(about=self.about(language), result=record)

    def calculate(self, name: str, inputs: dict[str, str], language: Language = "en") -> Document:
        """A score by itself (child-pugh, albi, bclc …): points, interval, class. Inputs as text with unit."""
        calculators = load_calculators(self.knowledge.folder)
        wanted = calculator(name, calculators)
        case = case_from_options(inputs, wanted.inputs, wanted.id, self.knowledge, datetime.date.today(), prefix="")
        record = calculation_record(calculate(wanted, case, self.knowledge), self.knowledge, language)
        return Document(about=self.about(language), result=record)


def cited(finding: Finding, language: Language) -> Citation:
    record = as_record(finding)
    return Citation(
        finding=finding.id,
        source=finding.source,
        study=finding.study,
        quote=finding.quote,
        printed=finding.printed,
        level=finding.level,
        says=finding.claim[language] if finding.claim else None,
        remarks=[remark["text"][language] for remark in record["remarks"]],
    )


def _checked(kind: str, values: dict[str, str]) -> Check:
    try:
        match kind:
            case "grim":
                return grim(values["percentage"], values["n"])
            case "p-from-counts":
                return p_from_counts(values["first"], values["second"], values["printed"])
            case _:
                return ratio(values["value"], (values["low"], values["high"]), values.get("p"))
    except KeyError as error:
        raise InvalidInput(Problem(f"values.{error.args[0]}", "is missing", f"{kind} needs it")) from error
    except NotReadable as error:
        raise InvalidInput(Problem(error.place, error.what, error.mend)) from error


def assistants(knowledge: Knowledge) -> MCPServer[Any]:
    """The server with its tools."""
    server: MCPServer[Any] = MCPServer(
        "tumorboard", version=knowledge.version, instructions=INSTRUCTIONS, log_level="ERROR"
    )
    tools = Tools(knowledge)
    for tool in (
        tools.advise, tools.assess, tools.explain, tools.search_evidence, tools.check_statistics, tools.mechanism,
        tools.calculate,
    ):  # fmt: skip
        server.add_tool(_told(tool), name=tool.__name__, description=tool.__doc__)
    return server


def _told(tool: Callable[..., Result]) -> Callable[..., Result]:
    """The tool with its errors as an assistant can mend them: where, what is wrong, what would be right."""

    @wraps(tool)
    def told(*args: Any, **named: Any) -> Result:
        try:
            return tool(*args, **named)
        except TumorboardError as error:
            raise ToolError("\n".join(map(str, error.problems))) from error

    return told
