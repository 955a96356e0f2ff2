"""The patient's resources of a call: as sent beforehand where that is whole, else asked of the client's server.

Only servers on a client's list are asked, with the token the call brings and for this patient alone.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tumorboard.errors import Problem, TumorboardError
from tumorboard.web.cds.messages import Call

_SECONDS = 5.0  # a server is waited for
_MOST_BYTES = 10 * 2**20  # of one answer
_MOST_PAGES = 20  # of one search


class NotEnough(TumorboardError):
    """What a service needs was neither sent nor could be asked for (412)."""


def bundle_of(call: Call, templates: Mapping[str, str], servers: Collection[str]) -> dict[str, Any]:
    """All resources as one collection. Raises NotEnough naming what is missing."""
    sent = call.prefetch or {}
    found: list[Any] = []
    for name, template in templates.items():
        given = sent.get(name)
        if given is None or _next_page(given):
            given = None
            found += _asked(call, name, template, servers)
        else:
            found += _entries(given)
    return {"resourceType": "Bundle", "type": "collection", "entry": found}


def _entries(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A resource as an entry, or those of a search's answer with the addresses others refer to them by."""
    if given.get("resourceType") != "Bundle":
        yield {"resource": given}
        return
    for entry in given.get("entry") or ():
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping):
            yield {name: entry[name] for name in ("fullUrl", "resource") if name in entry}


def _next_page(given: Mapping[str, Any]) -> str | None:
    """The address of the rest of a search's answer."""
    links = given.get("link") if given.get("resourceType") == "Bundle" else None
    named = [link for link in links or () if isinstance(link, Mapping) and link.get("relation") == "next"]
    return str(named[0].get("url")) if named else None


def _asked(call: Call, name: str, template: str, servers: Collection[str]) -> Iterator[Any]:
    place = f"prefetch.{name}"
    if call.fhirServer is None or call.fhirAuthorization is None:
        what = "was not sent whole, and there is no FHIR server to ask"
        raise NotEnough(Problem(place, what, "send it, or fhirServer and fhirAuthorization"))
    base = str(call.fhirServer).rstrip("/") + "/"
    if base.rstrip("/") not in {server.rstrip("/") for server in servers}:
        raise NotEnough(
            Problem("fhirServer", "is not on this client's list", "have it added to the settings of Tumorboard")
        )
    url: str | None = base + template.replace("{{context.patientId}}", call.context.patientId)
    for _ in range(_MOST_PAGES):
        if url is None:
            return
        if not url.startswith(base):
            raise NotEnough(Problem(place, "a page of the answer lies on another server"))
        answer = _fetched(url, call.fhirAuthorization.access_token, place)
        yield from _entries(answer)
        url = _next_page(answer)
    raise NotEnough(Problem(place, f"has more than {_MOST_PAGES} pages"))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token must not follow to where the server points."""

    def redirect_request(self, *args: Any, **more: Any) -> None:
        return None


def _fetched(url: str, token: str, place: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/fhir+json"}
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS) as answer:
            raw = answer.read(_MOST_BYTES + 1)
    except (OSError, urllib.error.URLError) as error:
        raise NotEnough(Problem(place, f"the FHIR server did not answer: {type(error).__name__}")) from error
    if len(raw) > _MOST_BYTES:
        raise NotEnough(Problem(place, f"the FHIR server sent more than {_MOST_BYTES // 2**20} MiB"))
    try:
        found = json.loads(raw)
    except ValueError as error:
        raise NotEnough(Problem(place, "the FHIR server sent no JSON")) from error
    if not isinstance(found, dict):
        raise NotEnough(Problem(place, "the FHIR server sent no resource"))
    return found
