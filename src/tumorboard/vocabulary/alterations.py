"""Genes and their alterations: one normal form from any spelling, and the classes each alteration belongs to.

``L858R``, ``p.Leu858Arg`` and ``EGFR 21外显子L858R突变`` are all ``EGFR p.L858R``. Nothing unknown passes: it is an
error with the nearest known names. A well-formed protein change that no list holds is accepted, in the classes whose
rules take it in (an insertion in codons 762-774 of EGFR is an exon 20 insertion), else as a *variant of unknown
meaning* of its gene. Genes, classes, rules and words are data: genes.yaml and alterations.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tumorboard.errors import InvalidInput, Problem, UnknownName
from tumorboard.text import Text
from tumorboard.vocabulary.alteration_reading import Alteration, AlterationReader, clean
from tumorboard.vocabulary.alteration_tables import Entry, Gene, Tables, load
from tumorboard.vocabulary.names import key, nearest

_FEW = 4  # more suggestions than these help nobody
_LONGEST_TEXT = 120  # characters; no report names one alteration at greater length


class Alterations:
    """The genes and alterations of the vocabulary; iterates over the ids of the listed alterations and classes."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._reader = tables, AlterationReader(tables)

    @classmethod
    def from_data(cls, genes_doc: Mapping[str, Any], alterations_doc: Mapping[str, Any], place: str) -> Alterations:
        """From the parsed genes.yaml and alterations.yaml; ``place`` is their folder, for messages.

        Raises InvalidKnowledge where a name stands for two things, a class is unknown or above itself, a listed change
        is not in normal form or contradicts the gene's sequence, or a medical claim has no reference.
        """
        return cls(load(genes_doc, alterations_doc, place))

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables.entries)

    def __len__(self) -> int:
        return len(self._tables.entries)

    @property
    def genes(self) -> tuple[Gene, ...]:
        """All genes, families and markers, in the order of the file."""
        return tuple(self._tables.genes.values())

    def known(self, id_: str) -> bool:
        """Whether exactly this id is listed. A well-formed change that merely could be read is not."""
        return id_ in self._tables.entries

    def entry(self, id_: str, place: str = "") -> Entry | None:
        """What the files say of an alteration, or None for an unlisted protein change. Raises as :meth:`parse`."""
        return self._tables.entries.get(self._resolved(id_, place))

    def name(self, id_: str) -> Text:
        """The alteration in both languages. Raises as :meth:`parse`."""
        resolved = self._resolved(id_)
        entry = self._tables.entries.get(resolved)
        return Text(resolved, entry.zh if entry else resolved.replace(" p.", " "))

    def above(self, id_: str) -> frozenset[str]:
        """The ids of all classes that contain this alteration or class, itself included. Raises as :meth:`parse`."""
        return self._reader.above(self._resolved(id_))

    def covers(self, class_id: str, alteration_id: str) -> bool:
        """Whether the alteration is the class or lies in it; both in any spelling. Raises as :meth:`parse`."""
        return self._resolved(class_id) in self.above(alteration_id)

    def resistance_marker(self, id_: str) -> bool:
        """Whether only specimens at or after the last progression count for it (itself or a class of it says so)."""
        entries = self._tables.entries
        return any(entries[above].resistance_marker for above in self.above(id_) if above in entries)

    def driver(self, id_: str) -> bool:
        """Whether it is on the closed list of drivers or in a class on it; a resistance marker is none."""
        entries = self._tables.entries
        found = any(entries[above].driver for above in self.above(id_) if above in entries)
        return found and not self.resistance_marker(id_)

    @property
    def drivers(self) -> tuple[str, ...]:
        """The closed list of drivers itself."""
        return tuple(entry.id for entry in self._tables.entries.values() if entry.driver)

    def gene(self, name: str, place: str) -> str:
        """The symbol of a gene, family or marker in any spelling. Raises UnknownName with the nearest names."""
        symbol = self._tables.gene_keys.get(key(name))
        if symbol is None:
            raise self._unknown_gene(name, place)
        return symbol

    def read(
        self, gene_name: str, change: str | None, partner: str | None = None, assay: str | None = None, place: str = ""
    ) -> Alteration:
        """The alteration of a biomarker entry at ``place``.

        Without ``change`` it is what the gene's bare name means, which may depend on the assay; where nothing may be
        assumed it is ``<gene> unspecified``. Raises UnknownName (gene or alteration), or InvalidInput where the entry
        contradicts itself.
        """
        symbol = self._tables.gene_keys.get(key(gene_name))
        if symbol is None:  # people write the whole alteration as its name: EML4-ALK
            return self._with_partner(self._named(gene_name, change, _at(place, "name")), partner, place)
        gene = self._tables.genes[symbol]
        if change is None:
            return self._with_partner(self._reader.bare(gene, assay, partner), partner, place)
        found = self._guarded(change, _at(place, "change"), lambda: self._reader.of_gene(gene, clean(change)))
        if found is None:
            raise UnknownName(_at(place, "change"), "alteration", f"{gene.label} {change}", self._like(gene, change))
        return self._with_partner(found, partner, place)

    def parse(self, text: str, place: str = "") -> Alteration:
        """The alteration in one text: ``EGFR ex19del``, ``CD74::ROS1``, ``MET扩增``, an id, or ``L858R`` alone where
        that tells the gene. Raises UnknownName or, for what contradicts itself, InvalidInput."""
        if text in self._tables.entries:
            return self._reader.made(text)
        found = self._guarded(text, place, lambda: self._reader.whole(clean(text)))
        if found is None:
            gene, rest = next(self._reader.gene_first(clean(text)), (None, text))
            raise UnknownName(place, "alteration", text, self._like(gene, rest) if gene else self._like_any(text))
        return found

    def _named(self, name: str, change: str | None, place: str) -> Alteration:
        text = clean(name if change is None else f"{name} {change}")
        reading = self._reader.whole if change is None else self._reader.fusion
        found = self._guarded(text, place, lambda: reading(text))
        if found is None:
            raise self._unknown_gene(name, place)
        return found

    def _unknown_gene(self, name: str, place: str) -> UnknownName:
        owners = {spelling: gene.symbol for gene in self.genes for spelling in gene.spellings}
        like: dict[str, str] = {}
        for spelling in nearest(name, owners, 6):
            like.setdefault(owners[spelling], spelling)  # one spelling a gene
        return UnknownName(place, "gene", name, tuple(like.values())[:3])

    def _with_partner(self, found: Alteration, partner: str | None, place: str) -> Alteration:
        if partner is None:
            return found
        at, symbol = _at(place, "partner"), self._reader.partner(clean(partner))
        if symbol is None:
            raise UnknownName(at, "gene", partner, nearest(partner, self._tables.partners.values()))
        if not found.change == "fusion" or symbol == found.gene or found.partner not in (None, symbol):
            raise InvalidInput(
                Problem(at, f"{found} with the partner {symbol}", "a partner is the other gene of a fusion")
            )
        return replace(found, partner=symbol)

    def _resolved(self, id_: str, place: str = "") -> str:
        return id_ if id_ in self._tables.entries else self.parse(id_, place).id

    def _like(self, gene: Gene, text: str) -> tuple[str, ...]:
        """Known alterations of the gene most like the text; where none is, what is reported of the gene at all."""
        entries = (entry for entry in self._tables.entries.values() if entry.gene == gene.symbol)
        spellings = {name: entry.id for entry in entries for name in entry.spellings}
        ids = dict.fromkeys(spellings[name] for name in nearest(text, spellings))
        return tuple(ids) or tuple(f"{gene.label} {change}" for change in gene.changes[:3])

    def _like_any(self, text: str) -> tuple[str, ...]:
        """Where no gene is named: the few alterations that the text fits, else those spelled most like it."""
        fitting = []
        for gene in self.genes:
            try:
                found = self._reader.spelled(gene, clean(text))
            except ValueError:
                continue
            if found is not None and self.known(found.id):
                fitting.append(found.id)
        if 0 < len(fitting) <= _FEW:
            return tuple(fitting)
        entries = self._tables.entries.values()
        spellings = {name: entry.id for entry in entries for name in (entry.id, entry.change) if "p." in name}
        spellings |= {entry.id: entry.id for entry in entries}
        return tuple(dict.fromkeys(spellings[name] for name in nearest(text, spellings)))

    @staticmethod
    def _guarded(text: str, place: str, reading: Callable[[], Alteration | None]) -> Alteration | None:
        if len(text) > _LONGEST_TEXT:
            raise InvalidInput(Problem(place, f"{text[:40]!r}… is too long to be one alteration"))
        try:
            return reading()
        except ValueError as error:
            raise InvalidInput(Problem(place, f"{text!r} can't be right: {error}")) from error


def _at(place: str, field: str) -> str:
    return f"{place}.{field}" if place else field
