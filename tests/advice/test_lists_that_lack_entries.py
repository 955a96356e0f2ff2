"""A list that is said to lack entries: nothing follows from its silence, and what is read of it is named."""

from __future__ import annotations

from board import board_on, line, nsclc

from tumorboard.guidelines.knowledge import Knowledge

FIRST = line(1, "gefitinib", start="2024-03-01", end="2025-06-01", progressed="2025-06-01", progression="widespread")
WHOLE, LACKING = nsclc(FIRST), nsclc(FIRST, incomplete=["treatments"])
READ = "the list of treatments lacks entries; of those recorded the first or last is read"


def test_the_line_being_decided_is_at_least_the_next_one(knowledge: Knowledge) -> None:
    assert board_on(knowledge, WHOLE).value("next_line") == 2
    assert board_on(knowledge, LACKING).fact("next_line")["possible"] == [2, None]


def test_it_is_asked_for_as_one_that_is_there_but_not_whole(knowledge: Knowledge) -> None:
    assert board_on(knowledge, LACKING).asked["treatments"]["state"] == "entries are missing"
    none = nsclc(incomplete=["treatments"])
    assert board_on(knowledge, none).asked["treatments"]["state"] == "not recorded"


def test_reading_its_last_entry_is_named_as_an_assumption(knowledge: Knowledge) -> None:
    fact = board_on(knowledge, LACKING).fact("widespread_progression")
    assert fact["value"] is True and READ in fact["assumptions"]
    assert READ not in board_on(knowledge, WHOLE).fact("widespread_progression")["assumptions"]
