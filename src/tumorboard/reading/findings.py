"""From a text layer to drafts: sentence by sentence, each in the frame of the study it tells of."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from tumorboard.evidence.findings import Population
from tumorboard.reading.aliases import define, labelled
from tumorboard.reading.alterations import AlterationFinder
from tumorboard.reading.arms import ArmReader
from tumorboard.reading.document import Document
from tumorboard.reading.draft import Draft
from tumorboard.reading.frame import FrameReader, Sentence, sentences
from tumorboard.reading.groups import GroupFinder
from tumorboard.reading.layer import Layer
from tumorboard.reading.lexer import Token, tokens
from tumorboard.reading.lexicon import Lexicon, Mention, any_of
from tumorboard.reading.naming import named_in
from tumorboard.reading.patients import PatientReader, Patients, Said
from tumorboard.reading.recommendations import RecommendationReader, Recommended
from tumorboard.reading.relations import RelationReader
from tumorboard.reading.results import Arm, Named, Result
from tumorboard.reading.study import Mentioned, Study
from tumorboard.reading.whose import factors

T = TypeVar("T", Mention, Mentioned, Token, Said)
_REFERENCES = re.compile(r"\n ?(?:参 ?考 ?文 ?献|References|REFERENCES|\[参考文献\]|Bibliography)[^\n]{0,12}\n")


class FindingReader:
    """Reads one document."""

    def __init__(
        self,
        document: Document,
        layer: Layer,
        lexicon: Lexicon,
        alterations: AlterationFinder,
        groups: GroupFinder,
        patients: PatientReader,
        recommendations: RecommendationReader,
    ) -> None:
        self._document, self._layer, self._lexicon = document, layer, lexicon
        self._frames, self._arms = FrameReader(lexicon), ArmReader(lexicon)
        self._relations = RelationReader(lexicon)
        self._group_finder = groups
        self._recommendations = recommendations
        self._plan = re.compile(any_of(lexicon.words["plans"]), re.IGNORECASE)
        text = layer.text
        end = _REFERENCES.search(text)
        self._text = text = text[: end.start()] if end and end.start() > len(text) // 3 else text
        mentions = lexicon.mentions(text)
        frequencies = sorted(alterations.find(text, mentions), key=lambda mention: mention.start)
        self._mentions = _by_place(
            [*(m for m in mentions if m.kind not in ("gene", "counted") and not _inside(m, frequencies)), *frequencies]
        )
        self._tokens = tokens(text)
        genes = [(mention.name, mention.start, mention.end) for mention in mentions if mention.kind == "gene"]
        self._groups = groups.find(text, genes)
        self._patient_reader, self._patients = patients, Patients()
        self._said = patients.find(text)
        self._mentioned = labelled(text, self._arms.read(text, mentions))
        self.left_out: Counter[str] = self._relations.left_out
        self._study = Study(classes=lexicon.classes)
        self._studies = 0
        self._line: str | None = None

    def read(self) -> list[Draft]:
        drafts: list[Draft] = []
        for sentence in self._recommendations.whole(self._text, sentences(self._text)):
            if any(start <= sentence.start < end for start, end in self._layer.fences):
                continue
            for start, end, new in self._pieces(sentence):
                if new is not None:
                    self._begin(new)
                drafts += self._piece(start, end)
        return drafts

    def _begin(self, name: str) -> None:
        self._studies += 1
        if self._studies == 1 and (self._study.arms or self._study.n) and not self._drafted:
            self._study.name = name
            return
        if name and name == self._study.name:
            return
        self._study = Study(name=name or None, classes=self._lexicon.classes)
        self._patients = Patients()
        self._relations.new_study()

    _drafted = False
    _trials: Sequence[tuple[int, int]] = ()

    def _pieces(self, sentence: Sentence) -> Iterable[tuple[int, int, str | None]]:
        """The sentence, cut where another study begins: at the start of the clause that names it."""
        start = sentence.start
        name: str | None = None
        treated = [m for m in _within(self._mentioned, sentence.start, sentence.end) if m.names]
        names = self._frames.names(self._text, sentence.start, sentence.end)
        self._trials = [(at, at + len(name)) for at, name in names]
        for position, found in names:
            if any(mention.start <= position < mention.end for mention in treated):
                continue
            cut = max(self._text.rfind(mark, start, position) for mark in ("，", ";", "；", ", ", "(", ")")) + 1
            cut = max(cut, start)
            if found == (name or self._study.name):
                continue
            if name is None and not _figures(self._tokens, start, position):
                name = found
            elif _figures(self._tokens, start, position):
                yield start, cut, name
                start, name = cut, found
        yield start, sentence.end, name

    def _piece(self, start: int, end: int) -> list[Draft]:
        text = self._text
        mentioned = _within(self._mentioned, start, end)
        recommended = self._recommendations.read(text, start, end, mentioned)
        if recommended and not self._plan.search(text, start, end):
            self._begin("")
            return [self._recommendation(item, start, end) for item in recommended] + self._results(
                [m for m in mentioned if not any(r.start <= m.start < r.end for r in recommended)],
                max(r.end for r in recommended),
                end,
            )
        self._frames.setting(text[start:end], self._study)
        define(text, start, end, mentioned, self._study)
        said, groups = _within(self._said, start, end), _within(self._groups, start, end)
        self._patient_reader.note(self._patients, said, groups, mentioned)
        if plan := self._plan.search(text, start, end):
            self.left_out["a plan or definition"] += 1
            told = max(text.rfind(mark, start, plan.start()) for mark in "，;；")
            self._frames.register(text[start:end], start, mentioned, self._study)
            return self._results([m for m in mentioned if m.end <= told], start, told) if told > start else []
        return self._results(mentioned, start, end)

    def _results(self, mentioned: list[Mentioned], start: int, end: int) -> list[Draft]:
        text = self._text
        mentioned = [mention for mention in mentioned if mention.start >= start]
        self._frames.register(text[start:end], start, mentioned, self._study)
        groups = _within(self._groups, start, end)
        trials = [(at, stop) for at, stop in self._trials if start <= at < end]
        figures = [
            token
            for token in _within(self._tokens, start, end)
            if not _covered(token, groups) and not any(at <= token.start < stop for at, stop in trials)
        ]
        if not figures:
            return []
        words_here = [
            mention
            for mention in _within(self._mentions, start, end)
            if mention.kind in ("frequency", "endpoint") or not _covered(mention, groups)
        ]
        named, left = named_in(text, words_here, figures, self._lexicon, start, end)
        counted = [name for name in named if name.frequency]
        groups = [group for group in groups if not _covers(group, counted)]
        number = sum(token.kind == "F" for token in left)
        mentioned = self._arms_told(mentioned, groups, number, start, end)
        effects = [token for token in left if token.kind == "F"]
        items: list[Named | Mentioned | Token] = [*left]
        words: list[Named | Mentioned] = [*named, *mentioned]
        inside = {id(w): e.start for w in words for e in effects if e.start < w.start < e.end}
        items += (w for w in words if id(w) not in inside or (isinstance(w, Named) and w.endpoint is not None))
        items.sort(key=lambda item: (inside.get(id(item), item.start), id(item) not in inside))
        results = self._relations.read(text, start, end, items, self._study)
        self._drafted = self._drafted or bool(results)
        level = self._recommendations.grades.level_only(text[start:end]) if results else None
        return [self._draft(result, start, end, level) for result in results]

    def _arms_told(
        self, mentioned: list[Mentioned], groups: list[Mentioned], effects: int, start: int, end: int
    ) -> list[Mentioned]:
        """The arms of a sentence: groups of patients where it compares these, else the treatments it names."""
        text = self._text[start:end]
        compared = groups if factors(text) else self._group_finder.compared(text, groups)
        treated = {m.names for m in mentioned if m.role != "prior" and m.names} | {
            (m.label,) for m in mentioned if m.label
        }
        if not compared or len(treated) > 1:
            return mentioned
        if effects > 1 and not factors(text):  # an effect in each group: they are who was treated, not what is compared
            return mentioned
        return compared

    def _recommendation(self, item: Recommended, start: int, end: int) -> Draft:
        source_start, source_end = self._layer.source_span(item.start, item.end)
        grade = item.grade
        self._line = self._frames.line(self._text[start : item.end]) or self._line
        marks = self._layer.marks_between(start, min(end + 2, len(self._layer.text)))
        return Draft(
            source=self._document.name,
            start=source_start,
            end=source_end,
            quote=self._document.text[source_start:source_end],
            rule=item.rule,
            kind="consensus_vote" if grade.agreement is not None else "recommendation",
            endpoint="expert_agreement" if grade.agreement is not None else "recommendation",
            statistic="proportion" if grade.agreement is not None else None,
            value=grade.agreement,
            printed=f"{grade.agreement}%" if grade.agreement is not None else item.printed,
            unit="%" if grade.agreement is not None else None,
            intervention=item.arm.text if item.arm else None,
            comparator=item.against.text if item.against else None,
            population=Population(line=self._line),
            citations=tuple(dict.fromkeys(n for mark in marks for n in mark.numbers)),
            strategy=self._text[item.strategy[0] : item.strategy[1]].strip(),
            strength=grade.strength,
            level=grade.level,
            agreement=grade.agreement,
            context=self._layer.source_span(start, end),
        )

    def _draft(self, result: Result, start: int, end: int, level: str | None) -> Draft:
        source_start, source_end = self._layer.source_span(result.start, result.end)
        value, other, study = result.value, result.other, self._study
        said, groups = _within(self._said, start, end), _within(self._groups, start, end)
        marks = self._layer.marks_between(start, min(end + 2, len(self._layer.text)))
        return Draft(
            source=self._document.name,
            start=source_start,
            end=source_end,
            quote=self._document.text[source_start:source_end],
            rule=result.rule,
            status="ambiguous" if result.ambiguous else "clear",
            kind=_kind(result.named),
            endpoint=result.endpoint,
            endpoint_as_printed=self._text[result.named.start : result.named.end],
            statistic=result.statistic,
            value=value.value if value else None,
            value_qualifier=value.qualifier if value else None,
            printed=value.printed if value else result.printed,
            unit=_unit(value, other),
            intervention=_arm(result.arm),
            comparator=_arm(result.other_arm),
            comparator_value=other.value if other and isinstance(other.value, Decimal) else None,
            comparator_printed=other.printed if other else None,
            denominator=value.whole if value else None,
            effect=result.effect,
            ci=result.ci,
            p=result.p,
            n=result.n or study.n,
            study=study.name,
            design=study.design,
            method=self._patient_reader.criterion(result.endpoint, said, result.start, self._patients),
            population=self._patient_reader.population(
                self._patients,
                study,
                groups,
                frozenset((*(result.arm or ()), *(result.other_arm or ()))),
                result.start,
                result.n or study.n,
            ),
            citations=tuple(dict.fromkeys(n for mark in marks for n in mark.numbers)),
            level=level,
            context=self._layer.source_span(start, end),
        )


def _kind(named: Named) -> str:
    if named.frequency:
        return "biomarker_frequency"
    return "safety" if named.endpoint is not None and named.endpoint.event else "efficacy"


def _unit(value: Token | None, other: Token | None) -> str | None:
    if value is None:
        return None
    if value.qualifier == "not_reached":
        return other.unit if other and other.unit else "months"
    return value.unit


def _arm(arm: Arm) -> str | None:
    return " + ".join(arm) if arm else None


def _covered(item: Mention | Token, groups: Sequence[Mentioned]) -> bool:
    return any(group.start <= item.start and item.end <= group.end for group in groups)


def _covers(group: Mentioned, counted: Sequence[Named]) -> bool:
    return any(name.start < group.end and group.start < name.end for name in counted)


def _by_place(found: Sequence[Mention]) -> list[Mention]:
    return sorted(found, key=lambda mention: mention.start)


def _inside(mention: Mention, spans: Sequence[Mention]) -> bool:
    at = bisect_left(spans, mention.start, key=lambda span: span.end)
    return at < len(spans) and spans[at].start <= mention.start and mention.end <= spans[at].end


def _within(items: Sequence[T], start: int, end: int) -> list[T]:
    first = bisect_left(items, start, key=lambda item: item.start)
    last = bisect_left(items, end, key=lambda item: item.start)
    return list(items[first:last])


def _figures(figures: Sequence[Token], start: int, end: int) -> bool:
    return any(token.kind in ("V", "F", "P") for token in _within(figures, start, end))
