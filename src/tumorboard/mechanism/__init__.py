"""Resistance to targeted drugs: the signalling network, drug × allele effects, verdicts, rescue sets, clones.

Given a tumour's alterations and its drugs: which outputs stay active, by which route, what would close it, and how such
resistance arises under treatment. All biology is data in ``knowledge/network/``; this package reads it.
"""
