"""Changes of genes as they are counted: each mention by the name its frequency has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tumorboard.folder import KnowledgeFolder
from tumorboard.reading.lexicon import Lexicon, Mention

_VARIANT = r"[A-Z]\d{2,4}[A-Z](?![A-Za-z0-9])(?: ?突变| mutations?)?"


class AlterationFinder:
    """Finds ``MET exon 14 skipping``, ``T790M突变``, ``ALK重排`` and calls their frequency as findings do."""

    def __init__(self, folder: KnowledgeFolder, lexicon: Lexicon) -> None:
        data = folder.read("reading/changes.yaml")
        self._labels = data["labels"]
        self._changes = {form.lower(): name for name, forms in data["changes"].items() for form in forms}
        changes = "|".join(re.escape(form) for form in sorted(self._changes, key=len, reverse=True))
        self._change = re.compile(rf"(?:基因)?[ -]?(?:p\.)?(?:(?P<variant>{_VARIANT})|(?P<change>{changes}))")
        self._bare = re.compile(rf"(?<![A-Za-z0-9]){_VARIANT}")
        self._of_variant = lru_cache(maxsize=512)(lexicon.alteration)

    def find(self, text: str, mentions: Sequence[Mention]) -> Iterator[Mention]:
        """Every counted change of ``text``; ``mentions`` are the names of the lexicon in it."""
        taken: set[int] = set()
        for mention in mentions:
            if mention.kind == "counted":
                yield Mention("frequency", f"{mention.name}_frequency", mention.start, mention.end)
            elif mention.kind == "gene" and (found := self._change.match(text, mention.end)):
                taken.add(found.end())
                what = self._variant(found["variant"]) if found["variant"] else self._changes[found["change"].lower()]
                yield Mention("frequency", f"{self._label(mention.name)}_{what}_frequency", mention.start, found.end())
        for found in self._bare.finditer(text):
            variant = self._variant(found[0])
            if found.end() not in taken and (known := self._of_variant(variant)):
                name = f"{self._label(known.split(' ')[0])}_{variant}_frequency"
                yield Mention("frequency", name, found.start(), found.end())

    @staticmethod
    def _variant(printed: str) -> str:
        return re.split("[ 突]", printed)[0]

    def _label(self, symbol: str) -> str:
        return str(self._labels.get(symbol, symbol))
