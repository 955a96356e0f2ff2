"""Other people's engine: cql-execution, alone or behind the reference translator of CQL, in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PEER = Path(__file__).parent / "peer"
Patient = dict[str, Any]
Answers = list[dict[str, Any]]


class NotCompiled(Exception):
    """What the translator or the engine said against a library."""


@dataclass(frozen=True)
class Engine:
    process: subprocess.Popen[str]

    def run_elm(self, library: dict[str, Any], patients: Sequence[Patient]) -> Answers:
        return self.run({"elm": library, "patients": patients})

    def run_cql(self, text: str, patients: Sequence[Patient]) -> Answers:
        return self.run({"cql": text, "patients": patients})

    def run(self, job: dict[str, Any]) -> Answers:
        """The answers for each patient, by the name of the definition. Raises NotCompiled."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(job, ensure_ascii=False, default=float) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer["errors"]:
            raise NotCompiled(answer["errors"])
        found: Answers = answer["results"]
        return found


@contextmanager
def engine(folder: Path) -> Iterator[Engine]:
    """The engine, its packages installed into ``folder`` as the lock file has them."""
    for file in PEER.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    command = ["npm", "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, timeout=300, capture_output=True)
    with subprocess.Popen(
        ["node", "run.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield Engine(process)
        finally:
            process.terminate()
