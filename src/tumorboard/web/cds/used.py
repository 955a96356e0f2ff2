"""Tokens that were used, so that each is good once, whichever of a server's processes it comes to."""

from __future__ import annotations

import sqlite3
import threading
import time

_SECONDS = 5.0  # another process is waited for


class UsedTokens:
    """Kept until they would have expired, in ``file`` where several processes share it, else in memory."""

    def __init__(self, file: str | None = None) -> None:
        self._lock = threading.Lock()
        self._kept = sqlite3.connect(
            file or ":memory:", timeout=_SECONDS, isolation_level=None, check_same_thread=False
        )  # fmt: skip
        self._kept.execute("PRAGMA synchronous = OFF")  # nothing is lost that a restart would not lose
        self._kept.execute(
            "CREATE TABLE IF NOT EXISTS used (issuer TEXT, token TEXT, until REAL, PRIMARY KEY (issuer, token))"
        )

    def take(self, issuer: str, token: str, *, until: float) -> bool:
        """Whether the token was not used before; from now on it was."""
        with self._lock:
            self._kept.execute("DELETE FROM used WHERE until < ?", (time.time(),))
            taken = self._kept.execute("INSERT OR IGNORE INTO used VALUES (?, ?, ?)", (issuer, token, until))
            return taken.rowcount == 1
