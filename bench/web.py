"""How many clients the server answers, and how fast: 200 that ask for advice once a second, then ever more.

Server and clients share the machine, so part of what is measured is the asking. A request counts from the moment it was
due, whether or not the one before it had been answered. Run with ``make bench``. ``--write`` keeps the result in
docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tumorboard.cohort.synthesise import Synthesis
from tumorboard.guidelines.knowledge import Knowledge

ROOT = Path(__file__).parent.parent
CLIENTS = 200
TARGET = 0.150  # seconds, of the slowest of a hundred
ADVICE = b'{"schema":"tumorboard.advice/1"'
RATES = (200, 250, 300, 350, 400, 500, 600, 800, 1000, 1300, 1600)


# -- the server --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def processes(self) -> list[int]:
        return [self.process.pid, *_children(self.process.pid)]

    def memory(self) -> int:
        """MiB of the largest of its processes."""
        return max(map(_resident, self.processes)) // 1024

    def worked(self) -> float:
        """Seconds of processor time of all its processes."""
        return sum(map(_worked, self.processes))


@contextlib.contextmanager
def served(workers: int) -> Iterator[Server]:
    """``tumorboard serve`` in processes of its own, with no limit to what one address may ask."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.yaml"
        settings.write_text(json.dumps({"requests_a_second": 1_000_000}))
        words = ["serve", "--port", str(port), "--workers", str(workers), "--settings", str(settings)]
        command = [sys.executable, "-c", "from tumorboard.cli import main; main()", *words]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, process)
            yield Server(port, process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise SystemExit("the server ended before it answered")


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    own = [int(each) for each in listed]
    return own + [below for each in own for below in _children(each)]


def _resident(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def _worked(process: int) -> float:
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


# -- the clients -------------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """Seconds each answer took from the moment it was due, and what went wrong instead."""

    took: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def at(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def holds(self) -> bool:
        return not self.wrong and self.at(0.99) <= TARGET


class Line(asyncio.Protocol):
    """One client's connection, which reads answers to requests in their order; as light as can be."""

    def __init__(self) -> None:
        self.held = bytearray()
        self.waiting: asyncio.Future[bytes] | None = None
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        self.waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.waiting

    def data_received(self, data: bytes) -> None:
        self.held += data
        end = self.held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.held[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self.held) >= end + 4 + length and self.waiting is not None:
            answer, self.held = bytes(self.held[: end + 4 + length]), self.held[end + 4 + length :]
            self.waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_exception(exc or ConnectionError("the server closed the connection"))


def request_of(case: dict[str, Any]) -> bytes:
    body = json.dumps(case, default=float).encode()
    head = ("POST /api/v1/advice HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json")
    return "\r\n".join((*head, f"Content-Length: {len(body)}", "", "")).encode() + body


async def client(port: int, start: float, every: float, requests: Sequence[bytes], outcome: Outcome) -> None:
    """Asks one request after another, each when it is due or as soon after as the line is free."""
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(Line, "127.0.0.1", port)
    for number, request in enumerate(requests):
        due = start + number * every
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        try:
            answer = await asyncio.wait_for(line.ask(request), 60)
        except (OSError, TimeoutError) as error:
            outcome.wrong.append(type(error).__name__)
            return
        outcome.took.append(loop.time() - due)
        if not answer.startswith(b"HTTP/1.1 200") or ADVICE not in answer[:2000]:
            outcome.wrong.append(answer[:12].decode("latin-1"))
    line.transport.close()


async def asked(port: int, clients: int, rate: float, requests: Sequence[bytes]) -> Outcome:
    """``rate`` requests a second from ``clients`` lines together, each in its turn."""
    outcome, every = Outcome(), clients / rate
    start = asyncio.get_running_loop().time() + 0.5
    turns = [requests[number::clients] for number in range(clients)]
    await asyncio.gather(
        *(client(port, start + n * every / clients, every, own, outcome) for n, own in enumerate(turns))
    )
    return outcome


# -- what is measured --------------------------------------------------------------------------------------------------


class Cases:
    """Synthetic patients, none of them twice."""

    def __init__(self) -> None:
        knowledge = Knowledge.load()
        self._made, self._next = Synthesis(knowledge.folder, knowledge.vocabulary, seed=8), 0

    def distinct(self, count: int) -> list[bytes]:
        first, self._next = self._next, self._next + count
        return [request_of(self._made.case(number)) for number in range(first, first + count)]

    def unchanged(self, count: int) -> list[bytes]:
        """The same two hundred again and again, one a client."""
        held = self.distinct(CLIENTS)
        return [held[number % CLIENTS] for number in range(count)]


def measured(what: str, server: Server, rate: float, requests: Sequence[bytes]) -> tuple[str, Outcome]:
    """A row of the table. The first tenth of what is asked warms the server up and counts too."""
    before, worked, own = server.memory(), server.worked(), time.process_time()
    outcome = asyncio.run(asked(server.port, CLIENTS, rate, requests))
    each = [1e3 * spent / len(requests) for spent in (server.worked() - worked, time.process_time() - own)]
    p50, p99 = (f"{outcome.at(share) * 1e3:.0f} ms" for share in (0.5, 0.99))
    memory = f"{before} → {server.memory()} MiB"
    row = f"| {what} | {rate:g} | {p50} | {p99} | {len(outcome.wrong)} | {each[0]:.1f} + {each[1]:.1f} ms | {memory} |"
    sys.stdout.write(row + "\n")
    sys.stdout.flush()
    return row, outcome


def highest(what: str, server: Server, cases: Cases, seconds: int) -> tuple[str, int]:
    """The highest of the rates that is held without an error and within the target."""
    held = 0
    for rate in RATES:
        made = cases.unchanged(rate * seconds) if what == "unchanged" else cases.distinct(rate * seconds)
        outcome = asyncio.run(asked(server.port, CLIENTS, rate, made))
        if not outcome.holds:
            break
        held = rate
    return f"| highest rate held, {what} cases | {held} a second | p99 ≤ {TARGET * 1e3:.0f} ms, no error |", held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rate", type=int, default=CLIENTS, help="requests a second of all clients together")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--ramp", type=int, default=10, help="seconds at each rate; 0 leaves the ramp out")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/benchmarks.md")
    chosen = parser.parse_args()
    cases, count = Cases(), chosen.rate * chosen.seconds
    lines = [
        f"| {CLIENTS} clients | a second | p50 | p99 | errors | processor, server + client | memory of its largest |",
        "|---|---|---|---|---|---|---|",
    ]
    with served(chosen.workers) as server:
        lines.append(measured("the same cases again", server, chosen.rate, cases.unchanged(count))[0])
        lines.append(measured("each case a new one", server, chosen.rate, cases.distinct(count))[0])
        lines.append(measured("each case a new one, again", server, chosen.rate, cases.distinct(count))[0])
        if chosen.ramp:
            lines += ["", "| what | measured | target |", "|---|---|---|"]
            lines += [highest(what, server, cases, chosen.ramp)[0] for what in ("unchanged", "distinct")]
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if chosen.write:
        keep(text, chosen.workers, chosen.seconds)


def keep(text: str, workers: int, seconds: int) -> None:
    """The section of docs/benchmarks.md, in the place of the one before."""
    page = ROOT / "docs" / "benchmarks.md"
    before, _, after = page.read_text(encoding="utf-8").partition("\n## The server\n")
    if after:
        after = "".join(after.partition("\n## ")[1:])
    else:  # bench/cohort.py writes its section last
        before, *rest = before.partition("\n## Cohorts")
        after = "".join(rest)
    intro = (
        f"`python bench/web.py --write`: `tumorboard serve --workers {workers}` and its clients on the same"
        f" {len(os.sched_getaffinity(0))} cores, {seconds} s each; a request counts from when it was due."
    )
    page.write_text(f"{before}\n## The server\n\n{intro}\n\n{text}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
