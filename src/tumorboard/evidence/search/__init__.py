"""Search over findings and added source texts, in Chinese and English, by any name of a drug, gene or alteration."""

from __future__ import annotations

from tumorboard.evidence.search.index import EvidenceIndex, Found, Hit, default_cache
from tumorboard.evidence.search.names import Concept, NameReader

__all__ = ["Concept", "EvidenceIndex", "Found", "Hit", "NameReader", "default_cache"]
