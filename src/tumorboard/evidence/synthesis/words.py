"""The words of pooled results and their plots, in both languages."""

from __future__ import annotations

from tumorboard.evidence.synthesis.model import Bounds, MetaResult
from tumorboard.text import Language, Text

WORDS: dict[str, Text] = {
    "forest": Text("Forest plot: {measure}, {k} studies", "森林图：{measure}，{k}项研究"),
    "funnel": Text("Funnel plot: {measure}, {k} studies", "漏斗图：{measure}，{k}项研究"),
    "study": Text("Study", "研究"),
    "value": Text("{measure} ({level} % CI)", "{measure}（{level}% CI）"),
    "weight": Text("Weight", "权重"),
    "patients": Text("Patients", "例数占比"),
    "pooled": Text("Pooled ({method})", "合并值（{method}）"),
    "prediction": Text("Prediction interval", "预测区间"),
    "one study": Text("{name}: {value}, {share} {weight}", "{name}：{value}，{share}{weight}"),
    "one point": Text("{name}: {value}, standard error {error}", "{name}：{value}，标准误{error}"),
    "standard error": Text("Standard error", "标准误"),
    "funnel about": Text(
        "Each study by its effect and standard error, the most precise on top. The lines enclose where {level} % of "
        "studies would lie around {value} if chance alone made them differ. Outside: {outside} of {k}.",
        "各研究按效应值与标准误作图，精度最高者在上。虚线界定仅由随机误差所致差异时{level}%的研究围绕{value}应处的范围。"
        "界外：{k}项中{outside}项。",
    ),
    "summary": Text(
        "{measure} {value} ({level} % CI {low} to {high}), {k} studies",
        "{measure} {value}（{level}% CI {low}～{high}），{k}项研究",
    ),
    "predicted": Text("; prediction interval {low} to {high}", "；预测区间{low}～{high}"),
    "heterogeneity": Text(
        "Heterogeneity: τ² {tau2}, I² {i2} %, {test} {q} (df {df}), P {p}",
        "异质性：τ² {tau2}，I² {i2}%，{test} {q}（自由度{df}），P {p}",
    ),
    "Q": Text("Q", "Q"),
    "LR": Text("likelihood ratio", "似然比"),
    "proportion": Text("Proportion", "比例"),
    "survival": Text("Kaplan–Meier curves", "Kaplan–Meier曲线"),
    "survival axis": Text("Survival (%)", "生存率（%）"),
    "time": Text("Time ({unit})", "时间（{unit}）"),
    "at risk": Text("Number at risk", "风险人数"),
    "one curve": Text(
        "{name}: {n} patients, {events} events, median {median}", "{name}：{n}例，{events}例事件，中位数{median}"
    ),
    "not reached": Text("not reached", "未达到"),
    "censored": Text("Short strokes: censored.", "短竖线：删失。"),
}


def say(key: str, language: Language, **parts: object) -> str:
    return WORDS[key].format(**parts)[language]


def measure_name(result: MetaResult) -> Text:
    """HR, RR … as they are; a proportion in words."""
    return WORDS["proportion"] if result.measure == "proportion" else Text(result.measure, result.measure)


def share_name(result: MetaResult) -> Text:
    """What the percentage beside a study is: its weight, or of all patients where a binomial model knows no weights."""
    return WORDS["patients" if result.method == "GLMM" else "weight"]


def figure_of(result: MetaResult, value: float) -> str:
    """A ratio with two decimals, a proportion as a percentage."""
    return f"{100 * value:.1f}%" if result.measure == "proportion" else f"{value:.2f}"


def span_of(result: MetaResult, value: float, bounds: Bounds) -> str:
    return f"{figure_of(result, value)} ({figure_of(result, bounds[0])}–{figure_of(result, bounds[1])})"


def p_text(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def summary(result: MetaResult, language: Language) -> str:
    """The pooled value with its intervals in one sentence."""
    low, high = (figure_of(result, bound) for bound in result.interval)
    told = say(
        "summary",
        language,
        measure=measure_name(result),
        value=figure_of(result, result.value),
        level=f"{result.level:g}",
        low=low,
        high=high,
        k=result.k,
    )
    if result.prediction:
        low, high = (figure_of(result, bound) for bound in result.prediction)
        told += say("predicted", language, low=low, high=high)
    return told


def heterogeneity(result: MetaResult, language: Language) -> str:
    """τ², I² and the test of heterogeneity in one sentence."""
    return say(
        "heterogeneity",
        language,
        tau2=f"{result.tau2:.4f}",
        i2=f"{result.i2:.1f}",
        test=WORDS["LR" if result.method == "GLMM" else "Q"],
        q=f"{result.q:.2f}",
        df=result.q_df,
        p=p_text(result.q_p),
    )
