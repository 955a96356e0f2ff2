"""The two dialects: how each writes lists, functions of their items, structs and literals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

NUMBER = "DECIMAL(38,16)"  # every number and day; sums need a digit of room, products half the digits
_SUM = "DECIMAL(37,16)"
_FACTOR = "DECIMAL(18,8)"
_EPOCH = 719163  # the ordinal of 1970-01-01


class Dialect(ABC):
    """What differs; all lists are without NULLs unless said, and every function of a list takes an empty one."""

    name: str
    texts: str  # the type of a list of texts

    # -- written by each -----------------------------------------------------------------------------------------

    @abstractmethod
    def text(self, value: str) -> str: ...

    @abstractmethod
    def quoted(self, name: str) -> str: ...

    @abstractmethod
    def lambda_(self, variables: str, body: str) -> str: ...

    @abstractmethod
    def items(self, parts: Iterable[str]) -> str:
        """A list of at least one item."""

    @abstractmethod
    def no_texts(self) -> str: ...

    @abstractmethod
    def last(self, items: str) -> str:
        """The last item of a list that isn't empty."""

    @abstractmethod
    def fold(self, start: Mapping[str, str], items: str, variable: str, body: Mapping[str, str], result: str) -> str:
        """One field of the state left after all items; ``body`` reads the state as ``s`` and the item as ``x``.

        Items and state are structs of the same fields.
        """

    @abstractmethod
    def struct(self, fields: Mapping[str, str]) -> str: ...

    @abstractmethod
    def up_to(self, most: str) -> str:
        """The whole numbers from 0."""

    @abstractmethod
    def day(self, date: str) -> str:
        """The ordinal of a date."""

    @abstractmethod
    def each(self, items: str) -> str:
        """A row for each item of a list."""

    @abstractmethod
    def same(self, left: str, right: str) -> str:
        """Equality in which NULL equals NULL."""

    size: str
    filter_: str
    transform_: str
    intersect_: str
    distinct_: str
    concat_: str
    contains_: str
    sort_: str
    least_item: str
    greatest_item: str

    # -- the same in both ----------------------------------------------------------------------------------------

    def length(self, items: str) -> str:
        return f"{self.size}({items})"

    def filter(self, items: str, variable: str, condition: str) -> str:
        return f"{self.filter_}({items}, {self.lambda_(variable, condition)})"

    def transform(self, items: str, variable: str, body: str) -> str:
        return f"{self.transform_}({items}, {self.lambda_(variable, body)})"

    def any(self, items: str, variable: str, condition: str) -> str:
        """Whether the condition is true of an item; said by counting, as ``any`` of NULLs differs between engines."""
        return f"({self.length(self.filter(items, variable, condition))} > 0)"

    def intersect(self, left: str, right: str) -> str:
        return f"{self.intersect_}({left}, {right})"

    def union(self, lists: Iterable[str]) -> str:
        return f"{self.distinct_}({self.concatenated(lists)})"

    def concatenated(self, lists: Iterable[str]) -> str:
        first, *rest = lists
        for one in rest:
            first = f"{self.concat_}({first}, {one})"
        return first

    def sorted(self, items: str) -> str:
        return f"{self.sort_}({items})"

    def distinct(self, items: str) -> str:
        return f"{self.distinct_}({items})"

    def contains(self, items: str, item: str) -> str:
        return f"{self.contains_}({items}, {item})"

    def texts_of(self, words: Iterable[str]) -> str:
        found = [self.text(word) for word in sorted(words)]
        return self.items(found) if found else self.no_texts()

    def number(self, value: object) -> str:
        return f"CAST('{value}' AS {NUMBER})"

    def as_number(self, expression: str) -> str:
        return f"CAST({expression} AS {NUMBER})"

    def sum(self, left: str, op: str, right: str) -> str:
        return self.as_number(f"CAST({left} AS {_SUM}) {op} CAST({right} AS {_SUM})")

    def product(self, left: str, right: str) -> str:
        return self.as_number(f"CAST({left} AS {_FACTOR}) * CAST({right} AS {_FACTOR})")

    def quotient(self, left: str, right: str) -> str:
        return self.as_number(f"CAST({left} AS DOUBLE) / CAST({right} AS DOUBLE)")

    def real(self, call: str, of: str, *more: str) -> str:
        """A function of real numbers, which is approximate."""
        return self.as_number(f"{call}({', '.join((f'CAST({of} AS DOUBLE)', *more))})")


class DuckDB(Dialect):
    name = "duckdb"
    texts = "VARCHAR[]"
    size, filter_, transform_, intersect_ = "len", "list_filter", "list_transform", "list_intersect"
    distinct_, concat_, contains_ = "list_distinct", "list_concat", "list_contains"
    sort_, least_item, greatest_item = "list_sort", "list_min", "list_max"

    def text(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def quoted(self, name: str) -> str:
        return f'"{name}"'

    def lambda_(self, variables: str, body: str) -> str:
        return f"lambda {variables}: {body}"

    def items(self, parts: Iterable[str]) -> str:
        return f"[{', '.join(parts)}]"

    def no_texts(self) -> str:
        return "CAST([] AS VARCHAR[])"

    def last(self, items: str) -> str:
        return f"({items})[-1]"

    def fold(self, start: Mapping[str, str], items: str, variable: str, body: Mapping[str, str], result: str) -> str:
        every = f"list_concat([{self.struct(start)}], {items})"
        return f"list_reduce({every}, lambda s, {variable}: {self.struct(body)}).{result}"

    def up_to(self, most: str) -> str:
        return f"range(0, {most} + 1)"

    def day(self, date: str) -> str:
        return f"(({date} - DATE '1970-01-01') + {_EPOCH})"

    def each(self, items: str) -> str:
        return f"unnest({items})"

    def same(self, left: str, right: str) -> str:
        return f"({left} IS NOT DISTINCT FROM {right})"

    def struct(self, fields: Mapping[str, str]) -> str:
        return "{" + ", ".join(f"'{name}': {value}" for name, value in fields.items()) + "}"


class Spark(Dialect):
    name = "spark"
    texts = "ARRAY<STRING>"
    size, filter_, transform_, intersect_ = "size", "filter", "transform", "array_intersect"
    distinct_, concat_, contains_ = "array_distinct", "concat", "array_contains"
    sort_, least_item, greatest_item = "array_sort", "array_min", "array_max"

    def text(self, value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"

    def quoted(self, name: str) -> str:
        return f"`{name}`"

    def lambda_(self, variables: str, body: str) -> str:
        return f"{variables} -> {body}"

    def items(self, parts: Iterable[str]) -> str:
        return f"array({', '.join(parts)})"

    def no_texts(self) -> str:
        return "CAST(array() AS ARRAY<STRING>)"

    def last(self, items: str) -> str:
        return f"element_at({items}, -1)"

    def fold(self, start: Mapping[str, str], items: str, variable: str, body: Mapping[str, str], result: str) -> str:
        return f"aggregate({items}, {self.struct(start)}, (s, {variable}) -> {self.struct(body)}).{result}"

    def up_to(self, most: str) -> str:
        return f"sequence(0, {most})"

    def day(self, date: str) -> str:
        return f"(unix_date({date}) + {_EPOCH})"

    def each(self, items: str) -> str:
        return f"explode({items})"

    def same(self, left: str, right: str) -> str:
        return f"({left} <=> {right})"

    def struct(self, fields: Mapping[str, str]) -> str:
        return "named_struct(" + ", ".join(f"'{name}', {value}" for name, value in fields.items()) + ")"


DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (DuckDB(), Spark())}
