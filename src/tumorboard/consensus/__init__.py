"""Consensus rounds: a protocol fixed beforehand, questions, ballots, statistics, and a guideline that runs."""
