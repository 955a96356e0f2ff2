"""The synthetic patients that come with the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tumorboard.advice.hypotheses import mechanism
from tumorboard.case.model import Biomarker
from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.of_case import question_of
from tumorboard.report.names import Names
from tumorboard.text import Language, Text
from tumorboard.web.pages.worksheet import read_worksheet

FOLDER = Path(__file__).parent.parent.parent / "demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo by the name of its file: its case, its ``disease``, and what was found and given."""

    name: str
    case: str
    disease: str
    about: str


_read: dict[tuple[str, Language], tuple[Demo, ...]] = {}  # by the hash of the knowledge: they don't change


def demos(knowledge: Knowledge, language: Language) -> tuple[Demo, ...]:
    key = (knowledge.sha256, language)
    if key not in _read:
        names = Names(knowledge.vocabulary, language)
        _read[key] = tuple(_demo(path, knowledge, names) for path in _files())
    return _read[key]


def demo_text(name: str, knowledge: Knowledge) -> str:
    """The case file of a demo. Raises NotFound."""
    for path in _files():
        if path.stem == name:
            return read_worksheet(read_text(path), knowledge)[1]
    raise NotFound(Problem("", f"no demo {name!r}", "the home page lists them"))


@dataclass(frozen=True, slots=True)
class DemoQuestion:
    """What the network may be asked of a demo: the genotype as people write it and as they read it, the drugs given."""

    genotype: str
    shown: Text
    drugs: tuple[str, ...]


_asked: dict[str, tuple[DemoQuestion, ...]] = {}  # by the hash of the knowledge


def demo_questions(knowledge: Knowledge) -> tuple[DemoQuestion, ...]:
    if knowledge.sha256 not in _asked:
        found = {(each.genotype, each.drugs): each for each in _questions(knowledge)}
        _asked[knowledge.sha256] = tuple(found.values())
    return _asked[knowledge.sha256]


def _questions(knowledge: Knowledge) -> Iterator[DemoQuestion]:
    network = mechanism(knowledge).network
    for path in _files():
        case, _ = read_worksheet(read_text(path), knowledge)
        try:
            asked = question_of(case, network)
        except InvalidInput:  # no alteration on record, or no drug of the network
            continue
        drugs = tuple(agent.id for agent in asked.agents if agent.members)
        if drugs:
            ids = [entry.id for entry in asked.genotype.entries]
            called = [network.alteration_name(id_) for id_ in ids]
            shown = Text("; ".join(name.en for name in called), "；".join(name.zh for name in called))
            yield DemoQuestion("; ".join(ids), shown, drugs)


def _files() -> Iterator[Path]:
    yield from (path for path in sorted(FOLDER.iterdir()) if path.suffix in (".yaml", ".json"))


def _demo(path: Path, knowledge: Knowledge, names: Names) -> Demo:
    case, _ = read_worksheet(read_text(path), knowledge)
    diseases = [names.disease(entry.disease) for entry in case.file.conditions or ()]
    found = [
        _altered(entry, knowledge, names.language) for entry in case.file.biomarkers or () if entry.result == "present"
    ]
    given = [names.agents(entry.agents) for entry in case.file.treatments or ()]
    parts = (*dict.fromkeys(found[:3]), *given[-2:])
    return Demo(path.stem, case.id, diseases[0] if diseases else case.id, " · ".join(parts))


def _altered(entry: Biomarker, knowledge: Knowledge, language: Language) -> str:
    alterations = knowledge.vocabulary.alterations
    return alterations.name(alterations.parse(" ".join(filter(None, (entry.name, entry.change)))).id)[language]
