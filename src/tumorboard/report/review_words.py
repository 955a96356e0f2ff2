"""The words of the review page."""

from __future__ import annotations

from tumorboard.text import Text

WORDS = {
    "title": Text("Review of drafts", "初稿审核"),
    "summary": Text(
        "{drafts} drafts, {ambiguous} of them ambiguous and {proposed} proposed by a second reader",
        "共{drafts}条初稿，其中{ambiguous}条有歧义，{proposed}条由第二读者提出",
    ),
    "summary pages": Text("; {pages} pages", "；共{pages}页"),
    "notice": Text(
        "Drafts read by rules. None is a finding before a person has accepted it.",
        "初稿由规则自动提取，经人工接受后方成为证据条目。",
    ),
    "not understood": Text("Not understood and left out", "未能理解而未纳入"),
    "not read": Text("Could not be read", "无法读取"),
    "document": Text("Document", "文献"),
    "drafts": Text("Drafts", "初稿"),
    "page": Text("page {page}", "第{page}页"),
    "at": Text("character {start}", "第{start}字符"),
    "page picture": Text("Picture of page", "页面图像，第"),
    "show": Text("Show in the document", "在文献中显示"),
    "draft": Text("Draft", "初稿"),
    "rule": Text("Rule", "规则"),
    "checks": Text("Checks of its statistics", "统计核对"),
    "would refuse": Text("As it stands, an evidence file would refuse it", "按现状，证据文件不会接受该条"),
    "other readings": Text("Other readings", "其他读法"),
    "agreed": Text("Both readers agree.", "两位读者一致。"),
    "disagreed": Text("The second reader reads it differently.", "第二读者的读法不同。"),
    "status clear": Text("clear", "明确"),
    "status ambiguous": Text("ambiguous", "有歧义"),
    "status proposed": Text("proposed", "待定"),
    "accept": Text("Accept", "接受"),
    "correct": Text("Correct", "更正"),
    "reject": Text("Reject", "拒绝"),
    "save": Text("Save correction", "保存更正"),
    "cancel": Text("Cancel", "取消"),
    "shortcuts": Text("Keyboard shortcuts", "键盘快捷键"),
    "keys": Text(
        "j next, k previous, a accept, c correct, r reject, u undo",
        "j 下一条，k 上一条，a 接受，c 更正，r 拒绝，u 撤销"
    ),
    "save findings": Text("Save findings (YAML)", "保存证据条目（YAML）"),
    "save review": Text("Save review (JSON)", "保存审核（JSON）"),
    "save corrections": Text("Save corrections (YAML)", "保存更正（YAML）"),
    "no script": Text(
        "The script of this page does not run: you can read, but not decide.", "本页脚本未运行：可阅读，但不能审核。"
    ),
    "none": Text("No draft was found in this document.", "本文献未提取到初稿。"),
    "skip": Text("To the drafts", "跳至初稿"),
    "empty takes out": Text("An empty field takes the entry out.", "留空即删除该项。"),
    "knowledge": Text("Knowledge {version} of {date}.", "知识库{version}（{date}）。"),
}  # fmt: skip

SCRIPT_WORDS = {
    "progress": Text("{done} of {all} decided", "已审核{done}/{all}"),
    "accept": Text("accepted", "已接受"),
    "correct": Text("corrected", "已更正"),
    "reject": Text("rejected", "已拒绝"),
    "open": Text("undecided", "未审核"),
    "no number": Text("is no number", "不是数字"),
    "not in quote": Text("does not stand in the quote", "不在引文中"),
}

FIELDS = {
    "strategy": Text("Strategy", "策略"),
    "strength": Text("Strength", "推荐强度"),
    "agreement": Text("Agreement, %", "共识度，%"),
    "endpoint": Text("Endpoint", "终点"),
    "printed": Text("As printed", "原文数值"),
    "value": Text("Value", "数值"),
    "unit": Text("Unit", "单位"),
    "intervention": Text("Intervention", "干预"),
    "comparator": Text("Comparator", "对照"),
    "comparator_printed": Text("Comparator as printed", "对照原文数值"),
    "comparator_value": Text("Comparator value", "对照数值"),
    "effect.measure": Text("Measure of effect", "效应量"),
    "effect.value": Text("Effect", "效应值"),
    "ci.level": Text("Confidence level, %", "置信水平，%"),
    "ci.low": Text("Interval, low", "区间下限"),
    "ci.high": Text("Interval, high", "区间上限"),
    "p.op": Text("P, sign", "P值符号"),
    "p.value": Text("P value", "P值"),
    "n": Text("Patients", "例数"),
    "denominator": Text("Denominator", "分母"),
    "study": Text("Study", "研究"),
    "design": Text("Design", "设计"),
    "population.disease": Text("Disease", "疾病"),
    "population.biomarker": Text("Biomarker", "生物标志物"),
    "population.line": Text("Line", "治疗线数"),
    "level": Text("Level of evidence", "证据水平"),
    "citations": Text("References", "参考文献"),
    "claim.en": Text("What it says, in English", "内容（英文）"),
    "claim.zh": Text("What it says, in Chinese", "内容（中文）"),
}  # fmt: skip

# Reasons the readers count by (keys of ``Reading.left_out``); one that is absent here is shown as it is.
LEFT_OUT = {
    "a figure without an endpoint": Text("figures without an endpoint", "数值无对应终点"),
    "a unit that does not fit the endpoint": Text("figures whose unit does not fit the endpoint", "数值单位与终点不符"),
    "a quantity that is no endpoint": Text("figures of a quantity that is no endpoint", "数值所指并非终点"),
    "a plan or definition": Text("figures of a plan or a definition", "数值属于计划或定义"),
    "a threshold": Text("thresholds", "阈值"),
    "a P value without a level or effect": Text("P values without a level or an effect", "P值无对应水平或效应"),
    "more figures than endpoints and arms explain": Text(
        "figures more than endpoints and arms explain", "数值多于终点与组别所能解释"
    ),
    "a table not understood": Text("tables", "表格"),
    "a table row without an endpoint": Text("rows of tables without an endpoint", "表格行无对应终点"),
    "a row of a grading table": Text("rows of tables that define grades", "分级定义表的行"),
    "second reader: quotes that are not in the text": Text(
        "quotes of the second reader that are not in the text", "第二读者的引文不在原文中"
    ),
    "second reader: findings of another form than asked for": Text(
        "findings of the second reader of another form than asked for", "第二读者的条目格式不符"
    ),
    "second reader: findings without a quote": Text(
        "findings of the second reader without a quote", "第二读者的条目无引文"
    ),
    "second reader: findings without a value": Text(
        "findings of the second reader without a value", "第二读者的条目无数值"
    ),
    "second reader: answers in another form than asked for": Text(
        "answers of the second reader of another form than asked for", "第二读者的回答格式不符"
    ),
    "second reader: answers too long": Text("answers of the second reader too long", "第二读者的回答过长"),
    "second reader: answers too slow": Text("answers of the second reader too slow", "第二读者的回答超时"),
    "second reader: can't be reached": Text("times the second reader could not be reached", "次无法连接第二读者"),
}  # fmt: skip
