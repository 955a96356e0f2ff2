"""Calculators for people: one score by itself, with its points, intervals, nearest boundary, and what would differ."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tumorboard.case.read import Case, case_from_data
from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage
from tumorboard.folder import KnowledgeFolder
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import tree
from tumorboard.logic.explain import Explainer, Step
from tumorboard.logic.tree import facts_read
from tumorboard.logic.values import Number
from tumorboard.text import Text, text_from
from tumorboard.vocabulary.names import nearest

_QUANTITY = re.compile(r"\s*(?P<number>[-+]?\d+(?:\.\d+)?)\s*(?P<unit>\D.*?)?\s*")


@dataclass(frozen=True, slots=True)
class Calculator:
    """A score with the options that feed it; ``inputs`` says in which section of a case each belongs."""

    id: str
    name: Text
    fact: str
    class_: str | None
    items: tuple[str, ...]
    inputs: Mapping[str, str]
    use: Text
    means: Text
    reference: str


@dataclass(frozen=True, slots=True)
class Fell:
    """A value in a table of cuts: the interval it fell into and how far the nearest cut is (``None``: no cut)."""

    name: str
    value: Step
    points: Step
    interval: str
    distance: Decimal | None


@dataclass(frozen=True, slots=True)
class Variant:
    """Another choice of an option that would give another answer."""

    option: str
    choice: str
    step: Step


@dataclass(frozen=True, slots=True)
class Calculation:
    calculator: Calculator
    result: Step
    class_: Step | None
    items: tuple[Fell, ...]
    variants: tuple[Variant, ...]


def load_calculators(folder: KnowledgeFolder) -> dict[str, Calculator]:
    """The calculators of every file of ``calculators/`` that has some. Raises InvalidKnowledge with file and line."""
    found = {}
    for name, content in folder.under("calculators"):
        for index, entry in enumerate(content.get("calculators", ())):
            try:
                found[entry["id"]] = Calculator(
                    entry["id"], text_from(entry["name"]), entry["fact"], entry.get("class"), tuple(entry["items"]),
                    entry["inputs"], text_from(entry["use"]), text_from(entry["means"]), entry["reference"],
                )  # fmt: skip
            except (KeyError, ValueError) as error:
                raise folder.error(name, ("calculators", index), f"the calculator is not complete: {error}") from error
    return found


def calculator(name: str, known: Mapping[str, Calculator]) -> Calculator:
    if name not in known:
        like = nearest(name, known)
        raise NotFound(Problem("", f"no calculator {name!r}", f"use {' | '.join(like or known)}"))
    return known[name]


def every_input(calculators: Mapping[str, Calculator]) -> dict[str, str]:
    """The inputs of all calculators, with the section of a case each belongs in."""
    return {name: section for each in calculators.values() for name, section in each.inputs.items()}


@functools.lru_cache(1000)  # a table asks for the same few with every row
def input_key(name: str) -> str:
    """An input's name as people write it in options and headings: ``largest_cm`` → ``largest-cm``."""
    return name.casefold().replace(" ", "-").replace("_", "-")


def case_from_options(
    given: Mapping[str, str],
    inputs: Mapping[str, str],
    id_: str,
    knowledge: Knowledge,
    today: datetime.date,
    prefix: str = "--",
) -> Case:
    """A case that holds just the given inputs (``bilirubin`` → ``34.2 umol/L``), under the id ``id_``.

    ``prefix`` stands before an input's name in messages: that of an option, none for a column.
    """
    keys = {input_key(name): name for name in inputs}
    data: dict[str, Any] = {"id": id_, "as_of": today.isoformat()}
    imaging: dict[str, Any] = {}
    for option, text in given.items():
        name = keys.get(input_key(option))
        if name is None:
            offered = ", ".join(f"{prefix}{key}" for key in keys)
            raise WrongUsage(Problem(f"{prefix}{option}", "no such input", f"use {offered}"))
        match inputs[name]:
            case "labs":
                number, unit = _quantity(f"{prefix}{option}", text)
                data.setdefault("labs", []).append({"name": name, "value": number, **({"unit": unit} if unit else {})})
            case "findings":
                data.setdefault("findings", []).append({"name": name, "value": _plain(text)})
            case "performance":
                data.setdefault("performance", []).append({"scale": name, "value": _plain(text)})
            case "eligibility":
                data.setdefault("eligibility", {})[name] = _plain(text)
            case "imaging":
                imaging[name] = _plain(text)
            case "patient":
                data[name] = _plain(text)
            case section:
                raise AssertionError(f"no section {section}")
    if imaging:
        data["imaging"] = [imaging]
    try:
        return case_from_data(data, knowledge.vocabulary, today)
    except InvalidInput as error:
        raise InvalidInput(*(_on_option(problem, data, prefix) for problem in error.problems)) from error


def _on_option(problem: Problem, data: Mapping[str, Any], prefix: str) -> Problem:
    """The problem at the option that caused it, not at the place in a file nobody wrote."""
    place = re.fullmatch(r"(labs|findings|performance)\[(\d+)\](?:\.\w+)?", problem.place)
    if place:
        entry = data[place[1]][int(place[2])]
        return Problem(f"{prefix}{entry.get('name', entry.get('scale'))}", problem.what, problem.mend)
    return problem


def _quantity(place: str, text: str) -> tuple[Decimal, str | None]:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        mend = 'write a number and its unit: "34.2 umol/L"'
        raise InvalidInput(Problem(place, f"{text!r} is no quantity", mend))
    return Decimal(found["number"]), found["unit"] or None


def _plain(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[-+]?\d+", text):
        return int(text)
    return Decimal(text) if re.fullmatch(r"[-+]?\d+\.\d+", text) else text


def calculate(wanted: Calculator, case: Case, knowledge: Knowledge) -> Calculation:
    """The score for a case, with what it was made from and which options would change it."""
    explainer = Explainer(knowledge.facts, case.tables)
    result = explainer.fact(wanted.fact)
    class_ = explainer.fact(wanted.class_) if wanted.class_ else None
    items = wanted.items or (*((wanted.class_,) if wanted.class_ else ()), wanted.fact)
    fell = tuple(_fell(name, explainer) for name in items)
    return Calculation(wanted, result, class_, fell, tuple(_variants(wanted, case, knowledge, result, class_)))


def _fell(name: str, explainer: Explainer) -> Fell:
    points = explainer.fact(name)
    band = _band(points)
    if band is None:
        return Fell(name, points, points, "", None)
    assert isinstance(band.node, tree.Band)
    value = band.parts[0]
    cuts = [(op, explainer.step(at).value) for op, at, _ in band.node.cuts]
    return Fell(name, value, points, _interval(value, cuts), _distance(value, cuts))


def _band(step: Step) -> Step | None:
    """The table of cuts that decided the value: the step itself, or the branch a choice took."""
    if isinstance(step.node, tree.Band):
        return step
    if isinstance(step.node, tree.Choose):
        return next((found for part in reversed(step.parts) if (found := _band(part))), None)
    return None


def _interval(value: Step, cuts: Sequence[tuple[str, Any]]) -> str:
    if not isinstance(value.value, Number) or not value.value.known or value.value.low is None:
        return ""
    number, below = value.value.low, ""
    for op, at in cuts:
        if number < at.low or (op == "<=" and number == at.low):
            return f"{below}{op} {at.low}" if not below else f"{below} and {op} {at.low}"
        below = f"{'>=' if op == '<' else '>'} {at.low}"
    return below


def _distance(value: Step, cuts: Sequence[tuple[str, Any]]) -> Decimal | None:
    if not isinstance(value.value, Number) or not value.value.known or value.value.low is None or not cuts:
        return None
    return min(abs(Decimal(value.value.low) - Decimal(at.low)) for _, at in cuts)


def _variants(
    wanted: Calculator, case: Case, knowledge: Knowledge, result: Step, class_: Step | None
) -> Iterator[Variant]:
    for name in sorted(_parameters(wanted, knowledge)):
        for choice in knowledge.facts.parameters[name].choices:
            if choice == knowledge.facts.settings[name]:
                continue
            other = Explainer(knowledge.facts.with_settings({name: str(choice)}), case.tables)
            differs = other.fact(wanted.fact).value != result.value
            if class_ is not None and wanted.class_ is not None:
                differs |= other.fact(wanted.class_).value != class_.value
            if differs:
                yield Variant(name, str(choice), other.fact(wanted.class_ or wanted.fact))


def _parameters(wanted: Calculator, knowledge: Knowledge) -> set[str]:
    """The options the score reads, through all facts below it."""
    names, todo, found = set(), [wanted.fact, *((wanted.class_,) if wanted.class_ else ())], set()
    while todo:
        name = todo.pop()
        if name not in names:
            names.add(name)
            node = knowledge.facts.definitions[name].node
            found |= set(named_parameters(node))
            todo += facts_read(node)
    return found


def named_parameters(node: tree.Node) -> Iterator[str]:
    """The options a rule itself names, not those of the facts it reads."""
    if isinstance(node, tree.Parameter):
        yield node.name
    for child in tree.children(node):
        yield from named_parameters(child)
