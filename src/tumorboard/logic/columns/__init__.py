"""The columns reader: facts and logic over facts for many patients at once, a column at a time.

It gives what the explain reader gives, patient by patient, which the generative tests hold it to. Truths are two planes
of bits, days and whole numbers two arrays of bounds; every other value is a code for one of the values the one-case
readers know (:mod:`tumorboard.logic.values`), so that an operation runs once a distinct value, by the very function
they use, and the rest is looking up.
"""
