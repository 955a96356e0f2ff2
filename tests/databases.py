"""A real PostgreSQL server for the tests that need one, and an empty database of either kind for each test."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from places import POSTGRES

USER = "tumorboard"


class Server:
    """PostgreSQL on a socket in a folder of its own, reached by nobody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def url(self, name: str, user: str = USER) -> str:
        return f"postgresql://{user}@/{name}?host={self.folder}"

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The address of a database that is there as long as the block."""
        name = f"t{secrets.token_hex(8)}"
        self._ask(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._ask(f"DROP DATABASE {name} WITH (FORCE)")

    def _ask(self, statement: str) -> None:
        import psycopg  # a quarter of a second, for those who need it

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A server that runs as long as the block."""
    assert POSTGRES is not None
    # Sockets have short paths, shorter than pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="tb-pg-"))
    data = folder / "data"
    if os.geteuid() == 0:  # as which PostgreSQL refuses to run
        shutil.chown(folder, "nobody")
    try:
        _run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        # Nobody pulls the plug of this machine while the tests run.
        settings = f"-c fsync=off -c listen_addresses= -c unix_socket_directories={folder} -c max_connections=100"
        _run("pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", settings)
        try:
            yield Server(folder)
        finally:
            _run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


def _run(program: str, *words: object) -> None:
    assert POSTGRES is not None
    command = [str(POSTGRES / program), *map(str, words)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "nobody", "--", *command]
    # The server keeps what it inherits open: a pipe would never end.
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/", check=False)
    assert ran.returncode == 0, f"{program} failed"
