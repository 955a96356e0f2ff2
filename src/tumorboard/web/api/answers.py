"""The answers of the interface: the documents the command line prints, kept for a while where a case comes again."""

from __future__ import annotations

import datetime
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from tumorboard.advice.advise import advise
from tumorboard.advice.calculate import Calculator, calculate, calculator, case_from_options, load_calculators
from tumorboard.advice.given import case_given
from tumorboard.errors import NotFound, Problem, TumorboardError
from tumorboard.evidence import default_store, stored_texts
from tumorboard.evidence.search import EvidenceIndex, NameReader, default_cache
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic.explain import Explainer
from tumorboard.logic.tree import Fact
from tumorboard.logic.wording import Wording
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.rescue import available, rescues
from tumorboard.mechanism.tiers import load_tiers, tiers_of
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.report.calculation import calculation_record
from tumorboard.report.explain import Explanation, explain, explain_option
from tumorboard.report.record import advice_json, case_facts_json, compact
from tumorboard.report.resistance import resistance_record
from tumorboard.text import LANGUAGES, Language
from tumorboard.web.api.bodies import MechanismBody

_KEPT_BYTES = 32 * 2**20  # of answers, each of some 80 kB
Case = Mapping[str, Any]


class Answers:
    """What the interface answers from one knowledge; threads may share it."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def about(self) -> dict[str, str]:
        known = self.knowledge
        return {"version": known.version, "date": known.date, "sha256": known.sha256}

    def case(self, data: Case) -> Any:
        return case_given(dict(data), self.knowledge, datetime.date.today())

    def prepare(self) -> None:
        """Answers for the examples of the guidelines: what they are told need not be worked out for who asks first."""
        today = datetime.date.today()
        for guideline in self.knowledge.guidelines.values():
            for example in guideline.examples:
                try:
                    case = case_given({"id": "example", **example["case"]}, self.knowledge, today)
                except TumorboardError:
                    continue  # which `tumorboard guideline test` tells
                for language in LANGUAGES:
                    advice_json(advise(case, self.knowledge), self.knowledge, language)

    # -- a case --------------------------------------------------------------------------------------------------

    def advice(self, data: Case, language: Language) -> bytes:
        """``tumorboard.advice/1``."""

        def made() -> str:
            return advice_json(advise(self.case(data), self.knowledge), self.knowledge, language)

        return self.kept("advice", data, language, made)

    def facts(self, data: Case, language: Language) -> bytes:
        """The facts, as ``tumorboard assess`` prints them."""
        return self.kept("facts", data, language, lambda: case_facts_json(self.case(data), self.knowledge, language))

    def kept(self, what: str, data: Case, language: Language, made: Callable[[], str]) -> bytes:
        """The answer as JSON; a case that was asked about lately is not worked out again.

        Boards ask again and again about a case that has not changed. Answers are kept by a hash, in memory alone; the
        day is part of it, as a case without ``as_of`` is read as of today.
        """
        asked = repr((what, language, datetime.date.today(), data))  # which tells 1 from "1", as the reader does
        key = hashlib.sha256(asked.encode()).digest()
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found
        answer = made().encode()
        with self._lock:
            self._size += len(answer) - len(self._kept.pop(key, b""))
            self._kept[key] = answer
            while self._size > _KEPT_BYTES:
                self._size -= len(self._kept.popitem(last=False)[1])
        return answer

    def explanation(self, data: Case, name: str, language: Language) -> dict[str, Any]:
        """The derivation of a fact, situation or listed option, as lines indented by depth."""
        known, case = self.knowledge, self.case(data)
        explainer, wording = Explainer(known.facts, case.tables), Wording(known.facts)
        told: Explanation | None = None
        if name in known.facts.definitions:
            told = explain(explainer.step(Fact(name, known.facts.definitions[name].type)), wording, language)
        else:
            advice = advise(case, known)
            if (option := next((each for each in advice.options if each.option.id == name), None)) is not None:
                told = explain_option(option, explainer, wording, language)
            elif (situation := advice.situation(name)) is not None:
                told = explain(situation.step, wording, language)
        if told is None:
            raise NotFound(Problem("name", f"no fact, situation or listed option {name!r}", "use an id of the advice"))
        return {"case": case.id, "name": name, "lines": list(told.lines()), "knowledge": self.about()}

    # -- without a case ------------------------------------------------------------------------------------------

    @cached_property
    def calculators(self) -> Mapping[str, Calculator]:
        return load_calculators(self.knowledge.folder)

    def calculation(self, name: str, inputs: Mapping[str, str], language: Language) -> dict[str, Any]:
        wanted = calculator(name, self.calculators)
        today = datetime.date.today()
        case = case_from_options(inputs, wanted.inputs, wanted.id, self.knowledge, today, prefix="inputs.")
        return calculation_record(calculate(wanted, case, self.knowledge), self.knowledge, language)

    @cached_property
    def network(self) -> Mechanism:
        return Mechanism(load_network(self.knowledge.folder, self.knowledge.vocabulary))

    def mechanism(self, asked: MechanismBody, language: Language) -> dict[str, Any]:
        reader = self.network
        answer = reader.ask(asked.genotype, asked.drugs, asked.ligands, asked.knockdowns)
        found = rescues(reader, answer) if available() else None
        tiers = tiers_of(answer, found or (), load_tiers(self.knowledge.folder, reader.network), reader.network)
        return resistance_record(answer, reader, found, tiers, self.knowledge, language)

    @cached_property
    def index(self) -> EvidenceIndex:
        known = self.knowledge
        texts = stored_texts(known.findings, default_store(os.environ))
        names = NameReader(known.vocabulary, known.folder)
        return EvidenceIndex.open(known.findings, names, known.sha256, texts, default_cache(os.environ))


def as_json(value: Any) -> bytes:
    return compact(value).encode()
