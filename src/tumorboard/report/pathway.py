"""The routes of an answer about resistance as one drawing.

What is active, blocked or a bypass is told by shape and by a word in the box, never by colour alone: active is a solid
box, blocked a dashed one with a bar before it, a bypass a box with a double border.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from tumorboard.mechanism.answer import Answer
from tumorboard.mechanism.model import ACTIVE
from tumorboard.mechanism.verdict import Mechanism
from tumorboard.mechanism.words import VERDICT
from tumorboard.report.svg import element, text, width
from tumorboard.text import Language, Text

_BOX, _HEIGHT, _ACROSS, _DOWN, _MARGIN = 92.0, 44.0, 128.0, 74.0, 16.0
_CAPTION = 22.0
STYLE = """
.pw-name{fill:var(--ink,#16202b);font-weight:600}.pw-state{fill:var(--soft,#4c5966)}
.pw-active{fill:var(--panel,#f4f6f8);stroke:var(--ink,#16202b);stroke-width:2.5}
.pw-blocked{fill:none;stroke:var(--soft,#4c5966);stroke-width:1.5;stroke-dasharray:5 4}
.pw-inner{fill:none;stroke:var(--ink,#16202b);stroke-width:1.5}
.pw-on{fill:none;stroke:var(--ink,#16202b);stroke-width:2.5}
.pw-off{fill:none;stroke:var(--soft,#4c5966);stroke-width:1.5;stroke-dasharray:5 4}
.pw-head{fill:var(--ink,#16202b)}.pw-bar{stroke:var(--alarm,#9d1f26);stroke-width:4}.pw-drug{fill:var(--alarm,#9d1f26)}
"""
_FONT = "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',system-ui,sans-serif"
_WORDS = {
    "active": Text("active", "激活"),
    "bypass": Text("bypass", "旁路"),
    "blocked": Text("blocked", "已阻断"),
    "lost": Text("lost", "缺失"),
    "title": Text("Routes under {drugs}: {verdict}", "{drugs}下的信号途径：{verdict}"),
    "world": Text("If {phase}", "若{phase}"),
    "open": Text("Open: {routes}.", "开放：{routes}。"),
    "closed": Text("Blocked: {routes}.", "已阻断：{routes}。"),
    "outside": Text("Outside the network: there is no route to draw.", "超出网络范围：无途径可画。"),
    "nothing": Text("No route of the network is active in this tumour.", "该肿瘤在网络中没有激活的途径。"),
}


@dataclass(frozen=True, slots=True)
class _Node:
    id: str
    x: float
    y: float
    state: str  # a key of _WORDS
    drugs: tuple[str, ...]


def pathway_svg(answer: Answer, mechanism: Mechanism, language: Language) -> str:
    """The drawing as one ``<svg>`` with title and description; where the phase is open, of the world that leaves most
    routes open, which its caption names."""
    drugs = " + ".join(agent.name[language] for agent in answer.agents) or "–"
    title = _WORDS["title"].format(drugs=drugs, verdict=VERDICT[answer.verdict])[language]
    world = max(answer.worlds, key=lambda world: len(world.routes), default=None)
    if world is None or not (world.routes or world.untreated):
        said = _WORDS["outside" if world is None else "nothing"][language]
        return element(
            "svg", element("title", escape(title)) + text(said, 10, 30, font_size=14, class_="pw-name"),
            xmlns="http://www.w3.org/2000/svg", viewBox="0 0 640 50", role="img", class_="timeline", font_family=_FONT,
        )  # fmt: skip
    opened, before = world.routes, world.untreated
    # Of several worlds one is drawn, and says which.
    phase = mechanism.teller.phase(world.world) if len(answer.worlds) > 1 else None
    caption = _WORDS["world"].format(phase=phase)[language] if phase else ""
    above = _MARGIN + 22 + (_CAPTION if caption else 0.0)
    places = _places(list(dict.fromkeys((*opened, *before))))
    acted = {node for agent in answer.agents for node in agent.acts_on} | set(answer.knockdown)
    nodes = {}
    for id_, (column, row) in places.items():
        active = world.levels.get(id_, 0) == ACTIVE or any(id_ in route for route in opened)
        head = any(route[0] == id_ for route in opened)
        bypass = (
            active
            and head
            and id_ not in {route[0] for route in before if route not in opened}
            and _closed_elsewhere(before, opened)
        )
        lost = id_ in world.world.removed
        hitting = tuple(
            agent.name[language]
            for agent in answer.agents
            if id_ in agent.acts_on
            and any(u.node == id_ and u.agent.id == agent.id and u.effects & {"full", "weak"} for u in world.used)
        )
        state = "lost" if lost else "bypass" if bypass else "active" if active else "blocked"
        nodes[id_] = _Node(id_, _MARGIN + column * _ACROSS, above + row * _DOWN, state, hitting if id_ in acted else ())
    return _drawn(nodes, opened, before, title, _told(opened, before, language), caption, language)


def _closed_elsewhere(before: Sequence[tuple[str, ...]], opened: Sequence[tuple[str, ...]]) -> bool:
    return bool(set(before) - set(opened))


def _places(routes: Sequence[tuple[str, ...]]) -> dict[str, tuple[int, int]]:
    """Column and row of each node: a node stands right of all that lead to it; rows in the order of the routes."""
    column: dict[str, int] = {}
    for _ in range(len(routes) + 1):
        for route in routes:
            for place, node in enumerate(route):
                least = column[route[place - 1]] + 1 if place else 0
                column[node] = min(max(column.get(node, 0), least), 12)
    rows: dict[int, int] = {}
    places = {}
    for route in routes:
        for node in route:
            if node not in places:
                row = rows.get(column[node], 0)
                rows[column[node]] = row + 1
                places[node] = (column[node], row)
    return places


def _told(opened: Sequence[tuple[str, ...]], before: Sequence[tuple[str, ...]], language: Language) -> str:
    comma = "；" if language == "zh" else "; "
    parts = []
    if opened:
        parts.append(_WORDS["open"].format(routes=comma.join(" → ".join(route) for route in opened))[language])
    closed = [route for route in before if route not in opened]
    if closed:
        parts.append(_WORDS["closed"].format(routes=comma.join(" → ".join(route) for route in closed))[language])
    return " ".join(parts)


def _drawn(
    nodes: dict[str, _Node],
    opened: Sequence[tuple[str, ...]],
    before: Sequence[tuple[str, ...]],
    title: str,
    told: str,
    caption: str,
    language: Language,
) -> str:
    on = {pair for route in opened for pair in pairwise(route)}
    pairs = dict.fromkeys(pair for route in (*opened, *before) for pair in pairwise(route))
    parts = [_arrow(nodes[one], nodes[other], (one, other) in on) for one, other in pairs]
    parts += [_box(node, language) for node in nodes.values()]
    if caption:
        parts.append(text(caption, _MARGIN, _MARGIN + 8, class_="pw-name"))
    right = max(max(node.x for node in nodes.values()) + _BOX, _MARGIN + width(caption, 13)) + _MARGIN
    bottom = max(node.y for node in nodes.values()) + _HEIGHT + _MARGIN
    content = (
        element("title", escape(title)) + element("desc", escape(told)) + f"<style>{STYLE}</style>" + "".join(parts)
    )
    return element(
        "svg", content, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {right:.0f} {bottom:.0f}", role="img",
        class_="timeline pathway", font_family=_FONT, font_size=13, width=f"{right:.0f}",
        style=f"max-width:{right:.0f}px",
    )  # fmt: skip


def _box(node: _Node, language: Language) -> str:
    x, y = node.x, node.y
    kind = "pw-blocked" if node.state == "blocked" else "pw-active"
    parts = [element("rect", x=x, y=y, width=_BOX, height=_HEIGHT, rx=6 if node.state != "lost" else 0, class_=kind)]
    if node.state == "bypass":
        parts.append(element("rect", x=x + 4, y=y + 4, width=_BOX - 8, height=_HEIGHT - 8, rx=3, class_="pw-inner"))
    parts.append(text(node.id, x + _BOX / 2, y + 20, text_anchor="middle", class_="pw-name"))
    parts.append(
        text(_WORDS[node.state][language], x + _BOX / 2, y + 35, text_anchor="middle", font_size=11, class_="pw-state")
    )
    if node.drugs:
        label = " + ".join(node.drugs)
        size = 11.0 if width(label, 11) < _ACROSS - 6 else 9.0
        parts.append(element("line", x1=x + 14, y1=y - 5, x2=x + _BOX - 14, y2=y - 5, class_="pw-bar"))
        parts.append(text(label, x + _BOX / 2, y - 10, text_anchor="middle", font_size=size, class_="pw-drug"))
    return element("g", "".join(parts))


def _arrow(one: _Node, other: _Node, active: bool) -> str:
    x1, y1 = one.x + _BOX, one.y + _HEIGHT / 2
    x2, y2 = other.x, other.y + _HEIGHT / 2
    middle = (x1 + x2) / 2
    path = f"M {x1:.0f} {y1:.0f} C {middle:.0f} {y1:.0f} {middle:.0f} {y2:.0f} {x2 - 7:.0f} {y2:.0f}"
    line = element("path", d=path, class_="pw-on" if active else "pw-off")
    if active:
        head = f"{x2 - 8:.0f},{y2 - 5:.0f} {x2:.0f},{y2:.0f} {x2 - 8:.0f},{y2 + 5:.0f}"
        return line + element("polygon", points=head, class_="pw-head")
    return line + element("line", x1=x2 - 5, y1=y2 - 7, x2=x2 - 5, y2=y2 + 7, class_="pw-off")
