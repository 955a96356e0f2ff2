"""Random logic over facts: one builder for every type of node that is exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random

from tumorboard.case.columns import DATE, DECIMAL, LABELS, TRUTH, WHOLE, Type
from tumorboard.logic import tree
from tumorboard.logic.tree import Node

COLOURS = frozenset(("红", "绿色", "蓝", "it's"))
COLOUR = Type("label", domain=COLOURS)
FREE = Type("label")
BAG = Type("labels", domain=COLOURS)
KINDS = {"truth": TRUTH, "whole": WHOLE, "decimal": DECIMAL, "label": COLOUR, "labels": BAG, "date": DATE}
# Of each kind one fact that can be not applicable and one that can't; truths and lists always apply.
FACTS: Mapping[str, Type] = {
    "a": TRUTH, "乙": TRUTH, "c": TRUTH,
    "whole": WHOLE, "whole_na": WHOLE, "decimal": DECIMAL, "decimal_na": Type("decimal", "cm"),
    "colour": COLOUR, "colour_na": COLOUR, "two": Type("label", domain=frozenset(("红", "绿色"))),
    "single_na": Type("label", domain=frozenset(("红",))),
    "free": FREE, "free_na": FREE, "bag": BAG, "free_bag": LABELS, "day": DATE, "day_na": DATE,
}  # fmt: skip
NUMBERS = tuple(Decimal(text) for text in ("-1.5", "0", "0.1", "1.99", "2", "2.3", "3"))
SETTINGS = {"refractory_interval": WHOLE}
Builder = Callable[[Random, str, int], Node]


def rule(random: Random, kind: str, depth: int) -> Node:
    fitting = [build for kinds, leaf, build in BUILDERS.values() if kind in kinds and (leaf or depth > 0)]
    return random.choice(fitting)(random, kind, depth - 1)


def _several(random: Random, kind: str, depth: int, least: int = 2, most: int = 3) -> tuple[Node, ...]:
    return tuple(rule(random, kind, depth) for _ in range(random.randint(least, most)))


def _words(random: Random) -> frozenset[str]:
    return frozenset(random.sample(sorted(COLOURS), random.randint(1, len(COLOURS))))


def _number(random: Random, kind: str) -> int | Decimal:
    return random.randint(-1, 4) if kind == "whole" else random.choice(NUMBERS)


def _constant(random: Random, kind: str, depth: int) -> Node:
    if kind == "label":
        word = random.choice(sorted(COLOURS))
        return tree.Constant(word, Type("label", domain=frozenset((word,))))
    return tree.Constant(random.random() < 0.5 if kind == "truth" else _number(random, kind), KINDS[kind])


def _parameter(random: Random, kind: str, depth: int) -> Node:
    name = random.choice(sorted(SETTINGS))
    return tree.Parameter(name, SETTINGS[name])


def _fact(random: Random, kind: str, depth: int) -> Node:
    name = random.choice([name for name, type_ in FACTS.items() if type_.kind == kind])
    return tree.Fact(name, FACTS[name])


def _and(random: Random, kind: str, depth: int) -> Node:
    return tree.And(_several(random, "truth", depth))


def _or(random: Random, kind: str, depth: int) -> Node:
    return tree.Or(_several(random, "truth", depth))


def _not(random: Random, kind: str, depth: int) -> Node:
    return tree.Not(rule(random, "truth", depth))


def _compare(random: Random, kind: str, depth: int) -> Node:
    of = random.choice(("truth", "label", "whole", "whole", "decimal", "decimal", "date", "date"))
    op = random.choice(("==", "!=") if of in ("truth", "label") else ("==", "!=", "<", "<=", ">", ">="))
    left, right = _several(random, of, depth, 2, 2)
    return tree.Compare(op, left, right)  # type: ignore[arg-type]


def _among(random: Random, kind: str, depth: int) -> Node:
    return tree.Among(rule(random, "label", depth), _words(random))


def _meets(random: Random, kind: str, depth: int) -> Node:
    return tree.Meets(rule(random, random.choice(("labels", "label")), depth), "a class", _words(random))


def _only(random: Random, kind: str, depth: int) -> Node:
    return tree.Only(_closed_list(random, depth), "a class", _words(random))


def _some(random: Random, kind: str, depth: int) -> Node:
    return tree.Some(_closed_list(random, depth))


def _how_many(random: Random, kind: str, depth: int) -> Node:
    return tree.HowMany(_closed_list(random, depth), "a class", _words(random))


def _closed_list(random: Random, depth: int) -> Node:
    """A list, and where it is a choice one among lists of known words: the only choices that are exported."""
    node = rule(random, "labels", depth)
    return node if isinstance(node, tree.Fact) or "free_bag" not in tree.facts_read(node) else tree.Fact("bag", BAG)


def _collect(random: Random, kind: str, depth: int) -> Node:
    conditions = _several(random, "truth", depth, 1)
    return tree.Collect(tuple(zip(random.sample(sorted(COLOURS), 3), conditions, strict=False)), BAG)


def _recorded(random: Random, kind: str, depth: int) -> Node:
    of = random.choice(sorted(KINDS))
    node = _closed_list(random, depth) if of == "labels" else rule(random, of, depth)
    free = {"free", "free_na"} & tree.facts_read(node) and not isinstance(node, tree.Fact)
    return tree.Recorded(tree.Fact("colour_na", COLOUR) if free else node)


def _arithmetic(random: Random, kind: str, depth: int) -> Node:
    op = random.choice(("+", "-", "*", "larger", "smaller"))
    left, right = _several(random, kind, depth, 2, 2)
    if op == "*" and kind == "decimal":
        right = rule(random, "whole", depth)
    return tree.Arithmetic(op, left, right, KINDS[kind])  # type: ignore[arg-type]


def _function(random: Random, kind: str, depth: int) -> Node:
    return tree.Function("magnitude", rule(random, kind, depth), Decimal(1), KINDS[kind])


def _days(random: Random, kind: str, depth: int) -> Node:
    return tree.Days(*_several(random, "date", depth, 2, 2))


def _bounded(random: Random, kind: str, depth: int) -> Node:
    return tree.Bounded(*_several(random, "date", depth, 3, 3))


def _choose(random: Random, kind: str, depth: int) -> Node:
    branches = tuple((rule(random, "truth", depth), rule(random, kind, depth)) for _ in range(random.randint(1, 2)))
    return tree.Choose(branches, rule(random, kind, depth), KINDS[kind])


def _band(random: Random, kind: str, depth: int) -> Node:
    of = random.choice(("whole", "decimal"))
    ats = sorted({_number(random, of) for _ in range(random.randint(1, 3))})
    cuts = tuple((random.choice(("<", "<=")), tree.Constant(at, KINDS[of]), rule(random, kind, depth)) for at in ats)
    return tree.Band(rule(random, of, depth), cuts, rule(random, kind, depth), KINDS[kind])  # type: ignore[arg-type]


def _not_applicable(random: Random, kind: str, depth: int) -> Node:
    return tree.NotApplicable(KINDS[kind])


def _undecided(random: Random, kind: str, depth: int) -> Node:
    return tree.Undecided("silence", KINDS[kind])


_ANY = frozenset(KINDS)
_TRUTH = frozenset(("truth",))
_NUMBER = frozenset(("whole", "decimal"))
BUILDERS: dict[type, tuple[frozenset[str], bool, Builder]] = {  # node type: kinds it can be, whether a leaf, builder
    tree.Constant: (_ANY - {"labels", "date"}, True, _constant),
    tree.Parameter: (frozenset(("whole",)), True, _parameter),
    tree.Fact: (_ANY, True, _fact),
    tree.And: (_TRUTH, False, _and),
    tree.Or: (_TRUTH, False, _or),
    tree.Not: (_TRUTH, False, _not),
    tree.Compare: (_TRUTH, False, _compare),
    tree.Among: (_TRUTH, False, _among),
    tree.Meets: (_TRUTH, False, _meets),
    tree.Only: (_TRUTH, False, _only),
    tree.Some: (_TRUTH, False, _some),
    tree.HowMany: (frozenset(("whole",)), False, _how_many),
    tree.Collect: (frozenset(("labels",)), False, _collect),
    tree.Recorded: (_TRUTH, False, _recorded),
    tree.Arithmetic: (_NUMBER, False, _arithmetic),
    tree.Function: (frozenset(("decimal",)), False, _function),
    tree.Days: (frozenset(("whole",)), False, _days),
    tree.Bounded: (frozenset(("date",)), False, _bounded),
    tree.Choose: (_ANY, False, _choose),
    tree.Band: (_ANY, False, _band),
    tree.NotApplicable: (_ANY, True, _not_applicable),
    tree.Undecided: (_ANY, True, _undecided),
}
