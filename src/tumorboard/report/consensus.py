"""The result of a consensus as one self-contained page: each sentence in both languages, its figures, the method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from tumorboard.consensus.methods import Appendix, rate
from tumorboard.consensus.protocol import Answer, Protocol
from tumorboard.consensus.result import Outcome, Result, RoundVotes
from tumorboard.consensus.tally import Tally, cut_within_rounding, shown_counts
from tumorboard.consensus.wording import plain, shown_share
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.report.html import environment
from tumorboard.report.names import Names
from tumorboard.report.svg import element
from tumorboard.text import Language, Text

_WIDTH, _HEIGHT = 240, 18

WORDS = {
    "title": Text("Result of the consensus", "共识结果"),
    "notice": Text(
        "Votes of a panel, counted by a protocol fixed before the first vote. It informs; it decides for no patient.",
        "专家组投票结果，按首轮投票前固定的方案统计。仅供参考，不替代对个体患者的决策。",
    ),
    "situations": Text("Recommendations", "推荐意见"),
    "agreement": Text("Agreement", "共识度"),
    "interval": Text("{level} % interval {low} to {high}", "{level}%区间{low}～{high}"),
    "votes": Text("{agreeing} of {votes} votes", "{votes}票中{agreeing}票"),
    "elsewhere": Text("votes counted elsewhere", "票数由外部统计"),
    "rounded": Text(
        "the share is known only as printed; before rounding it may have been on the other side of {cut} %",
        "共识度仅有印刷值；舍入前可能在{cut}%的另一侧",
    ),
    "answers": Text("Answers", "各选项票数"),
    "few": Text("fewer than {n}, or hidden to protect such", "小于{n}，或为保护而隐去"),
    "abstained": Text("abstained: {n}", "弃权{n}人"),
    "denominators": Text(
        "{panellists} panellists, {eligible} of them may vote ({discusses} only discuss, {recused} recused)",
        "专家{panellists}名，有表决权{eligible}名（仅讨论{discusses}名，回避{recused}名）",
    ),
    "conflicted": Text(
        "{n} voted with a declared conflict; without them the decision is {same}.",
        "{n}人申报利益冲突后投票；剔除后决定{same}。",
    ),
    "same": Text("the same", "不变"),
    "another": Text("another", "改变"),
    "without": Text("Agreement without them: {share} %.", "剔除后共识度{share}%。"),
    "change": Text(
        "{changed} of {both} changed their answer since the round before", "与上一轮相比，{both}人中{changed}人改变选择"
    ),
    "meeting": Text("{n} answers were given in a meeting", "其中{n}份为会议表决"),
    "median": Text("median {median}, quartiles {low} to {high}", "中位数{median}，四分位数{low}～{high}"),
    "disagreement": Text(
        "interval {ipr}, limit {ipras}: {verdict}", "百分位间距{ipr}，界值{ipras}：{verdict}"
    ),
    "disagree": Text("disagreement", "存在分歧"),
    "no disagreement": Text("no disagreement", "无分歧"),
    "regimen": Text("Regimen", "方案"),
    "level": Text("Level", "证据级别"),
    "strength": Text("Grade", "推荐等级"),
    "rationale": Text("Why this level", "级别理由"),
    "undecided": Text("not decided", "未决定"),
    "minority": Text("What others said", "其他意见"),
    "conditions": Text("Conditions named", "提出的条件"),
    "unstructured": Text("in words only", "仅文字"),
    "as rule": Text("as a rule", "规则"),
    "rounds": Text("Rounds", "投票轮次"),
    "round": Text("Round", "轮次"),
    "opened": Text("opened", "开启"),
    "closed": Text("closed", "关闭"),
    "published": Text("published", "公布"),
    "voters": Text("voted", "应答"),
    "concordance": Text(
        "Kendall's W {w:.2f} (χ² {chi:.1f}, {degrees} degrees, P {p}; {raters} panellists over {items} questions)",
        "Kendall's W {w:.2f}（χ² {chi:.1f}，自由度{degrees}，P {p}；{raters}名专家、{items}个问题）",
    ),
    "attrition": Text(
        "{stayed} of the {first} who voted in the first round voted in the last.",
        "首轮应答的{first}人中，{stayed}人参加末轮。",
    ),
    "methods": Text("Methods, by the checklist ACCORD", "方法学附录（ACCORD清单）"),
    "absent": Text("The panel has not stated this.", "专家组未说明。"),
    "item": Text("Item", "条目"),
    "reported": Text("Reported", "报告内容"),
    "ours": Text(
        "Chosen for this consensus, not stated by the source of its protocol: {names}.",
        "以下为本共识自行设定，方案来源未说明：{names}。",
    ),
    "protocol": Text("Protocol {name}; SHA-256 {sha}", "方案：{name}；SHA-256 {sha}"),
    "knowledge": Text("Knowledge {version} of {date}.", "知识库{version}（{date}）。"),
    "quorum": Text("quorum", "法定人数"),
    "abstention": Text("abstentions", "弃权处理"),
    "conflicts": Text("conflicts of interest", "利益冲突"),
    "stopping": Text("stopping rule", "终止规则"),
    "smallest": Text("smallest number shown", "最小显示人数"),
    "too few": Text("Too few of those who may vote did, by the protocol.", "未达到方案规定的法定人数。"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OptionRow:
    regimen: str
    level: str
    grade: str
    rationale: str


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One question as the page shows it; ``other`` is its sentence in the other language."""

    id: str
    sentence: str
    other: str
    share: str | None
    bar: Markup
    figures: tuple[str, ...]
    counts: tuple[tuple[str, str], ...]
    options: tuple[OptionRow, ...]
    minority: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one situation."""

    name: str
    outcomes: tuple[OutcomeView, ...]


def consensus_html(result: Result, appendix: Appendix, knowledge: Knowledge, language: Language) -> str:
    """The whole page, for a screen and for paper."""
    return (
        environment(language)
        .get_template("consensus.html")
        .render(lang="zh-CN" if language == "zh" else "en", **result_parts(result, appendix, knowledge, language))
    )


def result_parts(result: Result, appendix: Appendix, knowledge: Knowledge, language: Language) -> dict[str, Any]:
    """What the page's template needs, which the pages of the server use too."""

    def word(key: str, **parts: object) -> str:
        return (WORDS[key].format(**parts) if parts else WORDS[key])[language]

    protocol = result.protocol
    comma = "、" if language == "zh" else ", "
    return {
        "title": result.questions.name[language],
        "other_title": result.questions.name["en" if language == "zh" else "zh"],
        "other_lang": "en" if language == "zh" else "zh-CN",
        "c": word,
        "groups": groups(result, knowledge, language),
        "rounds": [_round(each, result) for each in result.rounds],
        "concordance": _concordance(result, language),
        "attrition": None
        if result.attrition is None
        else word("attrition", first=result.attrition[0], stayed=result.attrition[1]),
        "appendix": [
            (item.id, item.name[language], [text[language] for text in (item.recorded, item.written) if text])
            for item in appendix.items
        ],
        "reference": appendix.reference[language],
        "ours": comma.join(WORDS[name][language] for name in protocol.not_stated),
        "protocol_line": word("protocol", name=protocol.name[language], sha=protocol.sha256),
        "knowledge_of_result": word("knowledge", version=knowledge.version, date=knowledge.date),
    }


def groups(result: Result, knowledge: Knowledge, language: Language) -> tuple[Group, ...]:
    names = Names(knowledge.vocabulary, language)
    found: dict[str, list[OutcomeView]] = {}
    for outcome in result.outcomes:
        found.setdefault(outcome.question.situation or "", []).append(_outcome(outcome, result.protocol, names))
    situations = result.questions.situations
    return tuple(
        Group(situations[key][language] if key in situations else "", tuple(views)) for key, views in found.items()
    )


def _round(one: RoundVotes, result: Result) -> tuple[str, ...]:
    voters = f"{one.voters} / {result.panellists} ({rate(one, result)} %)"
    return (str(one.number), one.opened or "–", one.closed or "–", one.published or "–", voters)


def _concordance(result: Result, language: Language) -> str | None:
    w = result.concordance
    if w is None:
        return None
    p = "< 0.001" if w.p < 0.001 else f"= {w.p:.3f}"
    said = WORDS["concordance"].format(w=w.w, chi=w.chi_square, degrees=w.degrees, p=p, raters=w.raters, items=w.items)
    return said[language]


def _outcome(outcome: Outcome, protocol: Protocol, names: Names) -> OutcomeView:
    language = names.language
    tallied = outcome.tally
    return OutcomeView(
        id=outcome.question.id,
        sentence=outcome.wording[language],
        other=outcome.wording["en" if language == "zh" else "zh"],
        share=None if tallied.share is None else str(shown_share(tallied.share, protocol.cuts)),
        bar=agreement_bar(tallied, protocol, outcome.wording[language]),
        figures=tuple(_figures(outcome, protocol, language)),
        counts=count_rows(tallied, protocol, language),
        options=tuple(
            OptionRow(
                regimen=" + ".join(
                    ("/" if language == "zh" else " | ").join(
                        names.agent(part.strip())[language] for part in name.split("|")
                    )
                    for name in graded.regimen.names
                ),
                level=graded.regimen.level or "–",
                grade=(WORDS["undecided"] if graded.decided is None else graded.decided.name)[language],
                rationale=graded.regimen.rationale[language] if graded.regimen.rationale else "",
            )
            for graded in outcome.options
        ),
        minority=outcome.minority,
        conditions=tuple(
            (held.text, f"{WORDS['as rule'][language]}: {held.when}" if held.when else WORDS["unstructured"][language])
            for held, _ in outcome.conditions
        ),
    )


def _figures(outcome: Outcome, protocol: Protocol, language: Language) -> Sequence[str]:
    """The numbers under a sentence, each a phrase of its own; small ones stay hidden."""
    tallied, said = outcome.tally, []

    def say(key: str, **parts: object) -> None:
        said.append((WORDS[key].format(**parts) if parts else WORDS[key])[language])

    if tallied.votes is None:
        say("elsewhere")
        if (cut := cut_within_rounding(tallied, protocol)) is not None:
            say("rounded", cut=plain(cut))
        return said
    say("votes", agreeing=tallied.agreeing, votes=tallied.votes)
    if tallied.interval is not None:
        low, high = tallied.interval
        say("interval", level=plain(protocol.interval), low=f"{low:.1f}", high=f"{high:.1f}")
    if not tallied.enough:
        say("too few")
    if tallied.abstained:
        say("abstained", n=tallied.abstained)
    if (who := tallied.electorate) is not None:
        say(
            "denominators",
            panellists=who.panellists,
            eligible=who.eligible,
            discusses=who.discusses,
            recused=who.recused,
        )
    if outcome.apart is not None:
        same = WORDS["another" if outcome.sensitive else "same"]
        say("conflicted", n=tallied.conflicted, same=same)
        if tallied.conflicted >= protocol.smallest and outcome.apart.share is not None:
            say("without", share=shown_share(outcome.apart.share, protocol.cuts))
    if outcome.change is not None:
        changed = outcome.change.changed
        few = 0 < changed < protocol.smallest
        say("change", changed=f"<{protocol.smallest}" if few else changed, both=outcome.change.both)
    if tallied.meeting:
        say("meeting", n=tallied.meeting)
    if protocol.disagreement is not None and tallied.median is not None and tallied.quartiles is not None:
        low_quartile, high_quartile = map(plain, tallied.quartiles)
        say("median", median=plain(tallied.median), low=low_quartile, high=high_quartile)
    if tallied.spread is not None:
        verdict = WORDS["disagree" if tallied.spread.disagreement else "no disagreement"]
        say("disagreement", ipr=plain(tallied.spread.width), ipras=plain(tallied.spread.limit), verdict=verdict)
    return said


def count_rows(tallied: Tally, protocol: Protocol, language: Language) -> tuple[tuple[str, str], ...]:
    """Each answer with its number as it may be shown."""
    if tallied.votes is None:
        return ()
    shown = shown_counts(tallied, protocol)

    def told(answer: Answer) -> str:
        count = shown[answer.id]
        return WORDS["few"].format(n=protocol.smallest)[language] if count is None else str(count)

    return tuple((answer.name[language], told(answer)) for answer in protocol.answers)


def agreement_bar(tallied: Tally, protocol: Protocol, label: str) -> Markup:
    """The agreement from 0 to 100 % with its interval, and marks where something is decided otherwise."""
    if tallied.share is None:
        return Markup()
    parts = [
        element("rect", x=0, y=4, width=_WIDTH, height=10, fill="currentColor", opacity="0.12"),
        element("rect", x=0, y=4, width=_at(tallied.share), height=10, fill="currentColor", opacity="0.55"),
    ]
    for cut in protocol.cuts:
        if 0 < cut < 100:
            parts.append(element("path", d=f"M{_at(cut)} 0V{_HEIGHT}", stroke="currentColor", stroke_dasharray="2 2"))
    if tallied.interval is not None:
        low, high = (_at(Fraction(end)) for end in tallied.interval)
        parts.append(
            element("path", d=f"M{low} 9H{high}M{low} 6V12M{high} 6V12", stroke="currentColor", stroke_width=1.5)
        )
    return Markup(
        element(
            "svg", "".join(parts), viewBox=f"-1 0 {_WIDTH + 2} {_HEIGHT}", width=_WIDTH + 2, height=_HEIGHT,
            role="img", aria_label=label, class_="agreement",
        )
    )  # fmt: skip


def _at(share: Fraction) -> str:
    return f"{float(share) / 100 * _WIDTH:.1f}"
