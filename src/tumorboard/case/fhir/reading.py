"""What every part of the FHIR reader shares: the resources, the vocabulary, and what was and wasn't understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from pydantic import ValidationError

from tumorboard.case.fhir.codes import Codes
from tumorboard.case.fhir.resources import Found
from tumorboard.case.fhir.shape import Resource, day_of, entries_of, entry_of, is_partial, label, references, shown
from tumorboard.case.model import COMPLETE, CaseFile, Section
from tumorboard.errors import Problem, TumorboardError
from tumorboard.vocabulary.library import Vocabulary


class Reading:
    """Collects a case's entries from its resources, and lists each resource that gave less than all of itself."""

    def __init__(self, found: Found, vocabulary: Vocabulary, codes: Codes) -> None:
        self.resources, self._urls, self._places = list(found.resources), found.urls, found.places
        self.used: set[int] = set()
        self.vocabulary, self.terms, self.codes = vocabulary, vocabulary.terms, codes
        self.data: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def of_type(self, *types: str) -> list[Resource]:
        return [resource for resource in self.resources if resource.get("resourceType") in types]

    def add(self, resource: Resource, key: str, entry: dict[str, Any]) -> dict[str, Any] | None:
        """Append what ``resource`` says to a list of the case, without empty keys; told where a case can't hold it."""
        kept = {name: value for name, value in entry.items() if value is not None}
        if not self._fits(resource, {key: [kept]}):
            return None
        self.data.setdefault(key, []).append(kept)
        return kept

    def set(self, resource: Resource, key: str, value: Any) -> None:
        """Set a key of the case itself; listed where a case can't hold the value."""
        if self._fits(resource, {key: value}):
            self.data[key] = value

    def _fits(self, resource: Resource, part: dict[str, Any]) -> bool:
        try:
            file = CaseFile.model_validate({"id": "-", **part}, context={"terms": self.terms})
        except ValidationError as error:
            said = entry_of(error.errors()[0].get("ctx")).get("message") or error.errors()[0]["msg"]
            self.tell(resource, f"{said}; not read")
            return False
        for marker in file.biomarkers or ():
            try:
                self.vocabulary.alterations.read(marker.name, marker.change, marker.partner, marker.assay)
            except TumorboardError as error:
                self.tell(resource, f"{error.problems[0].what}; not read", error.problems[0].mend)
                return False
        return True

    def tell(self, resource: Resource, what: str, mend: str = "") -> None:
        self.problems.append(Problem(self.label(resource), what, mend))

    def missing(self, key: str, indices: Iterable[int]) -> None:
        """List entries that a Bundle of ours says it had and that didn't come along."""
        for index in indices:
            if key in COMPLETE:
                self.lacks(cast(Section, key))
            self.problems.append(Problem(f"{key}[{index}]", "was written to FHIR, but its resource is not here"))

    def lacks(self, key: Section) -> None:
        """Note that a list which counts as complete is not: the record holds an entry that could not be read."""
        if key not in self.data.setdefault("incomplete", []):
            self.data["incomplete"].append(key)

    def label(self, resource: Resource) -> str:
        """``Observation/x``; the path of its entry where it has no id."""
        return self._places.get(id(resource)) or label(resource)

    def resolve(self, value: object, holder: Resource | None = None) -> list[Resource]:
        """The resources that a Reference points to: in this bundle, or held inside ``holder`` itself."""
        held = entries_of(holder.get("contained")) if holder else []
        inner = {f"#{one.get('id')}": one for one in held}
        return [one for url in references(value) if (one := inner.get(url) or self._at(url)) is not None]

    def use(self, resource: Resource) -> None:
        """Note that another resource took what this one says (a Specimen its kind), so that it isn't listed."""
        self.used.add(id(resource))

    def _at(self, url: str) -> Resource | None:
        bare = url.partition("/_history/")[0]
        return self._urls.get(bare) or self._urls.get("/".join(bare.split("/")[-2:]))

    def day(self, resource: Resource, *values: object) -> str | None:
        """The first whole day among ``values``; a year or month alone, or no date at all, is listed."""
        given = [value for value in values if value is not None]
        for value in given:
            if (day := day_of(value)) is not None:
                return day
        for value in given[:1]:
            mend = "a case needs year, month and day" if is_partial(value) else "write YYYY-MM-DD"
            self.tell(resource, f"the date {shown(value)} is no day, so the entry is undated", mend)
        return None

    def unread(self, resource: Resource, heading: str, statuses: Iterable[object]) -> bool:
        """Whether a status says that this never was or isn't settled; then it is listed."""
        for status in statuses:
            if isinstance(status, str) and status in self.codes.words["unread"][heading]:
                self.tell(resource, f"is {status} and was not read")
                return True
        return False
