"""The methods appendix: the items of ACCORD, filled from what was recorded and from what the panel writes.

What nobody wrote stands as absent; nothing is made up for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tumorboard.consensus.protocol import STANDING_NAMES, DecisionClass, Protocol
from tumorboard.consensus.result import Result, RoundVotes
from tumorboard.consensus.wording import plain, shown_share
from tumorboard.folder import KnowledgeFolder
from tumorboard.text import LANGUAGES, Text, text_from

_COMMA = Text(", ", "、")
_STOP = Text("; ", "；")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist; ``recorded`` follows from the records, ``written`` is the panel's own text."""

    id: str
    name: Text
    recorded: Text | None
    written: Text | None

    @property
    def filled(self) -> bool:
        return self.recorded is not None or self.written is not None


@dataclass(frozen=True, slots=True)
class Appendix:
    reference: Text
    items: tuple[Item, ...]

    @property
    def absent(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.items if not item.filled)


def appendix(result: Result, folder: KnowledgeFolder) -> Appendix:
    """Every item in the checklist's order."""
    content = folder.read("consensus/accord.yaml")
    items = []
    for entry in content["items"]:
        source = entry.get("from")
        recorded = _RECORDS[source](result) if source else None
        items.append(Item(entry["id"], text_from(entry["name"]), recorded, result.questions.methods.get(entry["id"])))
    return Appendix(text_from(content["reference"]), tuple(items))


def appendix_record(found: Appendix) -> dict[str, Any]:
    """The appendix as JSON-ready data."""
    return {
        "reference": found.reference.as_dict(),
        "absent": list(found.absent),
        "items": [
            {"id": item.id, "name": item.name.as_dict(),
             "recorded": item.recorded.as_dict() if item.recorded else None,
             "written": item.written.as_dict() if item.written else None}
            for item in found.items
        ],
    }  # fmt: skip


def join(parts: list[Text], by: Text = _STOP) -> Text:
    return Text(*(by[language].join(part[language] for part in parts) for language in LANGUAGES))


def _title(result: Result) -> Text:
    return Text("{name}: consensus by {method}", "{name}：共识，方法为{method}").format(
        name=result.questions.name, method=result.protocol.name
    )


def _scope(result: Result) -> Text | None:
    scope = result.questions.scope
    return None if scope is None else Text("For patients with {scope}.", "适用人群：{scope}。").format(scope=scope)


def _earlier(result: Result) -> Text | None:
    earlier = result.questions.earlier
    return None if earlier is None else Text("Updates {earlier}.", "更新自{earlier}。").format(earlier=earlier)


def _protocol(result: Result) -> Text:
    return Text(
        "The protocol was fixed before the first vote; SHA-256 {sha}.", "方案在首轮投票前固定；SHA-256 {sha}。"
    ).format(sha=result.protocol.sha256)


def _panel(result: Result) -> Text | None:
    if result.panellists is None:
        return None
    return Text("{n} panellists.", "专家{n}名。").format(n=result.panellists)


def _invitation(result: Result) -> Text | None:
    if not result.rounds:
        return None
    return Text("Each panellist by a personal link that works once.", "每位专家通过仅可使用一次的个人链接受邀。")


def _evidence(result: Result) -> Text:
    regimens = [regimen for question in result.questions.questions for regimen in question.regimens]
    return Text(
        "Each question was shown with its regimens, the level of evidence of each and the reason for the level"
        " ({with_} of {all_} regimens), and the findings behind it.",
        "每个问题均附方案、各方案证据级别及其理由（{all_}个方案中{with_}个），以及所依据的研究结果。",
    ).format(with_=sum(regimen.rationale is not None for regimen in regimens), all_=len(regimens))


def _steps(result: Result) -> Text:
    p = result.protocol
    return Text("{name} ({reference}); {least} to {most} rounds.", "{name}（{reference}）；{least}至{most}轮。").format(
        name=p.name, reference=p.reference, least=p.least_rounds, most=p.most_rounds
    )


def _answers(result: Result) -> Text:
    answers = result.protocol.answers
    said = Text("Answers: {answers}.", "选项：{answers}。").format(answers=join([a.name for a in answers], _COMMA))
    needing = [answer.name for answer in answers if answer.reason]
    if not needing:
        return join([said, Text("A reason could be given.", "可说明理由。")], Text(" ", ""))
    more = Text("A reason was required for: {names}.", "须说明理由：{names}。").format(names=join(needing, _COMMA))
    return join([said, more], Text(" ", ""))


def _aims(result: Result) -> Text:
    return Text(
        "The first round gathers answers and reasons; later rounds let each panellist revise them, knowing the"
        " distribution of the round before.",
        "首轮收集意见与理由；其后各轮在了解上一轮结果分布后修改意见。",
    )


def _definition(result: Result) -> Text:
    return join([definition(each, result.protocol) for each in result.protocol.classes])


def definition(each: DecisionClass, protocol: Protocol) -> Text:
    """One class of the protocol in words: its name and what it requires."""
    parts: list[Text] = []
    if each.levels != frozenset(protocol.levels):
        levels = "/".join(level for level in protocol.levels if level in each.levels)
        parts.append(Text("level {levels}", "{levels}级证据").format(levels=levels))
    for share in each.shares:
        of = _named(share.of, protocol)
        if share.at_least:
            parts.append(Text("{of} ≥ {cut} %", "{of}≥{cut}%").format(of=of, cut=plain(share.at_least)))
        if share.below is not None:
            parts.append(Text("{of} < {cut} %", "{of}<{cut}%").format(of=of, cut=plain(share.below)))
    if each.median_at_least is not None:
        parts.append(Text("median ≥ {cut}", "中位数≥{cut}").format(cut=plain(each.median_at_least)))
    if each.median_below is not None:
        parts.append(Text("median < {cut}", "中位数<{cut}").format(cut=plain(each.median_below)))
    if each.disagreement is not None:
        word = Text("disagreement", "存在分歧") if each.disagreement else Text("no disagreement", "无分歧")
        parts.append(word)
    if not parts:
        parts.append(Text("all else", "其余情形"))
    return Text("{name}: {parts}", "{name}：{parts}").format(name=each.name, parts=join(parts, _COMMA))


def _named(answers: Sequence[str], protocol: Protocol) -> Text:
    """Answers in words; points of a scale as from and to."""
    if "points" in protocol.data:
        return Text("{low} to {high}", "{low}～{high}分").format(low=answers[0], high=answers[-1])
    names = {answer.id: answer.name for answer in protocol.answers}
    return join([names[answer] for answer in answers], _COMMA)


def _stopping(result: Result) -> Text:
    p = result.protocol
    if not p.settled and not p.changed_below:
        return Text("Every question was voted on in every round.", "各轮均对全部问题投票。")
    parts = []
    if p.settled:
        names = join([each.name for each in p.classes if each.id in p.settled], _COMMA)
        parts.append(
            Text("Not asked again once decided as: {names}", "作出以下决定后不再投票：{names}").format(names=names)
        )
    if p.changed_below:
        parts.append(
            Text("not asked again once fewer than {cut} % changed", "改变意见者少于{cut}%后不再投票").format(
                cut=plain(p.changed_below)
            )
        )
    return join(parts)


def _collection(result: Result) -> Text | None:
    if not result.rounds:
        return None
    meeting = sum(ballot.meeting for r in result.rounds for each in r.ballots.values() for ballot in each)
    said = Text("Individually, on a personal page.", "由专家个人在其页面填写。")
    if not meeting:
        return said
    more = Text(
        "{n} answers were brought in from a meeting's list and are flagged.", "其中{n}份来自会议表决名单，已标注。"
    )
    return join([said, more.format(n=meeting)], Text(" ", ""))


def _counting(result: Result) -> Text:
    p = result.protocol
    abstention = {
        "left out": Text("Abstentions are left out of the denominator", "弃权不计入分母"),
        "counted": Text("Abstentions count in the denominator", "弃权计入分母"),
    }[p.abstention]
    quorum = Text("quorum {quorum} % of those who may vote", "法定人数为有表决权者的{quorum}%").format(
        quorum=plain(p.quorum)
    )
    exact = Text("shares are exact fractions when they are graded", "分级时共识度按精确分数比较")
    return join([abstention, quorum, exact])


def _feedback(result: Result) -> Text | None:
    if not result.rounds:
        return None
    return Text(
        "The published distribution of the round before, the comments without names, and one's own previous answer.",
        "上一轮已公布的结果分布、匿名评论及本人上一轮的选择。",
    )


def _anonymity(result: Result) -> Text | None:
    if not result.rounds:
        return None
    return Text(
        "Ballots carry pseudonyms; names are kept in a table apart. Who directs the rounds sees who has answered,"
        " not how, and no result before a round is closed. Numbers below {n} are not shown.",
        "选票使用代号，姓名另表保存。组织者只见是否作答，不见内容；本轮关闭前无任何结果。小于{n}的人数不显示。",
    ).format(n=result.protocol.smallest)


def _languages(result: Result) -> Text:
    return Text(
        "Every question in English and Chinese, each translation reviewed before the round opened.",
        "全部问题均有中英文，译文经审核后开启投票。",
    )


def _dates(result: Result) -> Text | None:
    if not result.rounds:
        return None
    line = Text(
        "round {n}: opened {opened}, closed {closed}, published {published}",
        "第{n}轮：{opened}开启，{closed}关闭，{published}公布",
    )
    return join([
        line.format(n=r.number, opened=r.opened or "–", closed=r.closed or "–", published=r.published or "–")
        for r in result.rounds
    ])  # fmt: skip


def _deviations(result: Result) -> Text | None:
    if not result.deviations:
        return Text("None recorded.", "无记录。") if result.rounds else None
    return Text("; ".join(result.deviations), "；".join(result.deviations))


def _response(result: Result) -> Text | None:
    if not result.rounds or not result.panellists:
        return None
    line = Text("round {n}: {voters} of {panel} ({rate} %)", "第{n}轮：{panel}人中{voters}人应答（{rate}%）")
    return join(
        [line.format(n=r.number, voters=r.voters, panel=result.panellists, rate=rate(r, result)) for r in result.rounds]
    )


def rate(one: RoundVotes, result: Result) -> str:
    """The response of a round in percent."""
    return plain(Fraction(100 * one.voters, result.panellists or 1), 1)


def _outcome(result: Result) -> Text:
    shares = [outcome.tally.share for outcome in result.outcomes if outcome.tally.share is not None]
    if not shares:
        return Text("No votes.", "无投票。")
    low, high = (shown_share(end, result.protocol.cuts) for end in (min(shares), max(shares)))
    said = Text("{n} questions, agreement {low} to {high} %.", "{n}个问题，共识度{low}%～{high}%。").format(
        n=len(result.outcomes), low=low, high=high
    )
    if result.concordance is None:
        return said
    more = Text(" Kendall's W {w:.2f} ({raters} panellists).", "Kendall's W {w:.2f}（{raters}名专家）。")
    return join([said, more.format(w=result.concordance.w, raters=result.concordance.raters)], Text("", ""))


def _changes(result: Result) -> Text | None:
    if not result.rounds:
        return None
    removed = sorted(set(result.rounds[0].ballots) - set(result.rounds[-1].ballots))
    said = Text("No question was removed between the rounds.", "各轮之间未删除问题。")
    if removed:
        said = Text("Not asked again: {names}.", "未再次投票：{names}。").format(names=", ".join(removed))
    if not result.revisions:
        return said
    changed = Text("Changed: {reasons}", "修改：{reasons}").format(
        reasons=Text("; ".join(result.revisions), "；".join(result.revisions))
    )
    return join([said, changed], Text(" ", ""))


def _conflicts(result: Result) -> Text | None:
    if not result.rounds:
        return None
    usual = STANDING_NAMES[result.protocol.conflicts]
    apart = sum(outcome.tally.conflicted > 0 for outcome in result.outcomes)
    kept = sum(
        outcome.tally.electorate is not None and outcome.tally.electorate.eligible < outcome.tally.electorate.panellists
        for outcome in result.outcomes
    )
    return Text(
        "Declared for each question before it was answered; unless decided otherwise, who declares a conflict {usual}."
        " {kept} questions had panellists kept from voting, {apart} were also counted without conflicted votes.",
        "按问题逐一申报；除另行决定外，申报者{usual}。{kept}个问题有专家不参与投票，{apart}个问题另作剔除利益冲突者的分析。",
    ).format(usual=usual, kept=kept, apart=apart)


_RECORDS: Mapping[str, Callable[[Result], Text | None]] = {
    "title": _title, "scope": _scope, "earlier": _earlier, "protocol": _protocol, "panel": _panel,
    "invitation": _invitation, "evidence": _evidence, "steps": _steps, "answers": _answers, "aims": _aims,
    "definition": _definition, "stopping": _stopping, "collection": _collection, "counting": _counting,
    "feedback": _feedback, "anonymity": _anonymity, "languages": _languages, "dates": _dates,
    "deviations": _deviations, "response": _response, "outcome": _outcome, "changes": _changes, "conflicts": _conflicts,
}  # fmt: skip
