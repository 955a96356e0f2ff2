"""From the text of a report to one alteration: the gene in front, then words, exons, notation, fusion partners.

What a reading does not understand is None; what contradicts itself is a ValueError saying how. The errors a person
sees, with their place and the nearest names, are made in :mod:`tumorboard.vocabulary.alterations`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from tumorboard.vocabulary import hgvs
from tumorboard.vocabulary.alteration_tables import Gene, Tables
from tumorboard.vocabulary.names import key

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212"), "-")
_PAIR = re.compile(r"(?P<left>[A-Za-z0-9]{2,}(?:-\d)?) ?(?P<sign>::|--|-|/) ?(?P<right>[A-Za-z0-9]{2,}) ?(?P<rest>.*)")
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,14}")
_NUMBERED = re.compile(r"[A-Z](\d+)")


@dataclass(frozen=True, slots=True)
class Alteration:
    """One alteration in its normal form.

    ``gene`` is the HGNC symbol (or the name of a family or marker), ``change`` the change alone and ``id`` both
    (``EGFR p.L858R``, ``ERBB2 exon 20 insertion``, ``PD-L1 expression``). ``partner`` is the other gene of a fusion,
    ``phase`` cis or trans where the report says how a mutation lies to another.
    """

    gene: str
    change: str
    id: str
    partner: str | None = None
    phase: str | None = None

    def __str__(self) -> str:
        text = f"{self.id} ({self.partner})" if self.partner else self.id
        return f"{text}/{self.phase}" if self.phase else text


class AlterationReader:
    """Reads texts by the words and names of the tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables, self._words = tables, tables.words
        before, after = (_any_of(words) for words in (tables.words.exon_before, tables.words.exon_after))
        self._exon = re.compile(
            rf"(?P<before>(?:{before}[ -]*)*)(?P<number>\d{{1,2}})[ -]*(?P<after>(?:{after}[ -]*)*)(?P<rest>.*)", re.I
        )
        self._exon_last = re.compile(
            rf"(?P<event>\D+?)[ -]*(?:{before}[ -]*)*(?P<number>\d{{1,2}})[ -]*(?:{after}[ -]*)*", re.I
        )
        phases = _any_of(sorted(tables.words.phases, key=len, reverse=True))
        self._phase = re.compile(
            rf"(?P<change>.*?)(?:[ /(,，、;-]+|(?=[^\x00-\x7f]))(?P<phase>(?:in )?{phases})\)?", re.I
        )
        self._alone = frozenset(entry.id for entry in tables.entries.values() if entry.alone)
        self._alone_genes = tuple(dict.fromkeys(tables.entries[id_].gene for id_ in self._alone))
        self._above_unlisted = lru_cache(maxsize=4096)(self._classes_of_unlisted)

    def whole(self, text: str) -> Alteration | None:
        """The alteration in one text: gene and change, two genes of a fusion, or a change that tells its gene."""
        wrong: ValueError | None = None
        for gene, rest in self.gene_first(text):
            try:
                found = self.of_gene(gene, rest) if rest else self.bare(gene, None, None)
            except ValueError as error:
                wrong = wrong or error
            else:
                if found is not None:
                    return found
        found = self.fusion(text) or self._gene_inferred(text)
        if found is None and wrong:
            raise wrong
        return found

    def gene_first(self, text: str) -> Iterator[tuple[Gene, str]]:
        """The ways to split a text into a gene and what is said of it, the longest name first: NTRK1 before NTRK."""
        for split in range(len(text), 0, -1):
            symbol = self._tables.gene_keys.get(key(text[:split]))
            if symbol is not None and not text[split - 1].isspace():
                yield self._tables.genes[symbol], text[split:].strip(" :：,，;/-")

    def _gene_inferred(self, text: str) -> Alteration | None:
        found: dict[str, Alteration] = {}
        for symbol in self._alone_genes:
            try:
                alteration = self.spelled(self._tables.genes[symbol], text)
            except ValueError:  # it contradicts this gene, so it is another's
                continue
            if alteration is not None and self.above(alteration.id) & self._alone:
                found[alteration.id] = alteration
        return next(iter(found.values())) if len(found) == 1 else None

    def of_gene(self, gene: Gene, text: str) -> Alteration | None:
        """A change of this gene, also where the text names the gene again."""
        found = self.spelled(gene, text) or self.fusion(text)
        if found is None:
            again = (self.spelled(gene, rest) for other, rest in self.gene_first(text) if other is gene and rest)
            found = next((alteration for alteration in again if alteration), None)
        return found if found is None or found.gene == gene.symbol else None

    def spelled(self, gene: Gene, text: str) -> Alteration | None:
        """A change of this gene, with the phase that may stand behind it."""
        phases = set()
        while match := self._phase.fullmatch(text):
            phases.add(self._words.phases[key(match["phase"].lower().removeprefix("in "))])
            text = match["change"]
        id_ = self._find(gene, text)
        if id_ is None:
            return None
        if len(phases) > 1:
            raise ValueError("it can't be both cis and trans")
        found = self.made(id_)
        if not phases:
            return found
        if not found.change.startswith("p."):
            raise ValueError("cis and trans belong to a single mutation")
        return replace(found, phase=phases.pop())

    def _find(self, gene: Gene, text: str) -> str | None:
        """The id of a change of ``gene``; ValueError where the change contradicts itself."""
        for bare in self._bared(text):
            if found := self._listed(gene, key(bare)) or self._in_exon(gene, bare) or self._protein(gene, bare):
                return found
        return None

    def _bared(self, text: str) -> Iterator[str]:
        """The text as it is, then without the words around it that add nothing, fewest taken off first."""
        waiting, seen = deque([text]), {text}
        while waiting:
            text = waiting.popleft()
            if not key(text):
                continue
            yield text
            lower = text.lower()
            shorter = [text[len(word) :] for word in self._words.fillers_before if lower.startswith(word)]
            shorter += [text[: -len(word)] for word in self._words.fillers_after if lower.endswith(word)]
            for rest in (taken.strip(" -") for taken in shorter):
                if rest not in seen:
                    seen.add(rest)
                    waiting.append(rest)

    def _listed(self, gene: Gene, spelled: str) -> str | None:
        found = self._tables.aliases.get(gene.symbol, {}).get(spelled)
        events = (f"{gene.label} {event}" for event in self._words.events.get(spelled, ()))
        return found or next((id_ for id_ in events if id_ in self._tables.entries), None)

    def _in_exon(self, gene: Gene, text: str) -> str | None:
        if match := self._exon.fullmatch(text):
            exon, rest = int(match["number"]), match["rest"].strip(" -")
            if found := self._exon_event(gene, exon, key(rest)):
                return found
            if rest and (match["before"] or match["after"] or exon in gene.exons):
                return self._protein_in_exon(gene, exon, rest)
        elif match := self._exon_last.fullmatch(text):
            return self._exon_event(gene, int(match["number"]), key(match["event"]))
        return None

    def _exon_event(self, gene: Gene, exon: int, word: str) -> str | None:
        aliases = self._tables.aliases.get(gene.symbol, {})
        events = self._words.events.get(word, ()) if word else ("",)
        return next((aliases[k] for event in events if (k := key(f"exon {exon} {event}")) in aliases), None)

    def _protein_in_exon(self, gene: Gene, exon: int, rest: str) -> str | None:
        readings = (self._listed(gene, key(bare)) or self._protein(gene, bare) for bare in self._bared(rest))
        found = next((reading for reading in readings if reading), None)
        change = found.removeprefix(f"{gene.label} ") if found else ""
        if not change.startswith("p."):
            return None
        low, high = gene.exons.get(exon, (1, None))
        residues = [int(number) for number in _NUMBERED.findall(change)]
        if high is not None and not any(low <= residue <= high for residue in residues):
            raise ValueError(f"{change} does not lie in exon {exon}, which is codons {low} to {high}")
        return found

    def _protein(self, gene: Gene, text: str) -> str | None:
        change = hgvs.read(text) if gene.kind == "gene" else None
        if change is None:
            return None
        start, first = gene.also_numbered.get(f"{change.first}{change.start}", (change.start, change.first))
        end, last = gene.also_numbered.get(f"{change.last}{change.end}", (change.end, change.last))
        change = replace(change, start=start, first=first, end=end, last=last)
        if gene.length and end > gene.length:
            raise ValueError(f"{gene.label} has {gene.length} residues, and {end} is beyond them")
        return f"{gene.label} {hgvs.normal(change, gene.sequence)}"

    def fusion(self, text: str) -> Alteration | None:
        """Two genes with the sign of a fusion between them; a bare hyphen or stroke needs a partner that is listed."""
        match = _PAIR.fullmatch(text)
        if match is None:
            return None
        for mine, other in (("right", "left"), ("left", "right")):  # the kinase stands behind: EML4::ALK
            symbol = self._tables.gene_keys.get(key(match[mine]))
            gene = self._tables.genes[symbol] if symbol else None
            if gene is None or "fusion" not in gene.changes:
                continue
            fusion = f"{gene.label} fusion"
            said = bool(match["rest"]) and self._find(gene, match["rest"]) == fusion
            listed = key(match[other]) in self._tables.partners
            sure = match["sign"] in ("::", "--") or listed or (match["sign"] == "-" and said)
            if sure and (said or not match["rest"]) and (partner := self.partner(match[other])) not in (None, symbol):
                return replace(self.made(fusion), partner=partner)
        return None

    def bare(self, gene: Gene, assay: str | None, partner: str | None) -> Alteration:
        """What the gene's name alone means, by the assay where that matters."""
        if partner is not None and "fusion" in gene.changes:
            return self.made(f"{gene.label} fusion")
        by_assay = gene.default_by_assay.get(self._words.assays.get(key(assay), "")) if assay else None
        return self.made(f"{gene.label} {by_assay or gene.default or self._words.unspecified}")

    def made(self, id_: str) -> Alteration:
        """The alteration of an id in normal form."""
        entry = self._tables.entries.get(id_)
        if entry is not None:
            return Alteration(entry.gene, entry.change, id_)
        label, _, change = id_.partition(" p.")
        return Alteration(self._tables.gene_keys[key(label)], f"p.{change}", id_)

    def above(self, id_: str) -> frozenset[str]:
        """The classes of an id in normal form, itself included."""
        listed = self._tables.above.get(id_)
        return self._above_unlisted(id_) if listed is None else listed

    def partner(self, name: str) -> str | None:
        """The symbol of a fusion partner; a well-formed symbol may be unlisted, as new partners keep being found."""
        known = self._tables.partners.get(key(name)) or self._tables.gene_keys.get(key(name))
        return known or (name.upper() if _SYMBOL.fullmatch(name) else None)

    def _classes_of_unlisted(self, id_: str) -> frozenset[str]:
        alteration = self.made(id_)
        change = hgvs.read(alteration.change)
        assert change is not None
        label = self._tables.genes[alteration.gene].label
        classes = self._tables.ruled(alteration.gene, change) or [f"{label} {self._words.unknown_meaning}"]
        return frozenset({id_}).union(*(self._tables.above[class_id] for class_id in classes))


def clean(text: str) -> str:
    """The text in plain width, with plain hyphens and single spaces; case and everything else stay."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).split())


def _any_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"
