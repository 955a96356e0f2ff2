"""Words for tables, columns, comparisons and states; medical names come from the knowledge files."""

from __future__ import annotations

from tumorboard.logic.values import Comparison
from tumorboard.text import Text

YES, NO = Text("yes", "是"), Text("no", "否")
NOT_KNOWN = Text("not known", "未知")
NOT_RECORDED = Text("not recorded", "未记录")
NOT_APPLICABLE = Text("not applicable", "不适用")
NONE = Text("none", "无")
NOTHING = Text("", "")
UNITS = {"days": Text("days", "天"), "g/24h": Text("g/24 h", "g/24小时")}

# How an input that is missing stands.
STATES = {
    "not recorded": NOT_RECORDED,
    "incomplete": Text("entries are missing", "记录不完整"),
    "not tested": Text("not tested", "未检测"),
    "indeterminate": Text("indeterminate", "结果不确定"),
    "contradictory": Text("results contradict each other", "结果相互矛盾"),
    "order not known": Text("order of entries of one date not known", "同日记录的先后顺序不明"),
    "not tested since the last progression": Text("not tested since the last progression", "末次进展后未检测"),
    "absent in liquid only": Text("absent in plasma only", "仅血浆阴性"),
    "absent in tissue only": Text("absent in tissue only", "仅组织阴性"),
    "absent, but not known to be from tissue": Text("absent, specimen not recorded", "阴性，但标本类型未记录"),
    "absent, but not known to be from liquid": Text("absent, specimen not recorded", "阴性，但标本类型未记录"),
}

ORDER = {
    "<": Text("below {limit}", "低于{limit}"),
    "<=": Text("at most {limit}", "不超过{limit}"),
    ">": Text("above {limit}", "高于{limit}"),
    ">=": Text("at least {limit}", "不低于{limit}"),
    "==": Text("{limit}", "{limit}"),
    "!=": Text("other than {limit}", "非{limit}"),
}
NOT_ORDER = {
    "<": Text("not below {limit}", "未低于{limit}"),
    "<=": Text("not at most {limit}", "超过{limit}"),
    ">": Text("not above {limit}", "未超过{limit}"),
    ">=": Text("not at least {limit}", "未达到{limit}"),
    "==": Text("not {limit}", "而非{limit}"),
    "!=": Text("which is {limit}", "即{limit}"),
}
ORDER_OF_DAYS = {
    "<": Text("before {limit}", "早于{limit}"),
    "<=": Text("on or before {limit}", "不晚于{limit}"),
    ">": Text("after {limit}", "晚于{limit}"),
    ">=": Text("on or after {limit}", "不早于{limit}"),
}
NOT_ORDER_OF_DAYS = {
    "<": Text("not before {limit}", "并非早于{limit}"),
    "<=": Text("not on or before {limit}", "晚于{limit}"),
    ">": Text("not after {limit}", "并非晚于{limit}"),
    ">=": Text("not on or after {limit}", "早于{limit}"),
}
TURNED: dict[Comparison, Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}

# What one row of a table is called.
ROW = {
    "tumours": Text("tumour", "肿瘤诊断"),
    "comorbidities": Text("comorbidity", "合并症"),
    "courses": Text("line of therapy", "治疗线"),
    "measured": Text("measurements", "疗效测量"),
    "metastases": Text("metastasis", "转移灶"),
    "medication": Text("current medication", "当前用药"),
    "adverse_events": Text("adverse event", "不良事件"),
    "procedures": Text("procedure", "操作或局部治疗"),
    "biomarkers": Text("biomarker", "分子检测"),
    "performance": Text("performance status", "体能状态"),
    "labs": Text("laboratory value", "检验结果"),
    "vitals": Text("vital sign", "生命体征"),
    "observations": Text("finding", "临床发现"),
    "consents": Text("consent", "知情同意"),
    "eligibility": Text("eligibility", "治疗适宜性"),
    "patient": Text("patient", "患者"),
    "imaging": Text("imaging", "影像"),
}
# Sections of the case file, as an input that asks for one as a whole names them.
SECTION = {
    "treatments": Text("treatments", "治疗记录"),
    "conditions": Text("diagnoses", "诊断"),
    "primary": Text("primary tumour", "原发灶"),
    "procedures": Text("procedures", "操作与局部治疗记录"),
    "measured": Text("measurements", "疗效测量"),
    "metastases": Text("metastases", "转移灶"),
    "medication": Text("current medication", "当前用药"),
    "adverse_events": Text("adverse events", "不良事件"),
    "biomarkers": Text("biomarkers", "生物标志物"),
    "performance": Text("performance status", "体能状态"),
    "labs": Text("laboratory values", "实验室检查"),
    "vitals": Text("vital signs", "生命体征"),
    "imaging": Text("imaging", "影像"),
    "findings": Text("findings", "检查所见"),
    "eligibility": Text("eligibility", "适合性"),
    "consent": Text("consent", "知情同意"),
}
# Tables whose rows need no name of their own beside the column's.
UNNAMED = {"tumours", "patient", "imaging"}

COLUMN = {
    "best": Text("best response", "最佳疗效"),
    "line": Text("number of the line", "线数"),
    "curative": Text("with the aim of cure", "根治性"),
    "completed": Text("completed", "已完成"),
    "agents": Text("drugs", "药物"),
    "maintenance": Text("maintenance drugs", "维持治疗药物"),
    "start": Text("start", "开始日期"),
    "end": Text("end", "结束日期"),
    "last_end": Text("end (maintenance included)", "结束日期（含维持治疗）"),
    "progressed": Text("day of progression", "进展日期"),
    "progression": Text("kind of progression", "进展方式"),
    "best_response": Text("best response", "最佳疗效"),
    "stopped_for": Text("reason for stopping", "停药原因"),
    "next_start": Text("start of the next line", "下一治疗线开始日期"),
    "disease": Text("disease", "疾病"),
    "transformed": Text("transformed", "组织学转化"),
    "transformed_from": Text("transformed from", "转化前类型"),
    "histology": Text("histology", "组织学类型"),
    "stage": Text("stage", "分期"),
    "diagnosed": Text("day of diagnosis", "诊断日期"),
    "site": Text("site", "部位"),
    "symptomatic": Text("symptomatic", "有症状"),
    "treated": Text("treated", "已治疗"),
    "mg_day": Text("mg a day", "每日剂量（mg）"),
    "event": Text("event", "事件"),
    "grade": Text("grade", "分级"),
    "kind": Text("kind", "类型"),
    "selective": Text("selective", "超选择"),
    "viable_percent": Text("viable part in percent", "存活比例（%）"),
    "new_lesions": Text("new lesions", "新发病灶"),
    "date": Text("date", "日期"),
    "alteration": Text("alteration", "变异"),
    "assay": Text("assay", "检测方法"),
    "specimen": Text("specimen", "标本"),
    "measure": Text("measure", "指标"),
    "result": Text("result", "结果"),
    "value": Text("value", "数值"),
    "intensity": Text("staining intensity", "染色强度"),
    "percent_cells": Text("percent of cells", "阳性细胞比例（%）"),
    "name": Text("name", "名称"),
    "systolic": Text("systolic", "收缩压"),
    "diastolic": Text("diastolic", "舒张压"),
    "sex": Text("sex", "性别"),
    "age": Text("age", "年龄"),
    "height_cm": Text("height in cm", "身高（cm）"),
    "weight_kg": Text("weight in kg", "体重（kg）"),
    "as_of": Text("day of the board", "讨论日"),
    "location": Text("location of the primary", "原发灶位置"),
    "cavitation": Text("cavitation", "空洞"),
    "great_vessel_invasion": Text("invasion of great vessels", "大血管侵犯"),
    "tumours": Text("number of tumours", "肿瘤数目"),
    "largest_cm": Text("largest tumour", "最大肿瘤径"),
    "sized": Text("tumours with a size recorded", "已记录大小的肿瘤数目"),
    "largest_sized": Text("largest size recorded", "已记录的最大肿瘤径"),
    "shows_invasion": Text("shows vascular invasion", "可见血管侵犯"),
    "shows_spread": Text("shows extrahepatic spread", "可见肝外转移"),
    "lobes": Text("lobes", "累及肝叶"),
    "vascular_invasion": Text("vascular invasion", "血管侵犯"),
    "extrahepatic_spread": Text("extrahepatic spread", "肝外转移"),
    "liver_occupied_percent": Text("part of the liver occupied in percent", "肿瘤占肝比例（%）"),
    "pattern": Text("pattern", "形态"),
    "when": Text("order in time", "时间顺序"),
}
# Columns that are asked for in other words than they are told in.
ASKED = {
    "location": Text("central or peripheral", "中央型或周围型"),
    "symptomatic": Text("symptomatic or not", "有无症状"),
    "treated": Text("treated or not", "是否已治疗"),
    "selective": Text("selective or not", "是否超选择"),
    "lobes": Text("one lobe or both", "单叶或双叶"),
    "sized": Text("number of tumours", "肿瘤数目"),
    "largest_sized": Text("largest tumour", "最大肿瘤径"),
    "shows_invasion": Text("vascular invasion", "血管侵犯"),
    "shows_spread": Text("extrahepatic spread", "肝外转移"),
    "pattern": Text("growth pattern", "生长方式"),
    # Columns of the case file that no table of the rule language carries.
    "agent": Text("agent it is put down to", "归因药物"),
    "unit": Text("unit", "单位"),
    "scale": Text("scale", "量表"),
    "change": Text("alteration", "变异"),
    "partner": Text("fusion partner", "融合伴侣"),
    "phase": Text("cis or trans", "顺式或反式"),
    "clone": Text("antibody clone", "抗体克隆号"),
    "intent": Text("intent", "治疗目的"),
    "cycles": Text("cycles", "周期数"),
    "criteria": Text("criteria", "评效标准"),
}
# Truths in the negative that have a word of their own.
NOT_COLUMN = {
    "curative": Text("palliative", "姑息"),
    "completed": Text("not completed", "未完成"),
    "treated": Text("not treated", "未治疗"),
}


def listed(words: list[Text]) -> Text:
    return Text(", ".join(word.en for word in words), "、".join(word.zh for word in words))


def either_of(words: list[Text]) -> Text:
    return Text(" or ".join(word.en for word in words), "或".join(word.zh for word in words))


def sentences(texts: list[Text]) -> Text:
    unique = list(dict.fromkeys(texts))
    return Text("; ".join(text.en for text in unique), "；".join(text.zh for text in unique))


def bracketed(*inside: str | Text) -> Text:
    """`` (inside)``, or nothing where there is nothing to put in."""
    texts = [Text(part, part) if isinstance(part, str) else part for part in inside]
    texts = [text for text in texts if text.en]
    if not texts:
        return NOTHING
    return Text(f" ({'; '.join(text.en for text in texts)})", f"（{'；'.join(text.zh for text in texts)}）")
