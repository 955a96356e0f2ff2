"""A study of a cohort's outcomes as JSON, as lines of text, and as one self-contained page with its plots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from tumorboard.cohort.study import Comparison, Study, hazard_ratio, rounded
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.html import environment
from tumorboard.report.outcome_plots import Arm, kaplan_meier_plot, love_plot
from tumorboard.text import Language, Text

_MONTHS = Text("months", "个月")
_WORDS = {
    "title": Text("Outcomes of what was given next", "后续治疗的结局"),
    "notice": Text(
        "Observed, not randomised: a difference between arms is not an effect of the treatment.",
        "观察性数据，非随机对照：组间差异不等于治疗效果。",
    ),
    "patients": Text("{n} patients in {arms} arms", "{arms}组共{n}例"),
    "left out": Text("left out, because not known: {reasons}", "因以下信息未知而未纳入：{reasons}"),
    "arm": Text(
        "{arm}: {n} patients, median {median} ({low} to {high}) months",
        "{arm}：{n}例，中位{median}（{low}～{high}）个月",
    ),
    "whole": Text("All patients", "全部患者"),
    "matched": Text(
        "Matched sets ({unmatched} patients of the first arm without a match)",
        "匹配后（第一组{unmatched}例未匹配）",
    ),
    "ratio": Text(
        "hazard ratio of {second} against {first}: {ratio:.2f} ({low:.2f} to {high:.2f}), P = {p:.3g}",
        "{second}对{first}的风险比：{ratio:.2f}（{low:.2f}～{high:.2f}），P={p:.3g}",
    ),
    "adjusted": Text("adjusted for {names}", "校正因素：{names}"),
    "test": Text("log-rank P = {p:.3g}", "log-rank P={p:.3g}"),
    "mean": Text(
        "restricted mean up to {horizon:.1f} months, first minus second: {value:.1f} ({low:.1f} to {high:.1f})",
        "限制性平均生存时间（至{horizon:.1f}个月），第一组减第二组：{value:.1f}（{low:.1f}～{high:.1f}）",
    ),
    "balance": Text("Balance before and after matching", "匹配前后的均衡性"),
    "unbalanced": Text("still unbalanced: {names}", "仍不均衡：{names}"),
    "follow-up": Text("follow-up", "随访"),
    "not reached": Text("not reached", "未达到"),
    "small": Text("Groups of fewer than {smallest} are not shown.", "少于{smallest}例的组不显示。"),
    "knowledge": Text("Knowledge {version} of {date}.", "知识库{version}（{date}）。"),
}  # fmt: skip


def outcomes_record(found: Study, knowledge: Knowledge) -> dict[str, Any]:
    return {
        "schema": "tumorboard.outcomes/1",
        "notice": _WORDS["notice"].en,
        "patients": found.patients,
        "left_out": _countable(found),
        "arms": [list(arm) for arm in found.arms],
        "covariates": list(found.covariates),
        "whole": _comparison(found.whole),
        "matched": None if found.matched is None else _comparison(found.matched),
        "unmatched": found.unmatched,
        "balance": None
        if found.balance is None
        else [
            {"covariate": name, "before": rounded(float(before), 4), "after": rounded(float(after), 4)}
            for name, before, after in zip(found.balance.names, found.balance.before, found.balance.after, strict=True)
        ],
        "knowledge": {"version": knowledge.version, "date": knowledge.date, "sha256": knowledge.sha256},
    }


def _countable(found: Study) -> dict[str, int | str]:
    """Why patients take no part; a group too small to be shown only as such."""
    smallest = found.rules.smallest
    return {reason: count if count >= smallest else f"<{smallest}" for reason, count in found.left_out.items()}


def _comparison(compared: Comparison) -> dict[str, Any]:
    ratio, low, high, p = hazard_ratio(compared)
    test, mean = compared.test, compared.difference
    arms = [
        {
            "patients": curve.n,
            "median_months": rounded(curve.median, 3),
            "interval": [rounded(end, 3) for end in curve.median_interval],
        }
        for curve in compared.curves
    ]
    difference = None if mean is None else {
        "value": rounded(mean.value, 3),
        "interval": [rounded(mean.low, 3), rounded(mean.high, 3)],
        "horizon": rounded(compared.horizon, 3),
    }  # fmt: skip
    return {
        "arms": arms,
        "log_rank": {"statistic": rounded(test.statistic, 4), "degrees": test.degrees, "p": test.p},
        "hazard_ratio": {"value": rounded(ratio, 4), "interval": [rounded(low, 4), rounded(high, 4)], "p": p},
        "restricted_mean_difference": difference,
    }


def outcomes_lines(found: Study, knowledge: Knowledge, language: Language) -> Iterator[str]:
    """The study for the terminal."""

    def word(name: str, **parts: object) -> str:
        return _WORDS[name].format(**parts)[language]

    comma = "、" if language == "zh" else ", "
    yield word("title")
    yield word("notice")
    yield word("patients", n=found.patients, arms=len(found.arms))
    if found.left_out:
        yield "  " + word(
            "left out",
            reasons=comma.join(
                f"{_named(name, knowledge)[language]} {count}" for name, count in _countable(found).items()
            ),
        )
    yield word("whole")
    yield from _compared_lines(found, found.whole, knowledge, language, adjusted=bool(found.covariates))
    if found.matched is not None:
        yield word("matched", unmatched=found.unmatched)
        yield from _compared_lines(found, found.matched, knowledge, language, adjusted=False)
    if found.balance is not None:
        unbalanced = found.balance.unbalanced(found.rules.balanced)
        if unbalanced:
            yield "  " + word("unbalanced", names=comma.join(_named(name, knowledge)[language] for name in unbalanced))
    yield word("small", smallest=found.rules.smallest)
    yield word("knowledge", version=knowledge.version, date=knowledge.date)


def _compared_lines(
    found: Study, compared: Comparison, knowledge: Knowledge, language: Language, adjusted: bool
) -> Iterator[str]:
    def word(name: str, **parts: object) -> str:
        return _WORDS[name].format(**parts)[language]

    def months(value: float | None) -> str:
        return word("not reached") if value is None else f"{value:.1f}"

    labels = [label[language] for label in arm_labels(found, knowledge)]
    for label, curve in zip(labels, compared.curves, strict=True):
        low, high = curve.median_interval
        yield "  " + word("arm", arm=label, n=curve.n, median=months(curve.median), low=months(low), high=months(high))
    ratio, low_ratio, high_ratio, p = hazard_ratio(compared)
    yield "  " + word("ratio", first=labels[0], second=labels[1], ratio=ratio, low=low_ratio, high=high_ratio, p=p)
    if adjusted:
        yield "  " + word(
            "adjusted",
            names=("、" if language == "zh" else ", ").join(_named(n, knowledge)[language] for n in found.covariates),
        )
    yield "  " + word("test", p=compared.test.p)
    if compared.difference is not None:
        mean = compared.difference
        yield "  " + word("mean", horizon=compared.horizon, value=mean.value, low=mean.low, high=mean.high)


def _named(covariate: str, knowledge: Knowledge) -> Text:
    """A covariate in words: the fact's name, and for one of its values that too."""
    fact, equals, word = covariate.partition(" = ")
    if fact not in knowledge.facts.definitions:
        return _WORDS[fact] if fact in _WORDS else Text(fact, fact)
    name = knowledge.facts.definitions[fact].name
    return Text(f"{name.en} = {word}", f"{name.zh} = {word}") if equals else name


def arm_labels(found: Study, knowledge: Knowledge) -> list[Text]:
    """The regimens in both languages."""
    drugs = knowledge.vocabulary.drugs
    names = [[drugs.find(inn).name for inn in arm] for arm in found.arms]
    return [Text(" + ".join(n.en for n in each), " + ".join(n.zh for n in each)) for each in names]


def outcomes_html(found: Study, knowledge: Knowledge, language: Language) -> str:
    """The whole page: curves, the figures, and after matching the balance."""
    labels = arm_labels(found, knowledge)
    smallest = found.rules.smallest
    plots = [_curves(found.whole, labels, language, "whole", _WORDS["whole"], smallest)]
    if found.matched is not None:
        title = _WORDS["matched"].format(unmatched=found.unmatched)
        plots.append(_curves(found.matched, labels, language, "matched", title, smallest))
    if found.balance is not None:
        names = [_named(name, knowledge) for name in found.balance.names]
        plots.append(Markup(love_plot(found.balance, names, found.rules.balanced, language, title=_WORDS["balance"])))
    lines = list(outcomes_lines(found, knowledge, language))
    return (
        environment(language)
        .get_template("outcomes.html")
        .render(title=lines[0], lines=lines[1:], plots=plots, lang="zh-CN" if language == "zh" else "en")
    )


def _curves(
    compared: Comparison, labels: list[Text], language: Language, name: str, title: Text, smallest: int
) -> Markup:
    arms = [Arm(label, curve) for label, curve in zip(labels, compared.curves, strict=True)]
    return Markup(kaplan_meier_plot(arms, _MONTHS, language, name=name, title=title, threshold=smallest))
