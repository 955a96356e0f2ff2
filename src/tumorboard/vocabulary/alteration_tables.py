"""The files genes.yaml and alterations.yaml as checked tables: genes, classes of alterations, and the words for them.

Everything medical comes from those files; what they may hold is written at their head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from tumorboard.errors import InvalidKnowledge, Problem
from tumorboard.text import Text, text_from
from tumorboard.vocabulary import hgvs
from tumorboard.vocabulary.names import key

GENE_FIELDS = frozenset(
    {"symbol", "label", "kind", "hgnc", "zh", "names", "changes", "default", "default_by_assay"}
    | {"exons", "length", "reference", "also_numbered"}
)
ENTRY_FIELDS = frozenset(
    {"id", "gene", "zh", "names", "parents", "members", "rule", "alone"}
    | {"driver", "resistance_marker", "note", "reference", "certainty"}
)
GENE_KINDS = ("gene", "family", "marker")
CERTAINTIES = ("verified", "own knowledge, high", "own knowledge, medium", "own knowledge, low")


@dataclass(frozen=True, slots=True)
class Gene:
    """A gene, a family of genes or a marker; ``label`` is how the ids of its alterations spell it."""

    symbol: str
    label: str
    kind: str
    hgnc: str | None
    zh: str
    names: tuple[str, ...]
    changes: tuple[str, ...]
    default: str | None
    default_by_assay: Mapping[str, str]
    exons: Mapping[int, tuple[int, int]]
    length: int | None  # of the protein, in the longest numbering in use
    sequence: dict[int, str]  # residue number → letter, as far as known
    also_numbered: Mapping[str, tuple[int, str]]

    @property
    def name(self) -> Text:
        return Text(self.label, self.zh)

    @property
    def spellings(self) -> tuple[str, ...]:
        return (self.symbol, self.label, self.zh, *self.names)


@dataclass(frozen=True, slots=True)
class Rule:
    """Protein changes that belong to a class though not listed: by their effect and the residues they touch."""

    effects: frozenset[str]
    codons: tuple[tuple[int, int], ...]

    def holds(self, change: hgvs.ProteinChange) -> bool:
        if change.effect not in self.effects:
            return False
        return not self.codons or any(change.start <= high and change.end >= low for low, high in self.codons)


@dataclass(frozen=True, slots=True)
class Entry:
    """One listed alteration or class; ``change`` is its id without the gene."""

    id: str
    gene: str
    change: str
    zh: str
    protein: hgvs.ProteinChange | None = None  # for a single protein change, not for a class written like one (p.G719X)
    names: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    rule: Rule | None = None
    alone: bool = False
    driver: bool = False
    resistance_marker: bool = False
    note: Text | None = None
    reference: str | None = None
    certainty: str | None = None

    @property
    def spellings(self) -> tuple[str, ...]:
        """The change alone in both languages and its further names."""
        bare = (self.change.removeprefix("p."),) if self.change.startswith("p.") else ()
        return (self.change, *bare, self.zh.partition(" ")[2] or self.zh, *self.names)


@dataclass(frozen=True, slots=True)
class Words:
    """The words around and for alterations, under their keys."""

    events: Mapping[str, tuple[str, ...]]  # a word → the events it may stand for
    exon_before: tuple[str, ...]
    exon_after: tuple[str, ...]
    fillers_before: tuple[str, ...]
    fillers_after: tuple[str, ...]
    phases: Mapping[str, str]
    assays: Mapping[str, str]
    unspecified: str
    unknown_meaning: str


@dataclass
class Tables:
    """All of it; ``aliases`` maps (gene symbol, key of a change) to the id it names."""

    genes: dict[str, Gene] = field(default_factory=dict)
    gene_keys: dict[str, str] = field(default_factory=dict)
    partners: dict[str, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    rules: dict[str, list[Entry]] = field(default_factory=dict)
    above: dict[str, frozenset[str]] = field(default_factory=dict)
    words: Words = field(init=False)

    def ruled(self, gene: str, change: hgvs.ProteinChange) -> list[str]:
        """The classes of the gene whose rule takes the change in."""
        return [entry.id for entry in self.rules.get(gene, ()) if entry.rule and entry.rule.holds(change)]


def load(genes_doc: Mapping[str, Any], alterations_doc: Mapping[str, Any], place: str) -> Tables:
    """The tables of both files. Raises InvalidKnowledge, naming file and entry, for whatever does not hold together."""
    tables = Tables()
    genes_place, place = f"{place}/genes.yaml", f"{place}/alterations.yaml"
    rows = _rows(alterations_doc, "alterations", ENTRY_FIELDS, place)
    tables.words = _words(alterations_doc, place)
    for gene, at in _genes(genes_doc, tables.words, genes_place):
        _claim(tables.gene_keys, gene.spellings, gene.symbol, at)
        tables.genes[gene.symbol] = gene
    for index, partner in enumerate(genes_doc.get("partners") or ()):
        at = f"{genes_place}: partners[{index}]"
        _claim(tables.partners, (partner["symbol"], *partner.get("names", ())), partner["symbol"], at)
    for entry, at in _entries(rows, tables, place):
        tables.entries[entry.id] = entry
        if entry.rule:
            tables.rules.setdefault(entry.gene, []).append(entry)
        if entry.names or entry.protein is None:  # protein changes without a further name are found by their notation
            _claim(tables.aliases.setdefault(entry.gene, {}), entry.spellings, entry.id, at)
    for entry in _general(tables, alterations_doc, place):
        tables.entries.setdefault(entry.id, entry)
    _close(tables, place)
    _check_defaults(tables, genes_place)
    return tables


def _wrong(place: str, what: str, mend: str = "") -> NoReturn:
    raise InvalidKnowledge(Problem(place, what, mend))


def _rows(
    doc: Mapping[str, Any], heading: str, fields: frozenset[str], place: str
) -> list[tuple[str, Mapping[str, Any]]]:
    rows = doc.get(heading) if isinstance(doc, Mapping) else None
    if not isinstance(rows, list):
        _wrong(place, f"has no list {heading!r}")
    found = []
    for index, row in enumerate(rows):
        at = f"{place}: {heading}[{index}]"
        if not isinstance(row, Mapping):
            _wrong(at, f"is {row!r}", "write an entry {…}")
        if unknown := row.keys() - fields:
            _wrong(at, f"unknown field {sorted(unknown)[0]!r}", f"known are {', '.join(sorted(fields))}")
        found.append((at, row))
    return found


def _claim(table: dict[str, str], names: Iterable[str], owner: str, place: str) -> None:
    for name in names:
        other = table.setdefault(key(name), owner)
        if other != owner:
            _wrong(place, f"{name!r} names both {other} and {owner}", "give it to one of them")


def _words(doc: Mapping[str, Any], place: str) -> Words:
    events: dict[str, tuple[str, ...]] = {}
    try:
        for event in (*doc["events"], doc["unspecified"], doc["unknown_meaning"]):
            for name in dict.fromkeys(map(key, (event["id"], event["zh"], *event.get("names", ())))):
                events[name] = (*events.get(name, ()), event["id"])

        def keyed(group: Mapping[str, Any]) -> dict[str, str]:
            return {key(name): meaning for meaning, names in group.items() for name in names}

        def longest_first(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(sorted(map(key, names), key=lambda name: (-len(name), name)))

        return Words(
            events=events,
            exon_before=longest_first(doc["exon_words"]["before"]),
            exon_after=longest_first(doc["exon_words"]["after"]),
            fillers_before=longest_first(doc["fillers"]["before"]),
            fillers_after=longest_first(doc["fillers"]["after"]),
            phases=keyed(doc["phases"]),
            assays=keyed(doc["assays"]),
            unspecified=doc["unspecified"]["id"],
            unknown_meaning=doc["unknown_meaning"]["id"],
        )
    except KeyError as error:
        raise InvalidKnowledge(Problem(place, f"{error.args[0]!r} is absent")) from error


def _genes(doc: Mapping[str, Any], words: Words, place: str) -> Iterator[tuple[Gene, str]]:
    for at, row in _rows(doc, "genes", GENE_FIELDS, place):
        if not row.get("symbol") or not row.get("zh"):
            _wrong(at, "a gene needs symbol and zh")
        if (kind := row.get("kind", "gene")) not in GENE_KINDS:
            _wrong(at, f"unknown kind {kind!r}", f"use {' | '.join(GENE_KINDS)}")
        by_assay = row.get("default_by_assay", {})
        if unknown := set(by_assay) - set(words.assays.values()):
            _wrong(at, f"unknown assay {sorted(unknown)[0]!r}")
        reference = row.get("reference", {"start": 1, "residues": ""})
        yield (
            Gene(
                symbol=row["symbol"],
                label=row.get("label", row["symbol"]),
                kind=kind,
                hgnc=row.get("hgnc"),
                zh=row["zh"],
                names=tuple(map(str, row.get("names", ()))),
                changes=tuple(row.get("changes", ())),
                default=row.get("default"),
                default_by_assay=by_assay,
                exons={int(exon): (low, high) for exon, (low, high) in row.get("exons", {}).items()},
                length=row.get("length"),
                sequence=dict(enumerate(reference["residues"], reference["start"])),
                also_numbered={old: (int(new[1:]), new[0]) for old, new in row.get("also_numbered", {}).items()},
            ),
            at,
        )


def _entries(rows: list[tuple[str, Mapping[str, Any]]], tables: Tables, place: str) -> Iterator[tuple[Entry, str]]:
    """Every entry of alterations.yaml and every member of a class, once."""
    # The longest label first: "NTRK1 fusion" is none of NTRK.
    genes = sorted(tables.genes.values(), key=lambda gene: -len(gene.label))
    labels = {gene.label: gene.symbol for gene in genes}
    written: dict[str, tuple[Entry, str]] = {}
    classes: dict[str, list[str]] = {}
    alone: set[str] = set()
    for at, row in rows:
        entry = _entry(row, labels, at)
        if entry.id in written:
            _wrong(at, f"{entry.id} is listed twice")
        written[entry.id] = entry, at
        members = [f"{tables.genes[entry.gene].label} p.{member}" for member in row.get("members", ())]
        for member in members:
            classes.setdefault(member, []).append(entry.id)
        if row.get("alone") == "members":
            alone.update(members)
    for entry, at in written.values():
        protein = None
        if entry.change.startswith("p.") and entry.rule is None:
            protein = _protein(entry.id, entry.change, tables.genes[entry.gene], at)
        if protein is not None or entry.id in classes:
            above = (*entry.parents, *classes.get(entry.id, ()))
            entry = replace(entry, protein=protein, parents=above, alone=entry.alone or entry.id in alone)
        yield entry, at
    for id_, parents in classes.items():
        if id_ not in written:
            over, at = written[parents[0]]
            change, zh = id_[id_.index("p.") :], id_.replace(" p.", " ")
            protein = _protein(id_, change, tables.genes[over.gene], at)
            yield Entry(id_, over.gene, change, zh, protein, parents=tuple(parents), alone=id_ in alone), at


def _general(tables: Tables, doc: Mapping[str, Any], place: str) -> Iterator[Entry]:
    """What genes.yaml says may be reported of each gene, and its variants of unknown meaning."""
    zh = {event["id"]: event["zh"] for event in doc["events"]}
    unspecified, unknown_meaning = doc["unspecified"], doc["unknown_meaning"]
    for gene in tables.genes.values():
        for change in gene.changes:
            if change not in zh:
                _wrong(f"{place}: events", f"{change!r} of {gene.symbol} is not among them")
            yield Entry(f"{gene.label} {change}", gene.symbol, change, f"{gene.label} {zh[change]}")
        special = [unspecified] if gene.default is None else []
        for event in [*special, unknown_meaning] if gene.kind == "gene" else special:
            yield Entry(f"{gene.label} {event['id']}", gene.symbol, event["id"], f"{gene.label} {event['zh']}")


def _entry(row: Mapping[str, Any], labels: Mapping[str, str], at: str) -> Entry:
    id_ = row.get("id", "")
    label = next((name for name in labels if id_.startswith(f"{name} ")), None)
    if label is None or row.get("gene", labels[label]) != labels[label]:
        _wrong(at, f"the id {id_!r} does not begin with its gene's label")
    if not row.get("zh"):
        _wrong(at, f"{id_} has no zh")
    claims = row.keys() & {"members", "rule", "driver", "resistance_marker", "note"}
    if claims and (not row.get("reference") or row.get("certainty") not in CERTAINTIES):
        _wrong(
            at,
            f"{id_} claims {sorted(claims)[0]} without reference and certainty",
            f"certainty: {' | '.join(CERTAINTIES)}",
        )
    return Entry(
        id=id_,
        gene=labels[label],
        change=id_[len(label) + 1 :],
        zh=row["zh"],
        names=tuple(map(str, row.get("names", ()))),
        parents=tuple(row.get("parents", ())),
        rule=_rule(row["rule"], at) if "rule" in row else None,
        alone=row.get("alone") is True,
        driver=row.get("driver", False),
        resistance_marker=row.get("resistance_marker", False),
        note=_note(row["note"], at) if "note" in row else None,
        reference=row.get("reference"),
        certainty=row.get("certainty"),
    )


def _note(value: object, at: str) -> Text:
    try:
        return text_from(value)
    except ValueError as error:
        raise InvalidKnowledge(Problem(at, f"note: {error}")) from error


def _rule(row: Mapping[str, Any], at: str) -> Rule:
    effects = frozenset(row.get("effects", ()))
    if not effects or not effects <= set(hgvs.EFFECTS):
        _wrong(at, f"rule: effects are {sorted(effects)}", f"use some of {', '.join(hgvs.EFFECTS)}")
    codons = tuple((low, high) for low, high in row.get("codons", ()))
    if any(not 1 <= low <= high for low, high in codons):
        _wrong(at, f"rule: {codons} are no stretches of codons")
    return Rule(effects, codons)


def _protein(id_: str, written: str, gene: Gene, at: str) -> hgvs.ProteinChange:
    """A listed protein change, checked against the gene's sequence, which learns the residues it names."""
    try:
        change = hgvs.read(written)
        proper = change and hgvs.normal(change, gene.sequence)
    except ValueError as error:
        raise InvalidKnowledge(Problem(at, f"{id_}: {error}")) from error
    if change is None or str(proper) != written:
        _wrong(at, f"{id_} is not in normal form", f"write {proper}" if proper else "write a protein change")
    gene.sequence[change.start], gene.sequence[change.end] = change.first, change.last
    return change


def _close(tables: Tables, place: str) -> None:
    """The classes above each listed alteration, itself included: its parents and those whose rule takes it in."""

    def closure(id_: str, path: tuple[str, ...]) -> frozenset[str]:
        if (done := tables.above.get(id_)) is not None:
            return done
        if id_ in path:
            _wrong(f"{place}: {id_}", "is above itself", " > ".join((*path, id_)))
        entry = tables.entries.get(id_)
        if entry is None:
            _wrong(f"{place}: {path[-1]}", f"unknown parent {id_!r}")
        parents = list(entry.parents)
        if entry.protein is not None:
            parents += tables.ruled(entry.gene, entry.protein)
        found = frozenset((id_,)).union(*(closure(parent, (*path, id_)) for parent in parents))
        tables.above[id_] = found
        return found

    for id_ in tables.entries:
        closure(id_, ())


def _check_defaults(tables: Tables, place: str) -> None:
    for gene in tables.genes.values():
        for change in (gene.default, *gene.default_by_assay.values()):
            if change is not None and f"{gene.label} {change}" not in tables.entries:
                _wrong(f"{place}: {gene.symbol}", f"the default {change!r} is no alteration of it")
