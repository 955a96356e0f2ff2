"""A process of its own in which panellists answer at once; each line it prints is a ballot confirmed to be on disk.

python submit.py URL ROUND_ID [KEY|PSEUDONYM|QUESTION …]
"""

from __future__ import annotations

import sys
import threading

from sqlalchemy.exc import OperationalError, TimeoutError

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.voting import cast
from tumorboard.store.database import Database

TRIES = 20  # a panellist who is told that it did not work sends the same form again


def submit(database: Database, round_id: str, line: str) -> None:
    for each in line.split(";"):
        key, pseudonym, question = each.split("|")
        for last in (*[False] * TRIES, True):
            try:
                with database.writing() as connection:
                    cast(connection, round_id, Ballot(question, pseudonym, "recommend"), key)
                break
            except (OperationalError, TimeoutError):  # a hundred at once on a busy machine: some wait in vain
                if last:
                    raise
        sys.stdout.write(key + "\n")
        sys.stdout.flush()


def main() -> None:
    url, round_id = sys.argv[1:3]
    database = Database(url)
    threads = [threading.Thread(target=submit, args=(database, round_id, line.strip())) for line in sys.stdin]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
