"""A guideline as FHIR: valid against R4, one action a situation, and nothing of a grade lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from fhir.resources.R4B.plandefinition import PlanDefinition
from fhir.resources.R4B.structuredefinition import StructureDefinition

from tumorboard.guidelines import exporting
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.guidelines.plan_definition import EXTENSIONS, extension_definitions, plan_definition

GUIDELINES = ("refractory-lung-cancer-2023", "targeted-resistance", "intermediate-hcc-2021")


def values(action: dict[str, Any], name: str) -> list[Any]:
    found = [each for each in action["extension"] if each["url"] == EXTENSIONS[name].url]
    return [value for each in found for key, value in each.items() if key != "url"]


@pytest.mark.parametrize("name", GUIDELINES)
def test_it_is_valid_against_r4(name: str, knowledge: Knowledge) -> None:
    plan = plan_definition(knowledge.guideline(name), knowledge)
    read = PlanDefinition.model_validate_json(json.dumps(plan))
    assert json.loads(read.model_dump_json()) == plan


@pytest.mark.parametrize("name", GUIDELINES)
def test_each_situation_is_an_action_and_each_option_one_in_it_with_its_grade(name: str, knowledge: Knowledge) -> None:
    guideline = knowledge.guideline(name)
    plan = plan_definition(guideline, knowledge)
    assert [action["id"] for action in plan["action"]] == [situation.id for situation in guideline.situations]
    for action, situation in zip(plan["action"], guideline.situations, strict=True):
        for nested, option in zip(action.get("action", []), situation.options, strict=True):
            assert nested["id"] == option.id
            assert values(nested, "strength") == ([] if option.strength is None else [option.strength])
            assert values(nested, "level") == ([] if option.level is None else [option.level])
            agreement = option.strategy.agreement
            assert values(nested, "agreement") == ([] if agreement is None else [agreement])
            assert values(nested, "regimen") == [str(slot) for slot in option.regimen]
            assert values(nested, "evidence") == list(option.evidence)
            assert [each["label"] for each in nested.get("documentation", [])] == list(option.evidence)
            assert values(nested, "basis") == [guideline.basis_of(option)]


@pytest.mark.parametrize("name", GUIDELINES)
def test_every_expression_names_a_definition_of_the_contained_library(name: str, knowledge: Knowledge) -> None:
    plan = plan_definition(knowledge.guideline(name), knowledge)
    (library,) = plan["contained"]
    assert plan["library"] == [f"#{library['id']}"]
    content = {each["contentType"]: base64.b64decode(each["data"]).decode() for each in library["content"]}
    assert content["text/cql"] == exporting.cql_library(knowledge.guideline(name), knowledge)
    elm = json.loads(content["application/elm+json"])
    defined = {each["name"] for each in elm["library"]["statements"]["def"]}
    actions = [*plan["action"], *(nested for action in plan["action"] for nested in action.get("action", []))]
    asked = [each["expression"]["expression"] for action in actions for each in action.get("condition", [])]
    assert asked
    assert {expression.split('"')[1] for expression in asked} <= defined


def test_every_extension_says_what_it_means(knowledge: Knowledge) -> None:
    definitions = extension_definitions(knowledge)
    assert {each["url"] for each in definitions} == {extension.url for extension in EXTENSIONS.values()}
    for each in definitions:
        read = StructureDefinition.model_validate_json(json.dumps(each))
        assert read.description and read.type == "Extension"
