"""Words of the pages of consensus rounds, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from tumorboard.text import Text

WORDS: Mapping[str, Text] = {
    "consensus": Text("Consensus", "专家共识"),
    "consensus list": Text("Consensus rounds", "专家共识投票"),
    "nothing yet": Text("There is nothing to see yet.", "暂无内容。"),
    "concluded": Text("concluded", "已结束"),
    "draft": Text("in preparation", "准备中"),
    "voting": Text("under way", "进行中"),
    "see result": Text("Result", "结果"),
    "lead it": Text("Lead", "主持"),
    "as json": Text("as JSON", "JSON格式"),
    # -- entering ------------------------------------------------------------------------------------------------
    "enter": Text("Enter by your personal link", "通过个人链接进入"),
    "enter about": Text(
        "Your link carries a code that works once; from then on this browser knows you until you leave.",
        "链接含一次性验证码；使用后本浏览器将保持登录，直至您退出。",
    ),
    "code": Text("Code (what stands after # in your link)", "验证码（链接中#之后的部分）"),
    "go in": Text("Enter", "进入"),
    "link used": Text(
        "This link was used already, was replaced, or isn't complete. Ask the chair for a new one.",
        "该链接已使用、已更换或不完整，请向主席索取新链接。",
    ),
    "leave": Text("Leave", "退出"),
    "please enter": Text("Please enter by your personal link.", "请通过个人链接进入。"),
    # -- the panellist -------------------------------------------------------------------------------------------
    "welcome": Text("{name}, round {number}", "{name}，第{number}轮"),
    "no round": Text(
        "No round is open. You will be told when there is something to answer.", "目前没有开放的投票，届时将通知您。"
    ),
    "pseudonymous": Text(
        "Your answers are kept under a pseudonym. The chair sees whether you have answered, not how. Reasons and"
        " comments are shown to others without your name.",
        "您的选择以代号保存。主席只能看到您是否作答，看不到内容。理由与评论以匿名方式展示。",
    ),
    "until": Text("open until {day}", "截止{day}"),
    "answered of": Text("{answered} of {of} answered", "已答{answered}/{of}"),
    "answered": Text("answered", "已答"),
    "open question": Text("open", "未答"),
    "kept from voting": Text("you don't vote", "不参与投票"),
    "question": Text("Question", "问题"),
    "state": Text("State", "状态"),
    "next": Text("Save and go on", "保存并继续"),
    "saved": Text("Your answer is saved. You can change it until the round closes.", "已保存。本轮关闭前可修改。"),
    "all done": Text("You have answered every question. Thank you.", "您已完成全部问题，谢谢。"),
    "back": Text("All questions", "全部问题"),
    "for whom": Text("For whom", "适用人群"),
    "asked": Text("Do you recommend this?", "您是否推荐？"),
    "rate": Text("How do you rate this?", "您如何评分？"),
    "evidence": Text("Evidence", "证据"),
    "level": Text("level {level}", "{level}级"),
    "judgements": Text("From evidence to decision", "证据到决策"),
    "before": Text("Round {number}", "第{number}轮"),
    "your answer before": Text("Your answer then: {answer}", "您当时的选择：{answer}"),
    "said before": Text("What was said, without names", "匿名意见"),
    "taken over": Text(
        "This is your answer of the round before; save it to confirm.", "以下为您上一轮的选择，请保存以确认。"
    ),
    "abstain": Text("I abstain", "弃权"),
    "reason": Text("Reason", "理由"),
    "reason needed": Text("needed for: {names}", "以下选项必填：{names}"),
    "condition": Text("Condition: for which patients?", "条件：适用于哪些患者？"),
    "condition rule": Text("The same as a rule, if you can (e.g. {example})", "可用规则表示（如{example}）"),
    "comment": Text("Comment", "评论"),
    "conflict": Text("I have a conflict of interest here", "我有利益冲突"),
    "conflict what": Text("What is it?", "具体内容"),
    "conflict then": Text("By the protocol you then: {standing}.", "按方案：{standing}。"),
    "declare": Text("Declare", "申报"),
    "declared": Text("You declared: {statement} ({standing})", "您已申报：{statement}（{standing}）"),
    # -- slips ---------------------------------------------------------------------------------------------------
    "not saved": Text("Not saved", "未保存"),
    "slip answer": Text("Choose an answer.", "请选择。"),
    "slip reason": Text("Write in a sentence why: this answer needs a reason.", "请说明理由：该选项必须填写。"),
    "slip condition": Text(
        "Write the condition: it belongs to this answer and to no other.", "请填写条件：仅该选项需要且必须填写。"
    ),
    "slip when": Text(
        "The rule can't be read ({what}). Mend it, or leave it empty and write the condition in words.",
        "规则无法读取（{what}）。请修改，或留空并用文字说明条件。",
    ),
    "slip comment": Text("A text is too long or holds a character that is no text.", "文字过长或含无效字符。"),
    "slip key": Text(
        "This page was old. Your text stands below; save it again.", "页面已过期，内容保留如下，请重新保存。"
    ),
    "slip closed": Text("The round is closed; the answer was not taken.", "本轮已关闭，未能保存。"),
    "slip conflict": Text("A declared conflict keeps you from voting here.", "因申报利益冲突，您不参与此项投票。"),
    "slip other": Text("This could not be done: {what}", "操作未完成：{what}"),
    # -- the chair -----------------------------------------------------------------------------------------------
    "chair": Text("Chair: {name}", "主持：{name}"),
    "chair only": Text("This page is for the chair; log in as one.", "此页面仅供主席使用，请登录。"),
    "chair about": Text(
        "You see who has answered, never how, and no result before a round is closed.",
        "您只能看到是否作答，看不到内容；本轮关闭前无任何结果。",
    ),
    "protocol": Text("Protocol", "方案"),
    "rounds": Text("Rounds", "轮次"),
    "round": Text("Round", "轮次"),
    "round open": Text("open", "开放"),
    "round closed": Text("closed", "已关闭"),
    "round published": Text("published", "已公布"),
    "panel": Text("Panel", "专家组"),
    "panellist": Text("Panellist", "专家"),
    "address": Text("Address", "地址"),
    "progress": Text("Answered", "作答"),
    "done": Text("done", "完成"),
    "new link": Text("New link", "新链接"),
    "link once": Text(
        "Personal link of {name}. It is shown this once and works once; send it to nobody else.",
        "{name}的个人链接，仅显示一次、仅可使用一次，请勿转发他人。",
    ),
    "open round": Text("Open the next round", "开启下一轮"),
    "close round": Text("Close the round", "关闭本轮"),
    "publish round": Text("Publish the round to the panel", "向专家组公布本轮结果"),
    "conclude": Text("Conclude: the result becomes public", "结束：结果公开"),
    "result so far": Text("Result of the closed rounds", "已关闭轮次的结果"),
    "add panellist": Text("Add a panellist", "添加专家"),
    "name": Text("Name", "姓名"),
    "language": Text("Language", "语言"),
    "reminders": Text("Reminders", "提醒信"),
    "waiting": Text("Translations still to be reviewed: {names}", "译文待审核：{names}"),
}
