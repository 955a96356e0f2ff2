"""What happened to patients: survival, its comparison, and groups made comparable; arrays in, frozen results out.

Needs numpy alone and knows nothing of how a cohort is stored. Figures agree with those of lifelines and statsmodels
(``tests/outcomes``); it is written anew because those take minutes where a cohort has a million patients.
"""

from __future__ import annotations

from tumorboard.cohort.outcomes.balance import Balance, balance
from tumorboard.cohort.outcomes.cox import CoxModel, cox
from tumorboard.cohort.outcomes.kaplan_meier import Curve, kaplan_meier
from tumorboard.cohort.outcomes.logrank import LogRank, log_rank
from tumorboard.cohort.outcomes.matching import Matching, caliper_width, match
from tumorboard.cohort.outcomes.propensity import Propensity, propensity
from tumorboard.cohort.outcomes.rmst import RestrictedMean, RestrictedMeanDifference, restricted_mean, rmst_difference
from tumorboard.cohort.outcomes.suppression import SuppressedTable, cut, shown, suppress

__all__ = [
    "Balance",
    "CoxModel",
    "Curve",
    "LogRank",
    "Matching",
    "Propensity",
    "RestrictedMean",
    "RestrictedMeanDifference",
    "SuppressedTable",
    "balance",
    "caliper_width",
    "cox",
    "cut",
    "kaplan_meier",
    "log_rank",
    "match",
    "propensity",
    "restricted_mean",
    "rmst_difference",
    "shown",
    "suppress",
]
