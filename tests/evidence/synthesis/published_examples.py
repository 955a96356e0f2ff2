"""Data of published examples, with where they are printed.

The figures the tests expect are those metafor prints for them (documentation and tests of metafor 4 and metadat,
wviechtb.github.io); the data are facts of the studies named.
"""

from __future__ import annotations

BCG = (
    ("Aronson 1948", 4, 119, 11, 128),
    ("Ferguson & Simes 1949", 6, 300, 29, 274),
    ("Rosenthal et al 1960", 3, 228, 11, 209),
    ("Hart & Sutherland 1977", 62, 13536, 248, 12619),
    ("Frimodt-Moller et al 1973", 33, 5036, 47, 5761),
    ("Stein & Aronson 1953", 180, 1361, 372, 1079),
    ("Vandiviere et al 1973", 8, 2537, 10, 619),
    ("TPT Madras 1980", 505, 87886, 499, 87892),
    ("Coetzee & Berjak 1968", 29, 7470, 45, 7232),
    ("Rosenthal et al 1961", 17, 1699, 65, 1600),
    ("Comstock et al 1974", 186, 50448, 141, 27197),
    ("Comstock & Webster 1969", 5, 2493, 3, 2338),
    ("Comstock et al 1976", 27, 16886, 29, 17825),
)
"""BCG against tuberculosis, 13 trials: tuberculosis and none after vaccination, then without (dat.bcg). Colditz et al.
1994, JAMA 271:698; also Berkey et al. 1995, Stat Med 14:395."""

CATHETERS = (
    (0, 116, 3, 117), (1, 44, 3, 35), (2, 208, 9, 195), (0, 130, 7, 136), (5, 151, 6, 157), (1, 98, 4, 139),
    (1, 174, 3, 177), (1, 74, 2, 39), (1, 97, 19, 103), (1, 113, 2, 122), (0, 66, 7, 64), (0, 70, 1, 58),
    (3, 188, 5, 175), (6, 187, 11, 180), (0, 118, 0, 105), (0, 252, 1, 262), (1, 345, 3, 362), (4, 64, 1, 69),
)  # fmt: skip
"""Bloodstream infections of patients with anti-infective, then standard catheters, 18 trials (dat.nielweise2007).
Niel-Weise et al. 2007, Intensive Care Med 33:2058; pooled in Stijnen et al. 2010, Stat Med 29:3046, table II."""

VASOSPASM = (
    (16, 17), (10, 12), (4, 8), (43, 58), (10, 10), (25, 42), (13, 14), (12, 12), (22, 41), (4, 5), (5, 6), (18, 23),
    (58, 68), (6, 10),
)  # fmt: skip
"""Patients improved of those treated, 14 studies (dat.pritz1997). Zhou et al. 1999, Stat Med 18:557."""

MILLER = ((3, 11), (6, 17), (10, 21), (1, 6))
"""Events and sizes of Miller 1978, Am Stat 32:138."""
