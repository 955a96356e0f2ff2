"""How well the network answers published statements it was not fitted to, beside a look-up by gene."""

from __future__ import annotations

from collections import Counter

from scoring import ABSTAINS, Statement, answer, by_gene, shows_route, statements


def right(among: list[Statement]) -> float:
    return sum(answer(one).verdict == one.verdict for one in among) / len(among)


def test_nine_of_ten_verdicts_are_those_published() -> None:
    assert len(statements()) >= 160
    assert right([one for one in statements() if one.kind != "abstain"]) >= 0.90


def test_every_phase_case_is_right() -> None:
    cases = [one for one in statements() if one.kind == "phase"]
    assert len(cases) >= 10
    assert [str(one) for one in cases if answer(one).verdict != one.verdict] == []


def test_at_least_85_of_a_hundred_routes_are_shown() -> None:
    with_route = [one for one in statements() if one.route]
    assert sum(shows_route(answer(one), one) for one in with_route) / len(with_route) >= 0.85


def test_it_abstains_where_due_and_seldom_elsewhere() -> None:
    due = [one for one in statements() if one.verdict in ABSTAINS]
    others = [one for one in statements() if one.verdict not in ABSTAINS]
    assert sum(answer(one).verdict in ABSTAINS for one in due) / len(due) >= 0.90
    assert sum(answer(one).verdict in ABSTAINS for one in others) / len(others) <= 0.10


def test_it_does_far_better_than_a_look_up_by_gene() -> None:
    clear = [one for one in statements() if one.verdict in ("sensitive", "resistant")]
    counts = Counter((answer(one).verdict == one.verdict, by_gene(one) == one.verdict) for one in clear)
    network, gene = counts[True, True] + counts[True, False], counts[True, True] + counts[False, True]
    assert network - gene >= 0.15 * len(clear)
