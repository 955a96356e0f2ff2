"""The file a new guideline starts from."""

from __future__ import annotations

_TEMPLATE = """\
# A guideline of your own. `tumorboard guideline lint DIR` checks it, `tumorboard guideline test DIR` runs its examples,
# `tumorboard advise CASE --knowledge DIR` uses it. Rules are logic over facts (`tumorboard knowledge list facts`);
# docs/language.md describes their language.
id: {name}
name: {{en: A guideline of your own, zh: 本院指南}}
source: own
published: "{year}"
basis: ungraded          # panel: graded by experts who voted | by-design: graded by a named rule | ungraded
scope:
  when: disease in ["SCLC", "NSCLC"]
  name: {{en: lung cancer, zh: 肺癌}}
strategies:
  - {{id: {name}-chemotherapy, name: {{en: chemotherapy, zh: 化疗}}, kind: chemotherapy}}
situations:
  - id: {name}-second-line
    name: {{en: small cell lung cancer at second line, zh: 小细胞肺癌二线}}
    when: disease == "SCLC" and next_line == 2
    options:
      - {{id: {name}-topotecan, strategy: {name}-chemotherapy, regimen: [topotecan], evidence: [S002-024]}}
not_covered:
  - {{when: disease == "NSCLC", because: {{en: this guideline says nothing of NSCLC yet, zh: 本指南暂未涉及NSCLC}}}}
examples:
  - id: second-line
    case:
      conditions: [{{disease: SCLC}}]
      treatments: [{{line: 1, agents: [carboplatin, etoposide], end: "2025-04-01", progressed: "2025-06-01"}}]
    met: [{name}-second-line]
    unknown: []
"""


def template(name: str, year: int) -> str:
    """YAML text of a small guideline called ``name`` that loads and whose example holds."""
    return _TEMPLATE.format(name=name, year=year)
