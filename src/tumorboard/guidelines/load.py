"""Guidelines and cautions from a knowledge folder, every name and rule in them checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, Protocol

from tumorboard.evidence import Findings
from tumorboard.folder import KnowledgeFolder
from tumorboard.guidelines.by_design import DesignRule, Grade
from tumorboard.guidelines.design_rules import load_design_rules
from tumorboard.guidelines.grading import Grading, GradingRule
from tumorboard.guidelines.model import (
    Accepted,
    AcceptedName,
    AcceptedOverlap,
    Argument,
    Ask,
    Caution,
    Condition,
    Definition,
    Exclusion,
    Guideline,
    GuidelineRemark,
    HeaderLine,
    NotCovered,
    Option,
    Rule,
    Situation,
    Slot,
    Strategy,
    UnderStudy,
)
from tumorboard.logic.facts import Facts
from tumorboard.logic.inputs import Input
from tumorboard.logic.parser import RuleError, parse_rule
from tumorboard.logic.tree import TRUTH
from tumorboard.text import Text, text_from

Path = tuple[str | int, ...]
Entry = Mapping[str, Any]

_OPTION_KEYS = {
    "id", "strategy", "regimen", "level", "strength", "cell", "evidence", "citations", "conditions", "excluded_when",
    "cautions", "remarks", "interchangeable", "grade", "arguments", "conclusion",
}  # fmt: skip
_SITUATION_KEYS = {"id", "name", "table", "when", "options", "remarks", "asks", "continues", "under_study"}
_GUIDELINE_KEYS = {
    "id", "name", "source", "published", "basis", "scope", "definition", "texts", "grading", "strategies", "situations",
    "not_covered", "examples", "graded_by", "header", "studies", "accepted",
}  # fmt: skip


def load_guidelines(folder: KnowledgeFolder, facts: Facts, findings: Findings) -> dict[str, Guideline]:
    """Every file of ``guidelines/`` by the guideline's id. Raises InvalidKnowledge with file and line."""
    found: dict[str, Guideline] = {}
    rules = load_design_rules(folder)
    for name, content in folder.under("guidelines"):
        guideline = _Loader(folder, name, content, facts, findings, rules).guideline()
        if guideline.id in found:
            raise folder.error(name, ("id",), f"a guideline {guideline.id!r} is there already")
        found[guideline.id] = guideline
    return found


class Places(Protocol):
    """Who words an error at an entry of a file: a knowledge folder, or what a guideline's content was made from."""

    def error(self, name: str, path: tuple[str | int, ...], what: str, mend: str = "") -> Exception: ...


def guideline_from(content: Entry, name: str, places: Places, facts: Facts, findings: Findings) -> Guideline:
    """A guideline from content that stands in no folder yet; raises what ``places`` makes of what is wrong."""
    return _Loader(places, name, content, facts, findings, {}).guideline()


def load_cautions(folder: KnowledgeFolder, facts: Facts, findings: Findings) -> tuple[Caution, ...]:
    """Every file of ``cautions/``."""
    found: list[Caution] = []
    for name, content in folder.under("cautions"):
        loader = _Loader(folder, name, content, facts, findings, {})
        found += loader.cautions(("cautions",), content.get("cautions"))
    return tuple(found)


@dataclass(frozen=True)
class _Loader:
    folder: Places
    file: str
    content: Entry
    facts: Facts
    findings: Findings
    rules: Mapping[str, DesignRule]

    def guideline(self) -> Guideline:
        content = self.content
        self.only_keys((), content, _GUIDELINE_KEYS)
        for key in ("id", "name", "source", "published", "basis", "scope", "situations"):
            if key not in content:
                raise self.error((), f"a guideline without `{key}`")
        grading = self.grading(("grading",), content["grading"]) if content.get("grading") else None
        graded_by = content.get("graded_by")
        if graded_by is not None and graded_by not in self.rules:
            raise self.error(("graded_by",), f"no grading rule {graded_by!r}", f"there are {', '.join(self.rules)}")
        strategies: dict[str, Strategy] = {}
        for index, entry in enumerate(content.get("strategies") or ()):
            strategies[entry["id"]] = self.strategy(("strategies", index), entry)
        situations = tuple(
            self.situation(("situations", index), entry, strategies, grading)
            for index, entry in enumerate(content["situations"])
        )
        self.refuse_twice([situation.id for situation in situations], "situations")
        self.refuse_twice([option.id for situation in situations for option in situation.options], "options")
        scope = content["scope"]
        accepted = self.accepted(("accepted",), content.get("accepted") or {}, situations)
        if content["basis"] not in ("panel", "by-design", "ungraded"):
            raise self.error(("basis",), f"unknown basis {content['basis']!r}", "use panel | by-design | ungraded")
        return Guideline(
            id=content["id"],
            name=self.text(("name",), content["name"]),
            source=content["source"],
            published=str(content["published"]),
            basis=content["basis"],
            scope=self.rule(("scope", "when"), scope["when"]),
            scope_name=self.text(("scope", "name"), scope["name"]),
            definitions=tuple(self.definitions()),
            grading=grading,
            strategies=strategies,
            situations=situations,
            not_covered=(*self.not_covered(), *accepted.gaps),
            examples=tuple(content.get("examples") or ()),
            rule=None if graded_by is None else self.rules[graded_by],
            header=tuple(self.header()),
            studies={
                study: self.text(("studies", study), text) for study, text in (content.get("studies") or {}).items()
            },
            accepted=accepted,
        )

    def accepted(self, path: Path, entry: Entry, situations: Sequence[Situation]) -> Accepted:
        """What a proof may find; every situation, option and fact named is there."""
        self.only_keys(path, entry, {"overlaps", "gaps", "dead", "grades", "cuts"})
        ids = {situation.id for situation in situations}
        options = {option.id for situation in situations for option in situation.options}
        known: Mapping[str, set[str]] = {"dead": ids, "grades": options, "cuts": set(self.facts.definitions)}
        names: dict[str, list[AcceptedName]] = {heading: [] for heading in known}
        overlaps: list[AcceptedOverlap] = []
        gaps: list[NotCovered] = []
        for index, each in enumerate(entry.get("overlaps") or ()):
            pair = tuple(each.get("situations") or ())
            if len(set(pair)) != 2 or set(pair) - ids:
                raise self.error((*path, "overlaps", index), f"{pair} are not two situations of this guideline")
            overlaps.append(AcceptedOverlap(frozenset(pair), self.reason((*path, "overlaps", index), each)))
        for index, each in enumerate(entry.get("gaps") or ()):
            when = self.rule((*path, "gaps", index, "when"), each["when"])
            gaps.append(NotCovered(when, self.reason((*path, "gaps", index), each)))
        for heading, there in known.items():
            for index, each in enumerate(entry.get(heading) or ()):
                if each.get("name") not in there:
                    raise self.error((*path, heading, index), f"{each.get('name')!r} is not there", "name it by its id")
                names[heading].append(AcceptedName(each["name"], self.reason((*path, heading, index), each)))
        return Accepted(
            tuple(overlaps), tuple(gaps), tuple(names["dead"]), tuple(names["grades"]), tuple(names["cuts"])
        )

    def reason(self, path: Path, entry: Entry) -> Text:
        if "because" not in entry:
            raise self.error(path, "accepted without a reason", "write `because: {en: …, zh: …}`")
        return self.text((*path, "because"), entry["because"])

    def definitions(self) -> Iterator[Definition]:
        for index, entry in enumerate(self.content.get("definition") or ()):
            path = ("definition", index)
            yield Definition(self.text(path, entry["name"]), self.known(path, entry.get("findings")))

    def header(self) -> Iterator[HeaderLine]:
        for index, entry in enumerate(self.content.get("header") or ()):
            path: Path = ("header", index)
            for name in entry["facts"]:
                if name not in self.facts.definitions:
                    raise self.error((*path, "facts"), f"unknown fact {name!r}")
            yield HeaderLine(self.text((*path, "name"), entry["name"]), tuple(entry["facts"]))

    def not_covered(self) -> Iterator[NotCovered]:
        for index, entry in enumerate(self.content.get("not_covered") or ()):
            path = ("not_covered", index)
            yield NotCovered(self.rule((*path, "when"), entry["when"]), self.text(path, entry["because"]))

    def grading(self, path: Path, entry: Entry) -> Grading:
        return Grading(
            name=self.text((*path, "name"), entry["name"]),
            levels={level: self.text((*path, "levels", level), text) for level, text in entry["levels"].items()},
            strengths={name: self.text((*path, "strengths", name), text) for name, text in entry["strengths"].items()},
            rules=tuple(
                GradingRule(
                    frozenset(rule["levels"]),
                    self.percentage((*path, "rules", index, "at_least"), rule["at_least"]),
                    rule["strength"],
                    rule.get("finding"),
                )
                for index, rule in enumerate(entry.get("rules") or ())
            ),
        )

    def percentage(self, path: Path, value: object) -> Decimal | Fraction:
        """A number of percent, or a fraction of two whole numbers (200/3) where no decimal is exact."""
        try:
            return Fraction(value) if isinstance(value, str) else Decimal(str(value))
        except (ValueError, ArithmeticError) as error:
            raise self.error(path, f"{value!r} is no percentage", "write 80, or 200/3 for two thirds") from error

    def strategy(self, path: Path, entry: Entry) -> Strategy:
        agreement = entry.get("agreement")
        if agreement is not None and not 0 <= agreement <= 100:
            raise self.error((*path, "agreement"), f"an agreement of {agreement} %", "0 to 100")
        vote = entry.get("vote")
        self.known((*path, "vote"), [vote] if vote else None)
        name = self.text((*path, "name"), entry["name"])
        printed = None if agreement is None else Decimal(agreement)
        return Strategy(entry["id"], name, entry["kind"], printed, vote, self.votes((*path, "votes"), entry, printed))

    def votes(self, path: Path, entry: Entry, printed: Decimal | None) -> Fraction | None:
        """The exact share in percent where the votes were counted; what is printed must be this share, rounded."""
        votes = entry.get("votes")
        if votes is None:
            return None
        self.only_keys(path, votes, {"for", "of"})
        given, of = votes.get("for"), votes.get("of")
        if not (isinstance(given, int) and isinstance(of, int) and 0 <= given <= of and of > 0):
            raise self.error(path, f"votes of {given!r} for, of {of!r}", "whole numbers; `for` at most `of`")
        exact = Fraction(100 * given, of)
        if printed is None or abs(Fraction(printed) - exact) > Fraction(1, 2 * 10 ** _decimals(printed)):
            raise self.error(path, f"{given} of {of} votes are not {printed} %", "print the share the votes give")
        return exact

    def situation(
        self, path: Path, entry: Entry, strategies: Mapping[str, Strategy], grading: Grading | None
    ) -> Situation:
        self.only_keys(path, entry, _SITUATION_KEYS)
        for key in ("id", "name", "when"):
            if key not in entry:
                raise self.error(path, f"a situation without `{key}`")
        study = entry.get("under_study")
        continues = entry.get("continues")
        if continues is not None and not self.facts.vocabulary.drugs.is_class(continues):
            raise self.error((*path, "continues"), f"unknown class of drugs {continues!r}")
        return Situation(
            id=entry["id"],
            name=self.text((*path, "name"), entry["name"]),
            table=entry.get("table"),
            when=self.rule((*path, "when"), entry["when"]),
            options=tuple(
                self.option((*path, "options", index), option, strategies, grading)
                for index, option in enumerate(entry.get("options") or ())
            ),
            remarks=self.remarks((*path, "remarks"), entry.get("remarks")),
            asks=tuple(self.asks((*path, "asks"), entry.get("asks"))),
            continues=continues,
            under_study=None if study is None else UnderStudy(
                tuple(self.drug((*path, "under_study"), agent) for agent in study["agents"]),
                self.text((*path, "under_study", "text"), study["text"]),
            ),
        )  # fmt: skip

    def asks(self, path: Path, entries: Sequence[str | Entry] | None) -> Iterator[Ask]:
        for index, entry in enumerate(entries or ()):
            ask = Ask(entry, None) if isinstance(entry, str) else self.look((*path, index), entry)
            if ask.fact not in self.facts.definitions:
                raise self.error((*path, index), f"unknown fact {ask.fact!r}")
            yield ask

    def look(self, path: Path, entry: Entry) -> Ask:
        self.only_keys(path, entry, {"fact", "section", "look"})
        words = self.text((*path, "look"), entry.get("look"))
        return Ask(entry["fact"], Input(f"{entry['section']}: {words.en}", words=words))

    def option(self, path: Path, entry: Entry, strategies: Mapping[str, Strategy], grading: Grading | None) -> Option:
        self.only_keys(path, entry, _OPTION_KEYS)
        if entry.get("strategy") not in strategies:
            raise self.error(
                (*path, "strategy"), f"unknown strategy {entry.get('strategy')!r}", "list it under strategies"
            )
        level, strength = entry.get("level"), entry.get("strength")
        if grading is not None:
            if level is not None and level not in grading.levels:
                raise self.error((*path, "level"), f"unknown level {level!r}", f"use {' | '.join(grading.levels)}")
            if strength not in grading.strengths:
                raise self.error(
                    (*path, "strength"), f"unknown strength {strength!r}", f"use {' | '.join(grading.strengths)}"
                )
        cell = entry.get("cell")
        self.known((*path, "cell"), [cell] if cell else None)
        arguments = tuple(self.arguments((*path, "arguments"), entry.get("arguments") or {}))
        conclusion = self.known((*path, "conclusion"), entry.get("conclusion"))
        argued = [*(name for argument in arguments for name in argument.findings), *conclusion]
        evidence = self.known((*path, "evidence"), entry.get("evidence"))
        return Option(
            id=entry["id"],
            strategy=strategies[entry["strategy"]],
            regimen=self.regimen((*path, "regimen"), entry["regimen"]),
            level=level,
            strength=strength,
            cell=cell,
            evidence=tuple(dict.fromkeys((*evidence, *argued))),
            citations=tuple(entry.get("citations") or ()),
            conditions=tuple(
                Condition(
                    self.text((*path, "conditions", index, "text"), condition["text"]),
                    self.rule((*path, "conditions", index, "when"), condition["when"])
                    if condition.get("when")
                    else None,
                )
                for index, condition in enumerate(entry.get("conditions") or ())
            ),
            exclusions=tuple(self.exclusions((*path, "excluded_when"), entry.get("excluded_when"))),
            cautions=tuple(self.cautions((*path, "cautions"), entry.get("cautions"))),
            remarks=self.remarks((*path, "remarks"), entry.get("remarks")),
            interchangeable=bool(entry.get("interchangeable", False)),
            grade=self.grade(path, entry),
            arguments=arguments,
            conclusion=conclusion,
        )

    def grade(self, path: Path, entry: Entry) -> Grade | None:
        """What the rule of the guideline gives for an option; an option that prints another grade is refused."""
        rule, given = self.rules.get(self.content.get("graded_by", "")), entry.get("grade")
        if given is None:
            if rule is not None and (entry.get("level") or entry.get("strength")):
                raise self.error(path, f"a grade without what {rule.id} gave it for", "write `grade: {study: …}`")
            return None
        if rule is None:
            raise self.error((*path, "grade"), "a grade by design without a rule", "name it as `graded_by`")
        doubts, primary = given.get("doubts") or (), given.get("co_primary") or ()
        names = self.known((*path, "grade"), [given["study"], *doubts, *primary])
        study, *others = [self.findings.get(name) for name in names]
        try:
            grade = rule.grade(study, others[: len(doubts)], others[len(doubts) :])
        except ValueError as error:
            raise self.error((*path, "grade"), str(error)) from error
        if (entry.get("level"), entry.get("strength")) != (grade.level, grade.strength):
            written = f"level {entry.get('level')}, {entry.get('strength')}"
            raise self.error(path, f"is graded {written}", f"{rule.id} gives level {grade.level}, {grade.strength}")
        return grade

    def arguments(self, path: Path, sides: Mapping[str, Sequence[Entry]]) -> Iterator[Argument]:
        self.only_keys(path, sides, {"for", "against"})
        side: Literal["for", "against"]
        for side in ("for", "against"):
            for index, entry in enumerate(sides.get(side) or ()):
                place = (*path, side, index)
                findings = self.known((*place, "findings"), entry.get("findings"))
                if not findings:
                    raise self.error(place, "an argument without a finding")
                for name in findings:
                    study = self.findings.get(name).study
                    if study is not None and study not in (self.content.get("studies") or {}):
                        raise self.error(place, f"{name} is of {study!r}, which has no name", "list it under studies")
                text = self.text((*place, "text"), entry["text"]) if entry.get("text") else None
                yield Argument(side, text, findings)

    def regimen(self, path: Path, entries: Sequence[str]) -> tuple[Slot, ...]:
        slots = [
            Slot(tuple(sorted((self.treatment(path, part.strip()) for part in entry.split("|")), key=str.casefold)))
            for entry in entries
        ]
        return tuple(sorted(slots, key=lambda slot: str(slot).casefold()))

    def treatment(self, path: Path, name: str) -> str:
        for heading in ("named_treatment", "procedure"):
            if (named := self.facts.vocabulary.terms.lists[heading].find(name)) is not None:
                return named.id
        group = self.facts.vocabulary.drugs.find_class(name)
        return group if group is not None else self.drug(path, name)

    def drug(self, path: Path, name: str) -> str:
        drug = self.facts.vocabulary.drugs.get(name)
        if drug is None:
            raise self.error(path, f"unknown drug, class of drugs or treatment {name!r}")
        return drug.inn

    def conditions(self, path: Path, entries: Sequence[Entry] | None) -> Iterator[Condition]:
        for index, entry in enumerate(entries or ()):
            when = self.rule((*path, index, "when"), entry["when"]) if entry.get("when") else None
            yield Condition(self.text((*path, index, "text"), entry["text"]), when)

    def exclusions(self, path: Path, entries: Sequence[Entry] | None) -> Iterator[Exclusion]:
        for index, entry in enumerate(entries or ()):
            if entry.get("if_unknown") not in ("possible", "unchanged"):
                raise self.error(
                    (*path, index), "an exclusion says what a missing input does", "if_unknown: possible | unchanged"
                )
            finding = entry.get("finding")
            self.known((*path, index), [finding] if finding else None)
            yield Exclusion(
                self.rule((*path, index, "when"), entry["when"]), entry["if_unknown"],
                self.text((*path, index, "because"), entry["because"]), finding,
            )  # fmt: skip

    def cautions(self, path: Path, entries: Sequence[Entry] | None) -> Iterator[Caution]:
        for index, entry in enumerate(entries or ()):
            if entry.get("kind") not in ("stated", "label", "trial exclusion", "general"):
                raise self.error(
                    (*path, index),
                    f"unknown kind {entry.get('kind')!r}",
                    "use stated | label | trial exclusion | general",
                )
            effect = entry.get("effect", "warn")
            if effect not in ("warn", "exclude") or (effect == "exclude" and entry["kind"] != "stated"):
                raise self.error(
                    (*path, index), f"a {entry['kind']} caution can't {effect}", "only stated ones exclude"
                )
            yield Caution(
                tuple(self.treatment((*path, index, "for"), name) for name in entry.get("for") or ()),
                self.rule((*path, index, "when"), entry["when"]) if entry.get("when") else None,
                self.text((*path, index, "text"), entry["text"]), entry["kind"], entry.get("source"), effect,
            )  # fmt: skip

    def remarks(self, path: Path, entries: Sequence[Entry] | None) -> tuple[GuidelineRemark, ...]:
        found = []
        for index, entry in enumerate(entries or ()):
            finding, text = entry.get("finding"), entry.get("text")
            if (finding is None) == (text is None):
                raise self.error((*path, index), "a remark is either a text or a finding")
            self.known((*path, index, "finding"), [finding] if finding else None)
            found.append(
                GuidelineRemark(
                    None if text is None else self.text((*path, index, "text"), text),
                    finding,
                    self.rule((*path, index, "when"), entry["when"]) if entry.get("when") else None,
                )
            )
        return tuple(found)

    # -- small ---------------------------------------------------------------------------------------------------

    def rule(self, path: Path, text: str) -> Rule:
        try:
            return Rule(text, parse_rule(text, self.facts.scope(), TRUTH))
        except RuleError as error:
            raise self.error(path, f"the rule {error.what}", error.mend) from error

    def text(self, path: Path, value: object) -> Text:
        """A text, or the name of one under ``texts:``."""
        shared = self.content.get("texts") or {}
        if isinstance(value, str):
            if value not in shared:
                raise self.error(path, f"no text named {value!r}", "write {en: …, zh: …}, or list it under texts")
            value = shared[value]
        try:
            return text_from(value)
        except ValueError as error:
            raise self.error(path, str(error)) from error

    def known(self, path: Path, ids: Sequence[str] | None) -> tuple[str, ...]:
        for name in ids or ():
            if name not in self.findings:
                raise self.error(path, f"no finding {name!r}")
        return tuple(ids or ())

    def only_keys(self, path: Path, entry: Entry, allowed: set[str]) -> None:
        if extra := sorted(set(entry) - allowed):
            raise self.error((*path, extra[0]), f"unknown key {extra[0]!r}", f"use {', '.join(sorted(allowed))}")

    def refuse_twice(self, ids: list[str], what: str) -> None:
        for name in ids:
            if ids.count(name) > 1:
                raise self.error((), f"two {what} are called {name!r}")

    def error(self, path: Path, what: str, mend: str = "") -> Exception:
        return self.folder.error(self.file, path, what, mend)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
