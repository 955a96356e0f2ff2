"""A result as a guideline that runs: a folder for ``--knowledge``, loaded, tested and proved before it is written."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tumorboard.advice.examples import check_guidelines
from tumorboard.consensus.draft import draft_of, grading_of
from tumorboard.consensus.result import Outcome, Result
from tumorboard.consensus.wording import shown_share
from tumorboard.consensus.writing import to_yaml
from tumorboard.errors import InvalidKnowledge, Problem, WrongUsage
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.model import NOT_RECOMMENDED, Guideline
from tumorboard.text import Text

_HEAD = """\
Made from the votes of a panel; `tumorboard advise CASE --knowledge DIR` uses it. Do not edit the grades: they follow
from the votes and the protocol, and the signed result beside this file holds both."""
_MINORITY = Text(
    "Minority statement ({others} of {votes} voted otherwise): {said}",
    "少数意见（{votes}人中{others}人另有意见）：{said}",
)
_CONDITION = Text("Some experts: {said}", "部分专家认为：{said}")


@dataclass(frozen=True, slots=True)
class Checked:
    """A guideline that passed its checks: how many of its examples ran, and whether it was proved."""

    content: Mapping[str, Any]
    examples: int
    proved: bool


def guideline_content(result: Result) -> dict[str, Any]:
    """The guideline's data. Raises WrongUsage for a consensus about items, which recommends nothing to a patient."""
    protocol = result.protocol
    if protocol.decides != "options":
        raise WrongUsage(
            Problem("protocol", f"{protocol.id} decides about items, not about options", "use the record or the report")
        )
    content = draft_of(result.questions.data, protocol)
    content["basis"] = "panel"
    content["grading"] = grading_of(protocol)
    asked = {outcome.question.id: outcome for outcome in result.outcomes}
    content["strategies"] = [
        {**strategy, **_agreement(asked[strategy["id"]], result)}
        for strategy in content["strategies"]
        if strategy["id"] in asked
    ]
    for situation in content["situations"]:
        situation["options"] = [
            option
            for each in situation["options"]
            if each["strategy"] in asked and (option := _graded(each, asked[each["strategy"]])) is not None
        ]
    order = ("id", "name", "source", "published", "basis", "scope", "definition", "texts", "grading", "strategies",
             "situations", "not_covered", "examples", "accepted", "proof")  # fmt: skip
    if result.questions.data.get("proof"):
        content["proof"] = result.questions.data["proof"]
    return {key: content[key] for key in order if key in content}


def _agreement(outcome: Outcome, result: Result) -> dict[str, Any]:
    tallied = outcome.tally
    if tallied.share is None:
        return {}
    shown = shown_share(tallied.share, result.protocol.cuts)
    found: dict[str, Any] = {"agreement": int(shown) if shown == int(shown) else shown}
    if tallied.votes is not None:
        found["votes"] = {"for": tallied.agreeing, "of": tallied.votes}
    return found


def _graded(option: Mapping[str, Any], outcome: Outcome) -> dict[str, Any] | None:
    """The option with its strength; None where too few voted, or its level is unknown and decides: no grade is no
    option."""
    decided = next(graded.decided for graded in outcome.options if graded.regimen.id == option["id"])
    if decided is None or decided.strength is None:
        return None
    found = {**option, "strength": decided.strength}
    tallied = outcome.tally
    remarks = list(option.get("remarks") or ())
    if outcome.minority and tallied.votes is not None and tallied.agreeing is not None:
        said = _MINORITY.format(
            others=tallied.votes - tallied.agreeing,
            votes=tallied.votes,
            said=Text(
                "; ".join(f"“{each}”" for each in outcome.minority), "；".join(f"“{m}”" for m in outcome.minority)
            ),
        )
        remarks.append({"text": said.as_dict()})
    if remarks:
        found["remarks"] = remarks
    conditions = list(option.get("conditions") or ())
    if decided.strength != NOT_RECOMMENDED:
        for condition, _ in outcome.conditions:
            entry: dict[str, Any] = {"text": _CONDITION.format(said=condition.text).as_dict()}
            if condition.when is not None:
                entry["when"] = condition.when
            conditions.append(entry)
    if conditions:
        found["conditions"] = conditions
    return found


def checked(
    content: Mapping[str, Any], more: Sequence[Path], today: date, prove: bool, added: Mapping[str, Any] | None = None
) -> Checked:
    """``content`` loaded beside our knowledge, its grades compared with its rule, its examples run, and proved.

    ``added``: what the panel stands by after the vote (``accepted``, ``not_covered``). Raises InvalidKnowledge.
    """
    whole = _with_added(content, added or {})
    with tempfile.TemporaryDirectory() as folder:
        write_guideline(whole, Path(folder))
        known = Knowledge.load(*more, Path(folder))
    guideline = known.guideline(whole["id"])
    problems = [Problem(guideline.id, each, "the votes and the grade must agree") for each in guideline.differences()]
    problems += check_guidelines(known, today, only=guideline.id)
    if problems:
        raise InvalidKnowledge(*problems)
    if prove:
        _prove(known, guideline)
    return Checked(whole, len(guideline.examples), prove)


def _prove(known: Knowledge, guideline: Guideline) -> None:
    """Raises InvalidKnowledge with every finding of the proof nobody stands by."""
    from tumorboard.guidelines.proving import prove

    proof = prove(known, guideline)
    mend = "mend the situations, or give a reason under `accepted:`"
    problems = [
        Problem(f"{guideline.id}: proof", _told(each), mend) for each in proof.findings if each.accepted is None
    ]
    problems += [Problem(f"{guideline.id}: proof", f"{each} was not decided", mend) for each in proof.open]
    if problems:
        raise InvalidKnowledge(*problems)


def _told(finding: object) -> str:
    """A finding of a proof in one line: its kind and what it names."""
    names = {name: getattr(finding, name) for name in finding.__slots__ if name != "accepted"}  # type: ignore[attr-defined]
    return f"{type(finding).__name__}: " + ", ".join(f"{name} {value}" for name, value in names.items() if value)


def _with_added(content: Mapping[str, Any], added: Mapping[str, Any]) -> dict[str, Any]:
    if extra := sorted(set(added) - {"accepted", "not_covered"}):
        raise WrongUsage(Problem(extra[0], "can't be added after the vote", "use accepted or not_covered"))
    whole = dict(content)
    if added.get("not_covered"):
        whole["not_covered"] = [*(content.get("not_covered") or ()), *added["not_covered"]]
    if added.get("accepted"):
        before = content.get("accepted") or {}
        headings = dict.fromkeys((*before, *added["accepted"]))
        whole["accepted"] = {h: [*(before.get(h) or ()), *(added["accepted"].get(h) or ())] for h in headings}
    return whole


def write_guideline(content: Mapping[str, Any], folder: Path) -> Path:
    """The guideline's file in ``folder``, and for whom a proof expects it to have a situation; the guideline's path."""
    file = folder / "guidelines" / f"{content['id']}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(to_yaml({key: value for key, value in content.items() if key != "proof"}, _HEAD), encoding="utf-8")
    if content.get("proof"):
        scope = folder / "proof" / file.name
        scope.parent.mkdir(parents=True, exist_ok=True)
        scope.write_text(to_yaml({"scopes": [{"guideline": content["id"], **content["proof"]}]}), encoding="utf-8")
    return file
