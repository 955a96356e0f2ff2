"""The sentences an answer about resistance is made of, in both languages."""

from __future__ import annotations

from tumorboard.text import Text

VERDICT = {
    "sensitive": Text("sensitive", "敏感"),
    "resistant": Text("resistant", "耐药"),
    "partial": Text("partial", "部分敏感"),
    "outside the network": Text("outside the network", "超出网络范围"),
    "not known": Text("not known", "未知"),
}
EFFECT = {
    "full": Text("closes it", "可阻断"),
    "weak": Text("weakens it", "部分阻断"),
    "none": Text("does nothing to it", "无作用"),
    "unknown": Text("effect not known", "作用未知"),
}
STAYS = Text("{outputs} stays active by {routes}", "{outputs}仍激活，途径：{routes}")
CLOSED = Text("{outputs} no longer active under {drugs}", "在{drugs}下{outputs}不再激活")
WEAK = Text("it turns on a weak effect: {cells}", "取决于较弱的作用：{cells}")
LESSER = Text("ERK and AKT are closed, but {routes}", "ERK与AKT已阻断，但{routes}")
NO_DRIVER = Text(
    "no alteration given drives ERK, AKT or STAT3 in this network, so there is nothing a drug could close",
    "所给变异在本网络中不驱动ERK、AKT或STAT3，无可阻断的通路",
)
CELL_UNKNOWN = Text("what {drug} does to {allele} is not known", "{drug}对{allele}的作用未知")
DRUG_UNKNOWN = Text("what {drug} does in this network is not recorded", "本网络未收录{drug}的作用")
MEMBERS_DIFFER = Text(
    "drugs of this kind differ on {allele}: name one ({drug})", "该类药物对{allele}的作用不一，请指明药物（{drug}）"
)
DRUG_OUTSIDE = Text("{drug}: {reason}", "{drug}：{reason}")
ALTERATION_OUTSIDE = Text("{alteration}: {reason}", "{alteration}：{reason}")
UNMODELLED = Text("what {alteration} does is not in the network", "网络未包含{alteration}的作用")
BYSTANDER = Text("{alteration} changes nothing in this network{note}", "{alteration}在本网络中不改变结果{note}")
PHASES_DIFFER = Text(
    "it depends on whether the mutations lie on one copy: {worlds}; test the phase",
    "取决于各突变是否位于同一拷贝：{worlds}；请检测顺反式",
)
ONE_COPY = Text("{changes} on one copy (cis)", "{changes}位于同一拷贝（顺式）")
OWN_COPIES = Text("{changes} on separate copies (trans)", "{changes}位于不同拷贝（反式）")
COPIES = Text("{changes} in this arrangement", "{changes}按此排列")
WORLD = Text("{phase}: {verdict}", "{phase}：{verdict}")
FEEDBACK = Text("adaptive risk: {text}", "适应性风险：{text}")
LIMIT = Text("no skill here: {text}", "逻辑在此无判断力：{text}")
ARROW = " → "


def listed(texts: list[Text]) -> Text:
    return Text(", ".join(text.en for text in texts), "、".join(text.zh for text in texts))


def joined(texts: list[Text]) -> Text:
    return Text("; ".join(text.en for text in texts), "；".join(text.zh for text in texts))


def one(text: str) -> Text:
    return Text(text, text)
