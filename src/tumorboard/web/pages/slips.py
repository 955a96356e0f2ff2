"""What is wrong in a form, in Chinese: the messages of the checks that somebody who types a case meets.

The checks write English, as programs read them too. A message this list doesn't know is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tumorboard.errors import Problem
from tumorboard.text import Language

Told = Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]]

_KINDS = {"unit": "单位", "drug": "药物", "gene": "基因", "alteration": "变异", "disease": "疾病"}


def _listed(names: str) -> str:
    return "、".join(re.split(r" or | \| ", names))


_WHAT: Told = (
    (re.compile(r"is missing"), lambda found: "未填写"),
    (re.compile(r"(.+) is not a number"), lambda found: f"{found[1]}不是数字"),
    (re.compile(r"(.+) is not a date"), lambda found: f"{found[1]}不是日期"),
    (re.compile(r".+ without a unit"), lambda found: "缺少单位"),
    (re.compile(rf"unknown ({'|'.join(_KINDS)}) (.+)"), lambda found: f"无法识别的{_KINDS[found[1]]}{found[2]}"),
    (re.compile(r"(\S+) is before the start, (\S+)"), lambda found: f"{found[1]}早于开始日期{found[2]}"),
    (re.compile(r".+ is implausible"), lambda found: "数值不合常理"),
    (re.compile(r"(\S+) is above (\S+)"), lambda found: f"{found[1]}高于上限{found[2]}"),
    (re.compile(r"(\S+) is below (\S+)"), lambda found: f"{found[1]}低于下限{found[2]}"),
    (re.compile(r"(\w+ \d+)"), lambda found: found[1]),
)
_MEND: Told = (
    (re.compile(r""), lambda found: ""),
    (re.compile(r"take the quotes off"), lambda found: "请填数字"),
    (re.compile(r"write YYYY-MM-DD"), lambda found: "请写为YYYY-MM-DD"),
    (re.compile(r"give one of (.+)"), lambda found: f"可用：{_listed(found[1])}"),
    (re.compile(r"did you mean (.+)\?"), lambda found: f"是否为{_listed(found[1])}？"),
    (re.compile(r"`tumorboard knowledge list drugs` lists them"), lambda found: "请核对药名"),
    (re.compile(r"(\S+) to (.+); is the unit right\?"), lambda found: f"应在{found[1]}～{found[2]}之间，请核对单位"),
    (re.compile(r"it runs from (\S+) to (\S+)"), lambda found: f"范围为{found[1]}～{found[2]}"),
    (re.compile(r"number the lines of therapy .+"), lambda found: "请按治疗先后编号为1、2、3……"),
)


def slip_told(problem: Problem, language: Language) -> str:
    """The slip in the reader's language; empty where there are no words for it."""
    if language == "en":
        return ""
    what, mend = _told(problem.what, _WHAT), _told(problem.mend, _MEND)
    if what is None or mend is None:
        return ""
    return f"{what}；{mend}" if mend else what


def _told(text: str, known: Told) -> str | None:
    return next((say(found) for pattern, say in known if (found := pattern.fullmatch(text))), None)
