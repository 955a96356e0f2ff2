"""How fast patients are made, kept and read back, one process: per patient, and what that means for a cohort.

Run with ``python bench/cohort_making.py [N]``. It counts CPU time, as the machine may be busy.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from tumorboard.cohort.files import opened, parts, row_group, write_cohort
from tumorboard.cohort.synthesise import Synthesis
from tumorboard.guidelines.knowledge import Knowledge


def main(patients: int) -> None:
    knowledge = Knowledge.load()
    making = Synthesis(knowledge.folder, knowledge.vocabulary, 0)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        made = [making.patient(number) for number in range(patients)]
        say("made", start, patients)
        start = time.process_time()
        write_cohort(iter(made), Path(folder) / "cohort")
        say("written, sorted", start, patients)
        (part,) = parts(Path(folder) / "cohort")
        size = part.stat().st_size
        start = time.process_time()
        file = opened(part)
        for number in range(file.num_row_groups):
            row_group(file, part, number)
        say("read", start, patients)
    sys.stdout.write(f"{size / patients:.0f} bytes a patient on disk\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"memory at most {memory // 1024} MiB\n")


def say(what: str, start: float, patients: int) -> None:
    each = (time.process_time() - start) / patients
    sys.stdout.write(
        f"{what}: {each * 1000:.2f} ms a patient; a million on two cores in {each * 1e6 / 2 / 60:.0f} min\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
