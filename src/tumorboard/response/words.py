"""The sentences of an assessment, in both languages. Figures shown never overstate a change."""

from __future__ import annotations

from fractions import Fraction

from tumorboard.text import Text

WORDS: dict[str, Text] = {
    "gone": Text(
        "every target gone, target nodes below {node} mm short axis: CR",
        "靶病灶全部消失，靶淋巴结短径<{node} mm：CR",
    ),
    "growth": Text(
        "sum {now} mm, {change} ({increase} mm) from the smallest sum {nadir} mm; progression from +{percent} %",
        "总和{now} mm，较最小总和{nadir} mm变化{change}（{increase} mm）；进展界值≥{percent} %",
    ),
    "growth absolute": Text(
        "sum {now} mm, {change} ({increase} mm) from the smallest sum {nadir} mm; "
        "progression from +{percent} % and +{least} mm",
        "总和{now} mm，较最小总和{nadir} mm变化{change}（{increase} mm）；进展界值≥{percent} %且≥{least} mm",
    ),
    "reappeared": Text(
        "sum {now} mm after the targets had disappeared",
        "靶病灶消失后总和又为{now} mm",
    ),
    "partial growth": Text(
        "the targets evaluated sum to {now} mm, {change} ({increase} mm) from the smallest sum {nadir} mm",
        "已评价的靶病灶总和为{now} mm，较最小总和{nadir} mm变化{change}（{increase} mm）",
    ),
    "shrinkage": Text(
        "{change} from the baseline {baseline} mm; partial response from −{percent} %",
        "较基线{baseline} mm变化{change}；部分缓解界值≥{percent} %",
    ),
    "held": Text("a response stands until progression: PR", "缓解维持至进展：PR"),
    "no sum": Text("the sum of target lesions is not known", "靶病灶总和未知"),
    "no baseline": Text("the baseline sum is not known", "基线总和未知"),
    "no targets": Text("no target lesions at baseline", "基线无靶病灶"),
    "target": Text("target lesions: {response}", "靶病灶：{response}"),
    "new": Text("new lesion: PD", "出现新病灶：PD"),
    "nontarget PD": Text("unequivocal progression of non-target lesions: PD", "非靶病灶明确进展：PD"),
    "nontarget": Text("non-target lesions: {state}", "非靶病灶：{state}"),
    "no new": Text("no new lesion", "无新病灶"),
    "new not recorded": Text("new lesions are not recorded; one would be PD", "未记录有无新病灶；如有则为PD"),
    "new assumed": Text("new lesions are not recorded, taken as none by option", "未记录有无新病灶，按选项视为无"),
    "nontarget not recorded": Text("non-target lesions are not recorded", "未记录非靶病灶"),
    "nontarget not evaluated": Text(
        "non-target lesions not recorded here, so not evaluated", "本次未记录非靶病灶，按未评价处理"
    ),
    "best": Text("best response {best}", "最佳疗效{best}"),
    "best open": Text("best response can be {best}", "最佳疗效可能为{best}"),
    "responded": Text("first response on {day}", "首次缓解：{day}"),
    "unconfirmed": Text(
        "{best} was not confirmed after at least {days} days",
        "{best}未在间隔≥{days}天后得到确认",
    ),
    "sd minimum": Text(
        "stable disease counts from {days} days after {day}",
        "疾病稳定须距{day}≥{days}天",
    ),
    "progressed": Text("progression on {day}", "进展日期：{day}"),
    "old baseline": Text(
        "the baseline of {day} is {days} days older than the start; at most {most} are usual",
        "基线（{day}）早于治疗开始{days}天；通常不超过{most}天",
    ),
    "no baseline before start": Text(
        "no measurement on or before the start, {day}",
        "治疗开始（{day}）当日或之前无测量",
    ),
    "start not recorded": Text(
        "the start of the newest line is not recorded, so no baseline can be chosen",
        "最近一线治疗的开始日期未记录，无法确定基线",
    ),
    # -- plots ---------------------------------------------------------------------------------------------------
    "waterfall": Text("Best change of the sum of target lesions ({criteria})", "靶病灶总和的最佳变化（{criteria}）"),
    "waterfall about": Text(
        "{criteria}, one bar a patient, {count} patients, from {first} to {last}. Best response: {best}.",
        "{criteria}，每柱一例，共{count}例，{first}至{last}。最佳疗效：{best}。",
    ),
    "spider": Text(
        "Change of the sum of target lesions over time ({criteria})", "靶病灶总和随时间的变化（{criteria}）"
    ),
    "spider about": Text(
        "{criteria}, one line a patient, {count} patients, up to {weeks} weeks, until progression. "
        "Best response: {best}.",
        "{criteria}，每线一例，共{count}例，最长{weeks}周，至进展为止。最佳疗效：{best}。",
    ),
    "change axis": Text("change from baseline (%)", "较基线变化（%）"),
    "weeks axis": Text("weeks since the start", "距开始时间（周）"),
    "not drawn": Text("No sum to draw: {names}", "无可绘制的总和：{names}"),
    "unknown": Text("not known", "未知"),
    "progression": Text("progression", "进展"),
    "new lesion": Text("new lesion", "新病灶"),
    "one bar": Text("{name}: {change}, best response {best}", "{name}：{change}，最佳疗效{best}"),
    "swimmer": Text("Lines of therapy over time", "各线治疗时间轴"),
    "swimmer about": Text(
        "One lane a patient, {count} patients, {lines} lines of therapy, "
        "up to {months} months since the first line began.",
        "每行一例，共{count}例、{lines}线治疗，自首线开始最长{months}个月。",
    ),
    "months axis": Text("months since the first line of therapy began", "距首线治疗开始（月）"),
    "line of therapy": Text("line {line}: {agents}", "{line}线：{agents}"),
    "curative": Text("curative intent: {agents}", "根治性：{agents}"),
    "maintained": Text("{agents}, then {maintenance}", "{agents}，后{maintenance}维持"),
    "ongoing": Text("ongoing at the last day known", "末次已知日仍在治疗"),
    "end unknown": Text("end not recorded", "未记录结束日期"),
    "no start": Text("without a start: {names}", "未记录开始日期：{names}"),
    "nobody": Text("No patients to draw.", "无可绘制的患者。"),
    "nothing measured": Text("nothing is measured after the baseline", "基线之后无测量"),
}


def say(key: str, **parts: object) -> Text:
    return WORDS[key].format(**parts)


def mm(tenths: int) -> str:
    """A length as written: ``62`` or ``62.5``."""
    whole, tenth = divmod(abs(tenths), 10)
    return ("−" if tenths < 0 else "") + (f"{whole}.{tenth}" if tenth else str(whole))


def signed_mm(tenths: int) -> str:
    return ("+" if tenths > 0 else "") + mm(tenths)


def percent(change: Fraction | None) -> str:
    """A change in per cent, cut (not rounded) to one decimal: 19.97 never reads as the 20 it doesn't reach."""
    if change is None:
        return "–"
    tenths = abs(change * 10).__floor__()
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return f"{sign}{tenths // 10}.{tenths % 10} %"


def number(value: Fraction) -> str:
    """A cut-off as it stands in the file."""
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
