"""A small made guideline beside the shipped knowledge, with faults planted in it by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tumorboard.guidelines.knowledge import Knowledge

pytest.importorskip("z3")

FACTS = """facts:
  - id: made_fitness
    name: {{en: fitness, zh: 体能}}
    about: {{en: Fitness., zh: 体能。}}
    source: general
    type: label
    values: {{good: 好, fair: 中, poor: 差}}
    rule: {fitness}
"""
GUIDELINE = """id: made
name: {{en: a made guideline, zh: 示例指南}}
source: none
published: "2026"
basis: ungraded
scope: {{when: disease == "HCC", name: {{en: liver, zh: 肝癌}}}}
grading:
  name: {{en: rule, zh: 规则}}
  levels: {{I: {{en: one, zh: 一}}, V: {{en: five, zh: 五}}}}
  rules:
    - {{levels: [I], at_least: 80, strength: strong}}
    - {{levels: [I, V], at_least: 0, strength: weak}}
  strengths: {{strong: {{en: strong, zh: 强}}, weak: {{en: weak, zh: 弱}}}}
strategies:
  - {{id: first, name: {{en: first, zh: 一}}, kind: targeted therapy, agreement: 90}}
  - {{id: second, name: {{en: second, zh: 二}}, kind: targeted therapy, agreement: 50}}
situations:
  - id: fit
    name: {{en: fit, zh: 一般}}
    when: {fit}
    options: [{{id: fit-option, strategy: first, regimen: [lenvatinib], level: {level}, strength: strong}}]
  - id: unfit
    name: {{en: unfit, zh: 差}}
    when: {unfit}
    options: [{{id: unfit-option, strategy: second, regimen: [sorafenib], level: V, strength: weak}}]
{accepted}"""
SOUND = {
    "fit": "ecog < 2",
    "unfit": "ecog >= 2 or not recorded(ecog)",
    "level": "I",
    "fitness": 'band(ecog, upto(0, "good"), upto(1, "fair"), above("poor"))',
    "accepted": "",
}
Made = Callable[..., Knowledge]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """The shipped knowledge with the made guideline; what is given by name stands in place of what is sound."""

    def make(**faults: str) -> Knowledge:
        parts = {**SOUND, **faults}
        for folder, name, text in (("facts", "made", FACTS), ("guidelines", "made", GUIDELINE)):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"{name}.yaml").write_text(text.format(**parts), encoding="utf-8")
        return Knowledge.load(tmp_path)

    return make
