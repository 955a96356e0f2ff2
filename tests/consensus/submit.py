"""A process of its own in which panellists answer at once; each line it prints is a ballot confirmed to be on disk.

python submit.py URL ROUND_ID [KEY|PSEUDONYM|QUESTION …]
"""

from __future__ import annotations

import sys
import threading

from tumorboard.consensus.ballots import Ballot
from tumorboard.consensus.voting import cast
from tumorboard.store.database import Database


def submit(database: Database, round_id: str, line: str) -> None:
    for each in line.split(";"):
        key, pseudonym, question = each.split("|")
        with database.writing() as connection:
            cast(connection, round_id, Ballot(question, pseudonym, "recommend"), key)
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
