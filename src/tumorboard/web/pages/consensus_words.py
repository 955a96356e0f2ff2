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
    "back to question": Text("Back to the question", "返回问题"),
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
    "chair about": Text(
        "You see who has answered, never how, and no result before a round is closed.",
        "您只能看到是否作答，看不到内容；本轮关闭前无任何结果。",
    ),
    "lead page": Text("Rounds and panel", "轮次与专家组"),
    "questions page": Text("Questions", "问题"),
    "not done": Text("Not done; nothing was changed", "操作未完成，未作任何改动"),
    "protocol": Text("Protocol", "方案"),
    "rounds": Text("Rounds", "轮次"),
    "round number": Text("Round {number}", "第{number}轮"),
    "round open": Text("open", "开放"),
    "round closed": Text("closed", "已关闭"),
    "round published": Text("published", "已公布"),
    "panel": Text("Panel", "专家组"),
    "panellist": Text("Panellist", "专家"),
    "address": Text("Address", "邮箱或地址"),
    "progress": Text("Answered", "作答"),
    "new link": Text("New link", "新链接"),
    "new links": Text("New links for all", "为全部专家生成新链接"),
    "new links about": Text(
        "Earlier links, and browsers that came in by them, are shut out.", "原有链接及已登录的浏览器将失效。"
    ),
    "links once": Text(
        "Personal links. They are shown this once, each works once; send each to its panellist alone.",
        "个人链接，仅显示一次，每个仅可使用一次，请分别发送给本人。",
    ),
    "links as list": Text("The same as a list for sending letters", "列表形式，便于发送邮件"),
    "closes at": Text("Closes at (may be left open)", "关闭时间（可不填）"),
    "hours from UTC": Text("hours from UTC", "与UTC的时差（小时）"),
    "open round": Text("Open the next round", "开启下一轮"),
    "close round": Text("Close the round", "关闭本轮"),
    "publish round": Text("Publish the round to the panel", "向专家组公布本轮结果"),
    "conclude": Text("Conclude: the result becomes public", "结束：结果公开"),
    "result so far": Text("Result of the closed rounds", "已关闭轮次的结果"),
    "add panellist": Text("Add a panellist", "添加专家"),
    "add all": Text("Add all", "全部添加"),
    "panel list": Text("Several at once: name,address,language", "批量添加：name,address,language"),
    "list file": Text("or a CSV file", "或CSV文件"),
    "or as text": Text("as text", "以文本粘贴"),
    "name": Text("Name", "姓名"),
    "language": Text("Language", "语言"),
    "reminders": Text("Reminders", "提醒信"),
    "waiting": Text(
        "{count} questions wait for a review of their translation; no round opens on them.",
        "{count}个问题的译文待审核；审核前不能开启投票。",
    ),
    "review them": Text("Review them", "前往审核"),
    "meeting votes": Text("Votes of a meeting, from a list", "导入会议投票"),
    "meeting about": Text(
        "Columns address,question,answer and, where needed, reason,condition,when,comment. All are taken or none; the"
        " report says that they come from a meeting.",
        "列名：address,question,answer，必要时加reason,condition,when,comment。全部导入或全部不导入；报告中注明来自会议。",
    ),
    "take them in": Text("Take them in", "导入"),
    "conflicts": Text("Conflicts of interest", "利益冲突"),
    "no conflicts": Text("None was declared.", "无人申报。"),
    "standing": Text("Standing", "处理方式"),
    "set standing": Text("Declare for a panellist, or decide otherwise", "代为申报或调整处理方式"),
    "deviations": Text("Deviations from the protocol", "偏离方案的记录"),
    "no deviations": Text("None was recorded.", "无记录。"),
    "add deviation": Text("Record a deviation", "记录一项偏离"),
    "deviation what": Text(
        "What was done otherwise, and why (it stands in the methods appendix)",
        "何处未按方案执行及原因（写入方法附录）",
    ),
    "record it": Text("Record it", "记录"),
    # -- a new consensus -----------------------------------------------------------------------------------------
    "list about": Text(
        "A panel votes by a protocol fixed before its first vote; the result is a guideline that runs.",
        "专家组按首轮投票前固定的方案投票，结果即为可执行的指南。",
    ),
    "new consensus": Text("New consensus", "新建专家共识"),
    "new about": Text(
        "The protocol is frozen when you start; the questions can be changed between rounds.",
        "开始后方案即冻结；问题可在各轮之间修改。",
    ),
    "asked again": Text("Ask again what a guideline recommended", "以既有指南的推荐意见为问题"),
    "short name": Text("Short name (small letters, digits, hyphens)", "简称（小写字母、数字、连字符）"),
    "earlier guideline": Text("Guideline", "指南"),
    "title": Text("Title", "标题"),
    "protocol about": Text("How the panel votes, and what its votes decide.", "专家组如何投票，投票如何形成结论。"),
    "own files": Text("Or questions of your own", "或使用自有问题"),
    "own files about": Text(
        "Files as `tumorboard consensus new` writes them. With questions.yaml what is chosen above does not count; with"
        " protocol.yaml its protocol does.",
        "格式同`tumorboard consensus new`所生成。上传questions.yaml后以上选择不再适用；"
        "另附protocol.yaml时采用其中的方案。",
    ),
    "start it": Text("Start: the protocol is frozen", "开始（方案随即冻结）"),
    # -- questions -----------------------------------------------------------------------------------------------
    "questions of": Text("Questions: {name}", "问题：{name}"),
    "questions about": Text(
        "No round opens on a translation that nobody reviewed. Whoever changes the words makes it unreviewed.",
        "译文未审核者不能开启投票；修改文字后须重新审核。",
    ),
    "questions shut": Text(
        "While a round is open, or once it is concluded, no question changes.", "投票开放期间或结束后不可修改问题。"
    ),
    "reviewed of": Text("{reviewed} of {of} translations reviewed.", "已审核译文{reviewed}/{of}。"),
    "review ticked": Text("Those ticked are reviewed by me, {name}", "所勾选者由我（{name}）审核通过"),
    "reviewed reason": Text("translations reviewed: {names}", "译文已审核：{names}"),
    "reviewed by": Text("translation reviewed by {name} on {day}", "译文由{name}于{day}审核"),
    "not reviewed": Text("translation not reviewed", "译文未审核"),
    "both right": Text("Both languages say the same", "中英文含义一致"),
    "change question": Text("Change", "修改"),
    "evidence level": Text("Level of evidence", "证据级别"),
    "why level": Text("Why this level", "级别依据"),
    "why change": Text("Why is it changed? (it stands in the methods appendix)", "修改原因（将写入方法附录）"),
    "save change": Text("Save the change", "保存修改"),
    "changes so far": Text("Changes so far", "历次修改"),
    "all as text": Text("All questions as text", "全部问题（文本）"),
    # -- files ---------------------------------------------------------------------------------------------------
    "as file": Text("As a file:", "导出："),
    "report file": Text("report (HTML)", "报告（HTML）"),
    "package and sign": Text("Guideline and signature", "生成指南与签名"),
    "make package": Text("Make the guideline", "生成指南包"),
    "package about": Text(
        "A folder (zip) for `tumorboard advise --knowledge`. Its examples run and it is proved first: up to a minute.",
        "生成可供`tumorboard advise --knowledge`使用的文件夹（zip）。先运行示例并完成证明，约需一分钟。",
    ),
    "sign result": Text("Sign the result", "签署结果"),
    "sign about": Text(
        "The key is used for this one file and kept nowhere. If you would rather not send it, download the JSON and use"
        " `tumorboard consensus sign`.",
        "密钥仅用于本次签署，不作保存。如不愿上传，可下载JSON后用`tumorboard consensus sign`签署。",
    ),
    "key file": Text("Private key (.pem)", "私钥（.pem）"),
    "passphrase": Text("Passphrase", "密钥口令"),
    "new key": Text("A key to sign results with", "用于签署结果的密钥"),
    "make key": Text("Make a key", "生成密钥"),
    "key about": Text(
        "Keep the file yourself: the server keeps no copy. Its first line is the public key; give that to whoever is to"
        " check your signature.",
        "请自行妥善保管，服务器不留副本。文件首行为公钥，请提供给需要验签者。",
    ),
    "verify": Text("Check a signed result", "验证已签署的结果"),
    "verify about": Text(
        "Whose key it is, the file can't tell: compare the public key with the one the chair gave you.",
        "文件本身无法证明密钥归属：请与主席提供的公钥核对。",
    ),
    "signed file": Text("Signed result (JSON)", "已签署的结果（JSON）"),
    "public key": Text("Public key it must have (may be left empty)", "应有的公钥（可不填）"),
    "check it": Text("Check", "验证"),
    "signature fits": Text("The signature fits the content. Public key:", "签名与内容相符。公钥："),
}
