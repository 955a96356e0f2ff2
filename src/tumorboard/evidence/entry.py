"""Typed reading of one entry of a knowledge file, collecting what is wrong with it instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal

from tumorboard.errors import Problem
from tumorboard.text import Text, text_from


class Entry:
    """One entry; every getter notes its key, and ``finish`` adds a problem for each key nobody asked for.

    ``label`` names the entry in messages until its ``id`` is known.
    """

    def __init__(self, data: object, file: str, label: str) -> None:
        self.problems: list[Problem] = []
        self._read: set[str] = set()
        self._data: Mapping[str, object] = data if isinstance(data, Mapping) else {}
        name = self._data.get("id")
        self._place = f"{file}: {name if isinstance(name, str) and name else label}"
        if not isinstance(data, Mapping):
            self.problems.append(Problem(self._place, "must be a mapping of keys to values"))

    def fail(self, key: str, what: str, mend: str = "") -> None:
        self.problems.append(Problem(self._place, f"{key} {what}", mend))

    def finish(self) -> list[Problem]:
        for key in self._data:
            if key not in self._read:
                self.fail(repr(key), "is no key of this entry", "remove it or correct its spelling")
        return self.problems

    def has(self, key: str) -> bool:
        return key in self._data

    def raw(self, key: str) -> object:
        self._read.add(key)
        return self._data.get(key)

    def text(self, key: str) -> str | None:
        value = self.raw(key)
        if value is None or (isinstance(value, str) and value):
            return value
        self.fail(key, f"must be text, not {value!r}", "put it in quotes")
        return None

    def required(self, key: str) -> str:
        if self._data.get(key) is None:
            self._read.add(key)
            self.fail(key, "is absent")
            return ""
        return self.text(key) or ""

    def pattern(self, key: str, form: re.Pattern[str], words: str) -> str:
        value = self.required(key)
        if value and not form.fullmatch(value):
            self.fail(key, f"{value!r} is not of the form wanted", words)
        return value

    def one_of(self, key: str, allowed: Collection[str]) -> str:
        value = self.required(key)
        if value and value not in allowed:
            self.fail(key, f"{value!r} is not known", f"one of {', '.join(allowed)}")
        return value

    def whole(self, key: str) -> int | None:
        value = self.raw(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        self.fail(key, f"must be a whole number, not {value!r}")
        return None

    def truth(self, key: str, absent: bool) -> bool:
        """True or false; ``absent`` is what a missing key means by the file's own header."""
        value = self.raw(key)
        if value is None:
            return absent
        if isinstance(value, bool):
            return value
        self.fail(key, f"must be true or false, not {value!r}")
        return absent

    def number(self, key: str) -> Decimal | None:
        value = self.raw(key)
        return None if value is None else self._decimal(key, value)

    def numbers(self, key: str) -> Decimal | tuple[Decimal, Decimal] | None:
        """A number, a range [low, high], or None."""
        value = self.raw(key)
        if not isinstance(value, list):
            return None if value is None else self._decimal(key, value)
        if len(value) != 2:
            self.fail(key, "must be a number or [low, high]")
            return None
        low, high = (self._decimal(key, item) for item in value)
        if low is None or high is None:
            return None
        if low > high:
            self.fail(key, f"runs backwards ({low} to {high})", "the lower figure first")
        return low, high

    def bilingual(self, key: str) -> Text | None:
        value = self.raw(key)
        if value is None:
            return None
        try:
            return text_from(value)
        except ValueError as error:
            self.fail(key, str(error))
            return None

    def part(self, key: str) -> Entry | None:
        """A mapping inside this entry, whose problems are added to this one's by ``take``."""
        value = self.raw(key)
        return None if value is None else self.inner(value, key)

    def inner(self, value: object, label: str) -> Entry:
        inner = Entry(value, "", label)
        inner._place = f"{self._place}: {label}"
        return inner

    def take(self, inner: Entry) -> None:
        self.problems += inner.finish()

    def items(self, key: str) -> list[object]:
        value = self.raw(key)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.fail(key, "must be a list")
        return []

    def _decimal(self, key: str, value: object) -> Decimal | None:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        self.fail(key, f"must be a number, not {value!r}")
        return None
