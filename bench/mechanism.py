"""How fast the network answers: one verdict, one set of rescues, 10 000 simulated tumours.

Run with ``python bench/mechanism.py``. It counts CPU time, as the machine may be busy, over questions of several kinds;
``--fit`` finds instead how many times Bozic's mutation rate brings the fitted arm's median out (`fitted_supply`).
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from tumorboard.folder import SHIPPED, KnowledgeFolder
from tumorboard.mechanism.clones import load_rates, simulate
from tumorboard.mechanism.genotype import parse_genotype
from tumorboard.mechanism.load import load_network
from tumorboard.mechanism.rescue import rescues
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.vocabulary.library import Vocabulary

QUESTIONS = [
    ("EGFR ex19del", ["osimertinib"], []),
    ("EGFR ex19del; MET amplification", ["gefitinib"], []),
    ("EGFR L858R; EGFR T790M", ["gefitinib"], []),
    ("EGFR ex19del", ["erlotinib"], ["HGF"]),
    ("ROS1 fusion; ROS1 G2032R", ["crizotinib"], []),
    ("ALK fusion; KRAS G12C; MET amplification", ["alectinib"], []),
]


def reader() -> Mechanism:
    folder = KnowledgeFolder(SHIPPED)
    return Mechanism(load_network(folder, Vocabulary.load(folder)))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def milliseconds(work: Callable[[], object], times: int) -> float:
    """CPU milliseconds of one call, the median of ``times``."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append((time.process_time() - start) * 1000)
    return statistics.median(found)


def main() -> None:
    ask = reader()
    network, rates = ask.network, load_rates(KnowledgeFolder(SHIPPED))
    verdicts, sets = [], []
    for genotype, drugs, ligands in QUESTIONS:
        read, agents = parse_genotype(genotype, network, ligands), [network.agent(name) for name in drugs]
        verdicts.append(milliseconds(lambda read=read, agents=agents: ask.judge(read, agents), 200))
        answer = ask.judge(read, agents)
        sets.append(milliseconds(lambda answer=answer: rescues(ask, answer), 10))
    genotype = parse_genotype("EGFR ex19del", network)
    clones = milliseconds(lambda: simulate(ask, genotype, [network.agent("gefitinib")], rates), 3)
    say(f"one verdict: {statistics.median(verdicts):.2f} ms, slowest question {max(verdicts):.2f} ms (target 1 ms)")
    say(f"rescue sets: {statistics.median(sets):.0f} ms, slowest question {max(sets):.0f} ms (target 50 ms)")
    say(f"10 000 simulated tumours: {clones / 1000:.1f} s (target 5 s)")


def fit() -> None:
    ask, rates = reader(), load_rates(KnowledgeFolder(SHIPPED))
    arm = next(arm for arm in rates.arms if arm.fitted)
    genotype, agents = parse_genotype(arm.genotype, ask.network), [ask.network.agent(arm.drug)]
    low, high = 1.0, 10_000.0
    while high / low > 1.02:
        middle = (low * high) ** 0.5
        median = simulate(ask, genotype, agents, rates, supply=middle).quantile(0.5)
        low, high = (middle, high) if median is None or median > arm.months else (low, middle)
    say(f"fitted_supply: {(low * high) ** 0.5:.0f} brings {arm.arm} to {arm.months} months")


if __name__ == "__main__":
    fit() if "--fit" in sys.argv else main()
