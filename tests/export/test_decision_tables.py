"""Decision tables say what the rules say: read back, each row set gives the verdict of its rule."""

from __future__ import annotations

import re
from random import Random

import pytest
from patients import boundaries, draw, reader_of, words_asked
from rules import FACTS, rule

from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.logic import tree
from tumorboard.logic.elm import ElmReader
from tumorboard.logic.fast import FastFacts
from tumorboard.logic.tree import facts_read
from tumorboard.report.decision_tables import decision_tables, fact_of, table_of, ways_of
from tumorboard.text import LANGUAGES, Language

GUIDELINES = ("refractory-lung-cancer-2023", "targeted-resistance", "intermediate-hcc-2021")


@pytest.mark.parametrize("name", GUIDELINES)
def test_the_rows_of_a_situation_are_its_rule(name: str, knowledge: Knowledge) -> None:
    random, reader, fast = Random(name), ElmReader(knowledge.facts), FastFacts(knowledge.facts)
    for situation in knowledge.guideline(name).situations:
        node = situation.when.node
        rows = tree.Or(tuple(tree.And(way) for way in ways_of(node)))
        at, words = boundaries([node]), words_asked([node])
        for _ in range(200):
            given = {
                fact: draw(random, fact, knowledge.facts.definitions[fact].type, reader, at.get(fact, []),
                           words.get(fact, set()), 0.2)
                for fact in facts_read(node)
            }  # fmt: skip
            patient = reader_of(fast, given)
            assert patient.value(rows) == patient.value(node), situation.id


def test_random_rules_come_apart_into_rows_without_a_change(knowledge: Knowledge) -> None:
    from test_rules_elsewhere import facts_of

    facts, random = facts_of(knowledge), Random(1)
    reader, fast = ElmReader(facts), FastFacts(facts)
    for _ in range(300):
        node = rule(random, "truth", 3)
        rows = tree.Or(tuple(tree.And(way) for way in ways_of(node)))
        for _ in range(10):
            given = {name: draw(random, name, type_, reader, [0, 2, 3], set(), 0.3) for name, type_ in FACTS.items()}
            patient = reader_of(fast, given)
            assert patient.value(rows) == patient.value(node), node


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", GUIDELINES)
def test_every_fact_asked_has_a_column_and_every_option_a_line(
    name: str, language: Language, knowledge: Knowledge
) -> None:
    guideline = knowledge.guideline(name)
    table = table_of(guideline, knowledge, language)
    asked = frozenset[str]().union(*(facts_read(situation.when.node) for situation in guideline.situations))
    assert set(table.columns) == {knowledge.facts.definitions[fact].name[language] for fact in asked}
    assert not table.more
    for view, situation in zip(table.situations, guideline.situations, strict=True):
        assert view.name == situation.name[language]
        assert len(view.options) == len(situation.options)
        assert all(any(row.cells) for row in view.rows)


def test_a_cell_says_value_and_sign(knowledge: Knowledge) -> None:
    table = table_of(knowledge.guideline("refractory-lung-cancer-2023"), knowledge, "en")
    third = next(each for each in table.situations if each.id == "driver-positive-third-line")
    (row,) = third.rows
    shown = {column: cell for column, cell in zip(table.columns, row.cells, strict=True) if cell}
    assert shown["line now being decided"] == "≥ 3"
    assert shown["refractory type"] == "refractory driver-positive NSCLC"
    assert shown["all earlier lines were EGFR-TKI and nothing else"] == "no"


@pytest.mark.parametrize("name", GUIDELINES)
def test_the_page_stands_by_itself_in_both_languages(name: str, knowledge: Knowledge) -> None:
    guideline = knowledge.guideline(name)
    for language in LANGUAGES:
        page = decision_tables(guideline, knowledge, language)
        assert "<script" not in page and not re.search(r"(src|href)=\"(?!#)|url\(|@import", page)
        assert guideline.scope_name[language] in page.replace('<span lang="zh-CN">', "").replace("</span>", "")
        assert page.count("<tbody") == len(guideline.situations)
    english = decision_tables(guideline, knowledge, "en")
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'<span lang="zh-CN">.*?</span>', "", english))


def test_a_condition_on_two_facts_has_no_column() -> None:
    two = tree.Compare("<", tree.Fact("whole", FACTS["whole"]), tree.Fact("whole_na", FACTS["whole_na"]))
    assert fact_of(two) is None
