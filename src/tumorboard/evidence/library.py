"""All findings of the product, by id and by source."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tumorboard.errors import InvalidKnowledge, NotFound, Problem
from tumorboard.evidence.findings import Finding
from tumorboard.evidence.reading import read_finding
from tumorboard.evidence.sources import Source, sources_from
from tumorboard.folder import KnowledgeFolder

SCHEMA = "tumorboard.evidence/1"


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings in the order of their files, with the sources they name. Iterating gives findings."""

    sources: Mapping[str, Source]
    by_id: Mapping[str, Finding]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def __contains__(self, name: object) -> bool:
        return name in self.by_id

    def get(self, name: str) -> Finding:
        """The finding of that id. Raises NotFound naming ids like it."""
        if name not in self.by_id:
            near = difflib.get_close_matches(name, self.by_id, n=3)
            raise NotFound(Problem("", f"no finding {name!r}", f"near it: {', '.join(near)}" if near else ""))
        return self.by_id[name]

    def source(self, name: str) -> Source:
        """The source of that id or short name (``004``). Raises NotFound."""
        for source in self.sources.values():
            if name in (source.id, source.short):
                return source
        known = ", ".join(source.id for source in self.sources.values() if source.is_document)
        raise NotFound(Problem("", f"no source {name!r}", f"the documents are {known}"))

    def of_source(self, name: str) -> tuple[Finding, ...]:
        """The findings of a source, by its id or short name; those that name it in ``also`` too."""
        source = self.source(name)
        return tuple(finding for finding in self if source.id in (finding.source, *finding.also))

    @classmethod
    def from_folder(cls, folder: KnowledgeFolder) -> Findings:
        """The findings of a knowledge folder: ``sources.yaml``, every ``sources/*.yaml`` beside it and every
        ``evidence/*.yaml``, in order of name.

        A folder whose findings have all been checked once, known by its hash, gives each when it is asked for.
        """
        sources, evidence = _all_sources(folder), dict(folder.under("evidence"))
        if folder.was_checked("evidence"):
            known = sources_from(sources, "sources.yaml")
            return cls(MappingProxyType(known), _Shelf(evidence, known))
        found = cls.from_data(sources, evidence, folder.root.name)
        folder.is_checked("evidence")
        return found

    @classmethod
    def from_data(cls, sources: object, evidence: Mapping[str, object], place: str) -> Findings:
        """Findings from parsed knowledge files.

        ``sources`` is the parsed ``sources.yaml``, ``evidence`` the parsed evidence files by name, ``place`` the folder
        for messages. Raises InvalidKnowledge with every problem, each naming file and id.
        """
        known = sources_from(sources, f"{place}/sources.yaml")
        found: dict[str, Finding] = {}
        files: dict[str, str] = {}
        problems: list[Problem] = []
        for name, data in evidence.items():
            file = f"{place}/{name}"
            entries = data.get("findings") if isinstance(data, Mapping) and data.get("schema") == SCHEMA else None
            if not isinstance(entries, list):
                problems.append(
                    Problem(file, "is not a file of findings", f"`schema: {SCHEMA}`, then a list `findings`")
                )
                continue
            for number, item in enumerate(entries):
                finding, wrong = read_finding(item, file, number, known)
                problems += wrong
                if finding.id in found:
                    problems.append(Problem(f"{file}: {finding.id}", f"the id is already used in {files[finding.id]}"))
                elif finding.id:
                    found[finding.id], files[finding.id] = finding, file
        problems += _dangling(found, files)
        if problems:
            raise InvalidKnowledge(*problems)
        return cls(MappingProxyType(known), MappingProxyType(found))


def _all_sources(folder: KnowledgeFolder) -> object:
    """``sources.yaml`` with the entries of ``sources/*.yaml``, where a user's own documents stand."""
    own, more = folder.read("sources.yaml"), dict(folder.under("sources"))
    if not more:
        return own
    for name, data in more.items():
        sources_from(data, f"{folder.root.name}/{name}")
    merged = dict(own)
    for key in ("documents", "updates"):
        merged[key] = [entry for data in (own, *more.values()) for entry in data.get(key) or []]
    return merged


class _Shelf(Mapping[str, Finding]):
    """Findings of checked files by id, each read when it is first asked for."""

    def __init__(self, evidence: Mapping[str, Any], sources: Mapping[str, Source]) -> None:
        self._items = {
            str(item["id"]): (item, file, number)
            for file, data in evidence.items()
            for number, item in enumerate(data["findings"])
        }
        self._sources = sources
        self._read: dict[str, Finding] = {}

    def __getitem__(self, name: str) -> Finding:
        if name not in self._read:
            self._read[name], _ = read_finding(*self._items[name], self._sources)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def _dangling(found: Mapping[str, Finding], files: Mapping[str, str]) -> list[Problem]:
    problems = []
    for finding in found.values():
        named = [name for remark in finding.remarks for name in remark.see]
        for name in (*named, *([finding.restates] if finding.restates else [])):
            if name not in found:
                problems.append(Problem(f"{files[finding.id]}: {finding.id}", f"names {name!r}, which is no finding"))
    return problems
