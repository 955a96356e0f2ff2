"""Files worked on in processes apart: one that crashes, hangs or eats memory costs its own file and no other."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Generic, TypeVar

from tumorboard.errors import InvalidInput, Problem, TumorboardError

Result = TypeVar("Result")
MoreTime = Callable[[float], None]
"""Called with seconds by which the time of the file at hand is prolonged: for a page that has to be recognised."""

_AHEAD = 8  # files that may be done before one that comes first in the order
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Result]):
    """What became of one file: its result, or the error that says why there is none."""

    path: Path
    result: Result | None
    error: TumorboardError | None = None


def each_apart(
    paths: Sequence[Path],
    work: Callable[[Path, MoreTime], Result],
    *,
    seconds: float,
    memory: int | None,
    processes: int = 2,
) -> Iterator[Outcome[Result]]:
    """``work`` on each file, in their order, by ``processes`` processes.

    A file that takes longer than ``seconds`` (and what it asked for beyond them), needs more than ``memory`` MiB beyond
    the start of its process, or kills its process gives an error. Errors that ``work`` raises come back as they are;
    any other exception is a mistake of ours, and comes back as an error that says so.
    """
    # Forked, so that each process has the knowledge already; elsewhere it is sent over.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    workers = [_Worker(context, work, memory) for _ in range(min(processes, max(len(paths), 1)))]
    done: dict[int, Outcome[Result]] = {}
    next_in, next_out = 0, 0
    try:
        while next_out < len(paths):
            for worker in workers:
                if worker.busy is None and next_in < min(len(paths), next_out + _AHEAD):
                    worker.give(next_in, paths[next_in], seconds)
                    next_in += 1
            busy = [worker for worker in workers if worker.busy is not None]
            if busy:
                left = min(worker.deadline for worker in busy) - time.monotonic()
                wait([worker.connection for worker in busy], timeout=max(left, 0))
            for worker in busy:
                number = worker.busy
                outcome = worker.taken(paths)
                if outcome is not None and number is not None:
                    done[number] = outcome
            while next_out in done:
                yield done.pop(next_out)
                next_out += 1
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """One process and the file it works on; after a crash or a kill it begins again with a new process."""

    def __init__(self, context: BaseContext, work: Callable[[Path, MoreTime], Any], memory: int | None) -> None:
        self._context, self._work, self._memory = context, work, memory
        self.busy: int | None = None
        self.deadline = 0.0
        self._seconds = 0.0
        self._start()

    def _start(self) -> None:
        self.connection, theirs = self._context.Pipe()
        self._process = self._context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self._work, self._memory), daemon=True
        )
        self._process.start()
        theirs.close()

    def give(self, number: int, path: Path, seconds: float) -> None:
        self.busy, self._seconds = number, seconds
        self.deadline = time.monotonic() + seconds
        # A process that died between two files is noticed when its answer is waited for.
        with contextlib.suppress(BrokenPipeError):
            self.connection.send(path)

    def taken(self, paths: Sequence[Path]) -> Outcome[Any] | None:
        """The outcome of its file, or ``None`` while it still works."""
        assert self.busy is not None
        path = paths[self.busy]
        if self.connection.poll():
            try:
                answer = self.connection.recv()
            except (EOFError, OSError):
                self._process.join()
                what = f"its reader crashed ({_cause(self._process.exitcode)})"
                return self._lost(path, what, "the file may be damaged or hostile; other files are not affected")
            if isinstance(answer, float):
                self.deadline += answer
                return None
            self.busy = None
            return Outcome(path, *answer)
        if time.monotonic() < self.deadline:
            return None
        self._process.kill()
        self._process.join()
        return self._lost(path, f"took longer than {self._seconds:.0f} seconds", "--seconds gives it longer")

    def _lost(self, path: Path, what: str, mend: str) -> Outcome[Any]:
        self.connection.close()
        self._start()
        self.busy = None
        return Outcome(path, None, InvalidInput(Problem(str(path), what, mend)))

    def stop(self) -> None:
        if self.busy is not None:
            self._process.kill()
        else:
            with contextlib.suppress(BrokenPipeError):
                self.connection.send(None)
        self.connection.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _serve(connection: Connection, work: Callable[[Path, MoreTime], Any], memory: int | None) -> None:
    """The life of a process: a file in, its result out, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which stops this process
    faulthandler.disable()  # of a crash the parent tells, once and in words
    if memory is not None:
        _limit_memory(memory)
    while True:
        try:
            path = connection.recv()
        except (EOFError, OSError):
            return
        if path is None:
            return
        try:
            answer: tuple[Any, TumorboardError | None] = (work(path, connection.send), None)
        except TumorboardError as error:
            answer = (None, error)
        except MemoryError:
            answer = (None, InvalidInput(Problem(str(path), f"needs more than {memory} MiB of memory", "split it")))
        except Exception as error:  # noqa: BLE001 - one file's mistake must not lose the others; it is named, not hidden
            what = f"can't be read: {type(error).__name__}: {error}"
            answer = (
                None,
                InvalidInput(Problem(str(path), what, "this is a mistake of the program; please report it")),
            )
        try:
            connection.send(answer)
        except (BrokenPipeError, OSError):
            return


def _limit_memory(memory: int) -> None:
    """At most so many MiB beyond what the process has now; where the system can't count them, no limit."""
    if sys.platform != "linux":
        return
    import resource

    now = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (now + memory * _MIB, now + memory * _MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit {code}"
