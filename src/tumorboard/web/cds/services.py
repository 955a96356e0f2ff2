"""The services offered, as ``knowledge/cds/services.yaml`` describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tumorboard.folder import KnowledgeFolder
from tumorboard.text import Language, Text, text_from

_PLACE = "cds/services.yaml"
OVERRIDE_SYSTEM = "urn:tumorboard:override-reason"


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    hook: str
    title: Text
    description: Text


@dataclass(frozen=True, slots=True)
class Services:
    services: Mapping[str, Service]
    prefetch: Mapping[str, str]
    override_reasons: Mapping[str, Text]

    def discovery(self, language: Language) -> dict[str, Any]:
        """What ``GET /cds-services`` answers."""
        return {
            "services": [
                {
                    "hook": service.hook,
                    "id": service.id,
                    "title": service.title[language],
                    "description": service.description[language],
                    "prefetch": dict(self.prefetch),
                    "usageRequirements": "FHIR R4; mCODE profiles are understood best.",
                }
                for service in self.services.values()
            ]
        }

    def reasons(self, language: Language) -> list[dict[str, str]]:
        return [
            {"code": code, "system": OVERRIDE_SYSTEM, "display": text[language]}
            for code, text in self.override_reasons.items()
        ]


def load_services(folder: KnowledgeFolder) -> Services:
    data: Any = folder.read(_PLACE)
    found = [
        Service(entry["id"], entry["hook"], text_from(entry["title"]), text_from(entry["description"]))
        for entry in data["services"]
    ]
    reasons = {entry["code"]: text_from(entry["text"]) for entry in data["override_reasons"]}
    return Services({service.id: service for service in found}, dict(data["prefetch"]), reasons)
