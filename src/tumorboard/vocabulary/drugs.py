"""Drugs: from any spelling (INN, Chinese name, code, brand) to one drug, its classes, targets and approvals."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tumorboard.errors import InvalidKnowledge, NotFound, Problem, UnknownName
from tumorboard.text import Text, text_from
from tumorboard.vocabulary.names import key as name_key
from tumorboard.vocabulary.names import nearest

JURISDICTIONS = ("FDA", "NMPA", "EMA", "PMDA")
CERTAINTIES = ("verified", "own knowledge, high", "own knowledge, medium", "own knowledge, low")

_CLASS_FIELDS = frozenset({"id", "zh", "parents", "names"})
_DRUG_FIELDS = frozenset({"inn", "zh", "names", "classes", "targets", "approvals"})
_APPROVAL_FIELDS = frozenset({"jurisdiction", "date", "for", "source", "certainty"})
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True, slots=True)
class Approval:
    """An authority's approval of a drug for ``indication``.

    ``date`` is as exact as it is known: ``2015``, ``2015-11`` or ``2015-11-13``. ``certainty`` is one of
    :data:`CERTAINTIES` and says how far the entry has been checked.
    """

    jurisdiction: str
    date: str
    indication: Text
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Drug:
    """One drug: ``names`` are its further spellings, ``classes`` its ``own_classes`` and all their ancestors.

    ``zh`` repeats the Latin name where no Chinese one is in use.
    """

    inn: str
    zh: str
    names: tuple[str, ...]
    classes: frozenset[str]
    own_classes: tuple[str, ...]
    targets: tuple[str, ...]
    approvals: tuple[Approval, ...]

    @property
    def name(self) -> Text:
        return Text(self.inn, self.zh)

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every name of the drug, INN and Chinese name first."""
        return (self.inn, self.zh, *self.names)


@dataclass(frozen=True, slots=True)
class _DrugClass:
    name: Text
    names: tuple[str, ...]
    closure: frozenset[str]  # itself and all its ancestors


class Drugs:
    """The drugs and drug classes of the vocabulary; iterates over the drugs in the order of their files."""

    def __init__(
        self,
        classes: Mapping[str, _DrugClass],
        drugs: Sequence[Drug],
        by_key: Mapping[str, Drug],
        dispensed: re.Pattern[str],
    ) -> None:
        self._classes = classes
        self._drugs = tuple(drugs)
        self._by_key = by_key
        self._dispensed = dispensed
        self._class_by_key = {
            name_key(name): id_ for id_, known in classes.items() for name in (id_, known.name.zh, *known.names)
        }
        members: dict[str, list[str]] = {id_: [] for id_ in classes}
        for drug in drugs:
            for id_ in drug.classes:
                members[id_].append(drug.inn)
        self._members = {id_: tuple(sorted(inns, key=str.casefold)) for id_, inns in members.items()}

    @classmethod
    def from_data(
        cls, classes_doc: object, drug_docs: Sequence[object], place: str, files: Sequence[str] = ()
    ) -> Drugs:
        """The vocabulary from the parsed files of classes and of drugs.

        ``place`` is the folder or file errors name; ``files``, where given, the file of ``classes_doc`` and then of
        each of ``drug_docs``, so that errors name the very file. Raises InvalidKnowledge, naming file and entry, for a
        field that is absent or unknown, an unknown class, a circle of classes, a date that is none, and a name that
        two entries share.
        """
        labels = tuple(files) if files else ("classes", *(f"drugs {number}" for number in range(1, len(drug_docs) + 1)))
        where = [f"{place}/{label}" if files else f"{place} ({label})" for label in labels]
        classes = _read_classes(classes_doc, where[0])
        owners: dict[str, str] = {}
        for id_, known in classes.items():
            for name in dict.fromkeys((id_, known.name.zh, *known.names)):
                _claim(owners, name, f"the class {id_}", f"{where[0]}: {id_}")
        drugs: list[Drug] = []
        by_key: dict[str, Drug] = {}
        for doc, file in zip(drug_docs, where[1:], strict=True):
            for index, entry in enumerate(_entries(doc, "drugs", file)):
                drug = _read_drug(entry, f"{file}: drugs[{index}]", classes)
                entry_place = f"{file}: drugs[{index}] {drug.inn}"
                for name in drug.spellings:
                    by_key[_claim(owners, name, entry_place, entry_place)] = drug
                drugs.append(drug)
        return cls(classes, drugs, by_key, _dispensed(classes_doc, where[0]))

    def __iter__(self) -> Iterator[Drug]:
        return iter(self._drugs)

    def __len__(self) -> int:
        return len(self._drugs)

    def get(self, name: str) -> Drug | None:
        """The drug of that name in any spelling, or None.

        A name as dispensed (甲磺酸奥希替尼片, osimertinib mesylate) is read without its salt and form.
        """
        key = name_key(name)
        drug = self._by_key.get(key)
        if drug is None and (bare := self._dispensed.fullmatch(key)):
            drug = self._by_key.get(bare.group("name"))
        return drug

    def find(self, name: str, place: str = "") -> Drug:
        """The drug of that name in any spelling. Raises UnknownName, at ``place``, with the nearest known names."""
        drug = self.get(name)
        if drug is None:
            raise UnknownName(place, "drug", name, self._nearest(name))
        return drug

    def classes_of(self, inn: str) -> frozenset[str]:
        """All classes of the drug, ancestors included. Raises UnknownName."""
        return self.find(inn).classes

    def find_class(self, name: str) -> str | None:
        """The id of the class of that name in either language, or None."""
        return self._class_by_key.get(name_key(name))

    def is_class(self, name: str) -> bool:
        return self.find_class(name) is not None

    def class_name(self, id_: str) -> Text:
        """The class in both languages. Raises NotFound."""
        return self._classes[self._class(id_)].name

    def drugs_of_class(self, id_: str) -> tuple[str, ...]:
        """The INNs of the class and of all classes below it, in alphabetical order. Raises NotFound."""
        return self._members[self._class(id_)]

    def ancestors(self, id_: str) -> frozenset[str]:
        """The class itself and all classes above it; empty where it is no class."""
        found = self.find_class(id_)
        return frozenset() if found is None else self._classes[found].closure

    def classes(self) -> tuple[str, ...]:
        """The ids of all classes, in the order of their file."""
        return tuple(self._classes)

    def _class(self, name: str) -> str:
        id_ = self.find_class(name)
        if id_ is None:
            like = nearest(name, self._classes)
            raise NotFound(Problem("", f"no drug class {name!r}", f"did you mean {' or '.join(like)}?" if like else ""))
        return id_

    def _nearest(self, name: str, n: int = 3) -> tuple[str, ...]:
        """The likest spelling of each of the ``n`` likest drugs: two spellings of one drug would be one hint twice."""
        found: dict[str, str] = {}
        for spelling in nearest(name, (known for drug in self._drugs for known in drug.spellings), 4 * n):
            found.setdefault(self._by_key[name_key(spelling)].inn, spelling)
        return tuple(found.values())[:n]


def _claim(owners: dict[str, str], name: str, owner: str, place: str) -> str:
    """The key of ``name``, now ``owner``'s. Raises InvalidKnowledge where it is another's."""
    key = name_key(name)
    if not key:
        raise InvalidKnowledge(Problem(place, f"the name {name!r} is empty once spaces, hyphens and dots are gone"))
    other = owners.setdefault(key, owner)
    if other != owner:
        raise InvalidKnowledge(Problem(place, f"the name {name!r} already belongs to {other}", "leave it with one"))
    return key


def _dispensed(doc: object, place: str) -> re.Pattern[str]:
    """What stands before and after a name on a package, from the optional entry ``dispensed`` of the classes file."""
    entry = doc.get("dispensed", {}) if isinstance(doc, Mapping) else {}
    fields = _fields(entry, frozenset({"before", "after"}), {"before", "after"}, f"{place}: dispensed")
    before, after = (
        "|".join(re.escape(name_key(word)) for word in _words(fields, side, f"{place}: dispensed"))
        for side in ("before", "after")
    )
    return re.compile(f"(?:{before or '(?!)'})*(?P<name>.+?)(?:{after or '(?!)'})*")


def _read_classes(doc: object, file: str) -> dict[str, _DrugClass]:
    names: dict[str, tuple[Text, tuple[str, ...]]] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for index, entry in enumerate(_entries(doc, "classes", file)):
        place = f"{file}: classes[{index}]"
        fields = _fields(entry, _CLASS_FIELDS, {"names"}, place)
        id_ = _word(fields, "id", place)
        place = f"{place} {id_}"
        if id_ in parents:
            raise InvalidKnowledge(Problem(place, "is given twice", "keep one"))
        names[id_] = Text(id_, _word(fields, "zh", place)), _words(fields, "names", place)
        parents[id_] = _words(fields, "parents", place)
    for id_, above in parents.items():
        for parent in above:
            if parent not in parents:
                raise _unknown_class(f"{file}: {id_}", parent, parents)
    closures: dict[str, frozenset[str]] = {}

    def closure(id_: str, below: tuple[str, ...]) -> frozenset[str]:
        if id_ in below:
            circle = " → ".join((*below[below.index(id_) :], id_))
            raise InvalidKnowledge(Problem(f"{file}: {id_}", f"the classes run in a circle: {circle}"))
        if id_ not in closures:
            closures[id_] = frozenset({id_}).union(*(closure(parent, (*below, id_)) for parent in parents[id_]))
        return closures[id_]

    return {id_: _DrugClass(name, further, closure(id_, ())) for id_, (name, further) in names.items()}


def _read_drug(entry: object, place: str, classes: Mapping[str, _DrugClass]) -> Drug:
    fields = _fields(entry, _DRUG_FIELDS, frozenset(), place)
    inn = _word(fields, "inn", place)
    place = f"{place} {inn}"
    own = _words(fields, "classes", place)
    if not own:
        raise InvalidKnowledge(Problem(place, "has no class", "give at least one"))
    for id_ in own:
        if id_ not in classes:
            raise _unknown_class(place, id_, classes)
    return Drug(
        inn=inn,
        zh=_word(fields, "zh", place),
        names=_words(fields, "names", place),
        classes=frozenset().union(*(classes[id_].closure for id_ in own)),
        own_classes=own,
        targets=_words(fields, "targets", place),
        approvals=tuple(
            _read_approval(item, f"{place}: approvals[{index}]")
            for index, item in enumerate(_entries(fields, "approvals", place))
        ),
    )


def _read_approval(entry: object, place: str) -> Approval:
    fields = _fields(entry, _APPROVAL_FIELDS, frozenset(), place)
    try:
        indication = text_from(fields["for"])
    except ValueError as error:
        raise InvalidKnowledge(Problem(f"{place}: for", str(error))) from error
    return Approval(
        jurisdiction=_one_of(fields, "jurisdiction", JURISDICTIONS, place),
        date=_date(fields["date"], place),
        indication=indication,
        source=_word(fields, "source", place),
        certainty=_one_of(fields, "certainty", CERTAINTIES, place),
    )


def _date(value: object, place: str) -> str:
    mend = 'write "2015", "2015-11" or "2015-11-13", in quotes'
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise InvalidKnowledge(Problem(f"{place}: date", f"{value!r} is no date", mend))
    try:
        year, month, day = (int(part or 1) for part in found.groups())
        datetime.date(year, month, day)
    except ValueError as error:
        raise InvalidKnowledge(Problem(f"{place}: date", f"{value!r} is no date: {error}", mend)) from error
    return found.group()


def _entries(doc: object, key: str, place: str) -> list[Any]:
    entries = doc.get(key) if isinstance(doc, Mapping) else None
    if not isinstance(entries, list):
        raise InvalidKnowledge(Problem(place, f"holds no list `{key}:`"))
    return entries


def _fields(entry: object, known: frozenset[str], optional: set[str] | frozenset[str], place: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise InvalidKnowledge(Problem(place, f"expected an entry with {', '.join(sorted(known))}, found {entry!r}"))
    if absent := known - optional - entry.keys():
        raise InvalidKnowledge(Problem(_named(entry, place), f"lacks {', '.join(sorted(absent))}"))
    if extra := entry.keys() - known:
        mend = f"known are {', '.join(sorted(known))}"
        raise InvalidKnowledge(Problem(_named(entry, place), f"has the unknown field {sorted(extra)[0]!r}", mend))
    return entry


def _named(entry: Mapping[str, Any], place: str) -> str:
    name = entry.get("inn") or entry.get("id")
    return f"{place} {name}" if name else place


def _word(fields: Mapping[str, Any], key: str, place: str) -> str:
    value = fields[key]
    if not isinstance(value, str) or not value.strip():
        raise InvalidKnowledge(Problem(f"{place}: {key}", f"expected text, found {value!r}"))
    return value


def _words(fields: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    values = fields.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise InvalidKnowledge(Problem(f"{place}: {key}", f"expected a list of texts, found {values!r}"))
    return tuple(values)


def _one_of(fields: Mapping[str, Any], key: str, known: tuple[str, ...], place: str) -> str:
    value = _word(fields, key, place)
    if value not in known:
        raise InvalidKnowledge(Problem(f"{place}: {key}", f"{value!r} is not known", f"one of: {'; '.join(known)}"))
    return value


def _unknown_class(place: str, id_: str, known: Mapping[str, object]) -> InvalidKnowledge:
    like = nearest(id_, known)
    mend = f"did you mean {' or '.join(like)}?" if like else "add it to the file of drug classes"
    return InvalidKnowledge(Problem(place, f"unknown drug class {id_!r}", mend))
