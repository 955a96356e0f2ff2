"""Typed reading of one entry a person wrote, collecting what is wrong with it instead of stopping at the first."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from tumorboard.errors import InvalidInput, Problem
from tumorboard.vocabulary.terms import Terms

_EARLIEST = datetime.date(1900, 1, 1)
_MAX_DIGITS = 12


class Entry:
    """One entry at ``place``; ``keys`` are those it may have. A key with nothing behind it is a key left out."""

    def __init__(self, data: object, place: str, keys: Sequence[str]) -> None:
        self.place = place
        self.problems: list[Problem] = []
        if not isinstance(data, dict):
            raise InvalidInput(Problem(place, f"{data!r} is not an entry with keys"))
        self._data = {str(key): value for key, value in data.items() if value is not None}
        for key in self._data:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1)
                self.fail(key, "is no key of this entry", f"did you mean {near[0]}?" if near else "")

    def fail(self, key: str, what: str, mend: str = "") -> None:
        self.problems.append(Problem(f"{self.place}.{key}", what, mend))

    def finish(self) -> None:
        """Raises InvalidInput with everything found wrong."""
        if self.problems:
            raise InvalidInput(*self.problems)

    def get(self, key: str, required: bool = False) -> object:
        value = self._data.get(key)
        if value is None and required:
            self.fail(key, "is missing")
        return value

    def text(self, key: str, required: bool = False) -> str | None:
        value = self.get(key, required)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return str(value)  # the id of a patient or lesion may be a number
        if value is None or (isinstance(value, str) and value.strip()):
            return value.strip() if value else None
        self.fail(key, f"{value!r} is not text")
        return None

    def date(self, key: str, required: bool = False) -> datetime.date | None:
        value = self.get(key, required)
        if value is None or isinstance(value, datetime.date):
            return value
        try:
            found = datetime.date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
        except ValueError:
            found = None
        if found is None:
            self.fail(key, f"{value!r} is not a date", "write YYYY-MM-DD")
        elif found < _EARLIEST:
            self.fail(key, f"{value} is before {_EARLIEST.year}")
        return found

    def truth(self, key: str) -> bool | None:
        value = self.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fail(key, f"{value!r} is neither true nor false")
        return None

    def term(self, key: str, terms: Terms, required: bool = False, mend: str = "") -> str | None:
        """A word of a closed list in any spelling, as the list's own name. ``mend`` is added to an error's."""
        value = self.get(key, required)
        if value is None:
            return None
        found = terms.find(value) if isinstance(value, str) else None
        if found is None:
            use = f"use {' | '.join(terms.terms)}"
            self.fail(key, f"{value!r} is not a {terms.heading}", f"{use}. {mend}" if mend else use)
            return None
        return found.id

    def tenths(self, key: str) -> int | None:
        """A length in millimetres with at most one decimal, as whole tenths."""
        value = self.get(key)
        if value is None:
            return None
        try:
            number = Decimal(str(value)) if isinstance(value, int | Decimal | float | str) else None
        except InvalidOperation:
            number = None
        if number is None or isinstance(value, bool) or not number.is_finite() or len(str(number)) > _MAX_DIGITS:
            self.fail(key, f"{value!r} is not a length in mm", "leave it out where it isn't known")
            return None
        if number < 0:
            self.fail(key, f"{value} mm is below 0")
            return None
        if (tenths := number * 10) != int(tenths):
            self.fail(key, f"{value} mm is finer than a tenth of a millimetre", "give at most one decimal")
            return None
        return int(tenths)
