"""`tumorboard serve` in a process of its own, until the end of a test."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "from tumorboard.cli import main; main()"]


@dataclass(frozen=True)
class Serving:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def served(*words: str, log: Path | None = None, port: int = 0, **chosen: Any) -> Iterator[Serving]:
    """A server with ``words`` of the command line and ``chosen`` settings, once it answers."""
    port = port or free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.yaml"
        settings.write_text(json.dumps(chosen), encoding="utf-8")
        command = [*COMMAND, "serve", "--port", str(port), "--settings", str(settings), *words]
        with (log or Path(os.devnull)).open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            _wait_for(port, process)
            yield Serving(port, process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except OSError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
