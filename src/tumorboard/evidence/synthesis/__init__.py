"""Synthesis: findings pooled or refused, survival data rebuilt from printed curves, and the plots of both.

Pooling needs scipy (extra ``stats``), which is imported when first used; survival and plots of it do without. Figures
agree with those metafor prints for its examples, and survival with lifelines (``tests/evidence/synthesis``).
"""

from __future__ import annotations

from tumorboard.evidence.synthesis.heterogeneity import METHODS, Method
from tumorboard.evidence.synthesis.model import LogEffect, MetaResult, Study
from tumorboard.evidence.synthesis.numerics import StatisticsAbsent
from tumorboard.evidence.synthesis.pooling import poolable, refused, synthesise
from tumorboard.evidence.synthesis.proportions import freeman_tukey, meta_proportions, wilson
from tumorboard.evidence.synthesis.ratios import from_ci, meta_ratio, risk_ratio
from tumorboard.evidence.synthesis.rebuild import IndividualData, guyot
from tumorboard.evidence.synthesis.refusals import Refusal
from tumorboard.evidence.synthesis.survival import Curve, kaplan_meier

__all__ = [
    "METHODS",
    "Curve",
    "IndividualData",
    "LogEffect",
    "MetaResult",
    "Method",
    "Refusal",
    "StatisticsAbsent",
    "Study",
    "freeman_tukey",
    "from_ci",
    "guyot",
    "kaplan_meier",
    "meta_proportions",
    "meta_ratio",
    "poolable",
    "refused",
    "risk_ratio",
    "synthesise",
    "wilson",
]
