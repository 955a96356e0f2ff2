"""The synthetic patients that come with the product."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tumorboard.advice.hypotheses import mechanism
from tumorboard.data import read_text
from tumorboard.errors import InvalidInput, NotFound, Problem
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.mechanism.of_case import question_of
from tumorboard.report.names import Names
from tumorboard.text import Language
from tumorboard.web.pages.worksheet import read_worksheet

FOLDER = Path(__file__).parent.parent.parent / "demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo by the name of its file; ``title`` is its case, ``about`` its disease and what was found and given."""

    name: str
    title: str
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


_asked: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}  # by the hash of the knowledge


def demo_questions(knowledge: Knowledge) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the network may be asked of the demos: the genotype as people write it, and the drugs of the last line."""
    if knowledge.sha256 not in _asked:
        _asked[knowledge.sha256] = tuple(dict.fromkeys(_questions(knowledge)))
    return _asked[knowledge.sha256]


def _questions(knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, ...]]]:
    network = mechanism(knowledge).network
    for path in _files():
        case, _ = read_worksheet(read_text(path), knowledge)
        try:
            asked = question_of(case, network)
        except InvalidInput:  # no alteration on record, or no drug of the network
            continue
        drugs = tuple(agent.id for agent in asked.agents if agent.members)
        if drugs:
            yield "; ".join(entry.id for entry in asked.genotype.entries), drugs


def _files() -> Iterator[Path]:
    yield from (path for path in sorted(FOLDER.iterdir()) if path.suffix in (".yaml", ".json"))


def _demo(path: Path, knowledge: Knowledge, names: Names) -> Demo:
    case, _ = read_worksheet(read_text(path), knowledge)
    diseases = [names.disease(entry.disease) for entry in case.file.conditions or ()]
    found = [
        " ".join(filter(None, (entry.name, entry.change)))
        for entry in case.file.biomarkers or ()
        if entry.result == "present"
    ]
    given = [names.agents(entry.agents) for entry in case.file.treatments or ()]
    parts = (*diseases[:1], *dict.fromkeys(found[:3]), *given[-2:])
    return Demo(path.stem, case.id, " · ".join(parts))
