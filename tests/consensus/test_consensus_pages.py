"""The pages without a browser: who gets in where, what a form must carry, and what is told of a slip."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from panels import panel_of

from tumorboard.consensus.kept import consensus
from tumorboard.consensus.panel import declare, invite, panellists
from tumorboard.consensus.rounds import close_round, conclude, open_round, publish_round
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.database import Database
from tumorboard.store.sessions import start_session
from tumorboard.store.users import Role, add_user
from tumorboard.web.app import create_app
from tumorboard.web.settings import Settings


class Server:
    """A panel of four, its first round open, and the application over it; ``leads`` are a chair's headers."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self.database, self.knowledge = database, knowledge
        self.name = panel_of(database, knowledge, 4)
        url = database.url.render_as_string(hide_password=False)
        self.app = create_app(Settings(database=url, hosts=("board.example",)))
        with database.writing() as connection:
            chair = add_user(connection, "chair", full_name="A chair", role=Role.chair, by="tests")
            self.leads = {"authorization": f"Bearer {start_session(connection, chair.id)}"}
            held = consensus(connection, self.name, knowledge)
            self.secrets = [invite(connection, one, by="chair") for one in panellists(connection, held.id)]

    def client(self, language: str = "en") -> TestClient:
        return TestClient(self.app, base_url="http://board.example", headers={"accept-language": language})

    def panellist(self, number: int = 0, language: str = "en") -> TestClient:
        client = self.client(language)
        assert client.post("/consensus/enter", data={"code": self.secrets[number]}).url.path == "/consensus/panel"
        return client

    def do(self, what: object, *more: object) -> None:
        assert callable(what)
        with self.database.writing() as connection:
            what(connection, consensus(connection, self.name, self.knowledge), *more, by="chair")


@pytest.fixture
def server(sqlite: Database, knowledge: Knowledge) -> Server:
    return Server(sqlite, knowledge)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the ballot on a page."""
    form = page.partition('class="ballot"')[2]
    return dict(re.findall(r'name="(guard|key)" value="([^"]*)"', form))


def test_the_secret_is_in_no_address_and_works_once(server: Server) -> None:
    client = server.client()
    entered = client.post("/consensus/enter", data={"code": server.secrets[0]})
    assert all(server.secrets[0] not in str(each.url) for each in (*entered.history, entered))
    assert server.secrets[0] not in entered.text
    again = server.client().post("/consensus/enter", data={"code": server.secrets[0]})
    assert again.status_code == 404
    assert "used already" in again.text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(server: Server) -> None:
    entered = server.client().post("/consensus/enter", data={"code": server.secrets[0]}, follow_redirects=False)
    cookie = entered.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


@pytest.mark.parametrize("path", ["/consensus/panel", "/consensus/panel/chemotherapy"])
def test_without_a_session_a_panellists_page_is_shut(server: Server, path: str) -> None:
    assert server.client().get(path).status_code == 403


def test_an_answer_is_saved_and_the_next_question_follows(server: Server) -> None:
    client = server.panellist()
    page = client.get("/consensus/panel/chemotherapy").text
    saved = client.post("/consensus/panel/chemotherapy", data={**hidden(page), "answer": "recommend"})
    assert saved.url.path == "/consensus/panel/immunotherapy"
    last = client.post("/consensus/panel/immunotherapy", data={**hidden(saved.text), "answer": ""})
    assert last.url.path == "/consensus/panel"
    assert "You have answered every question" in last.text


def test_the_same_form_sent_twice_is_one_answer(server: Server) -> None:
    """The connection was lost after the first was saved; the browser sends it again."""
    client = server.panellist()
    form = {**hidden(client.get("/consensus/panel/chemotherapy").text), "answer": "recommend"}
    for _ in range(2):
        assert client.post("/consensus/panel/chemotherapy", data=form, follow_redirects=False).status_code == 303
    server.do(close_round)
    shown = server.client().get(f"/consensus/of/{server.name}/chair/result", headers=server.leads)
    assert "1 of 1 votes" in shown.text


def test_a_form_of_another_site_or_without_its_guard_is_refused(server: Server) -> None:
    client = server.panellist()
    form = {**hidden(client.get("/consensus/panel/chemotherapy").text), "answer": "recommend"}
    for data, headers in (
        ({**form, "guard": "0" * 64}, {}),
        (form, {"origin": "https://elsewhere.example"}),
        (form, {"sec-fetch-site": "cross-site"}),
    ):
        assert client.post("/consensus/panel/chemotherapy", data=data, headers=headers).status_code == 403
    chair = f"/consensus/of/{server.name}/chair"
    steps = server.client().post(chair, data={"step": "close"}, headers=server.leads | headers)
    assert steps.status_code == 403


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, ("Choose an answer", "请选择")),
        ({"answer": "do not recommend"}, ("needs a reason", "必须填写")),
        ({"answer": "conditional", "reason": "x"}, ("Write the condition", "请填写条件")),
        ({"answer": "conditional", "reason": "x", "when": "ecog <"}, ("The rule can", "规则无法读取")),
        ({"answer": "recommend", "key": "1" * 5}, ("This page was old", "页面已过期")),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_slip_is_told_in_the_readers_language_and_keeps_what_was_typed(
    server: Server, answer: dict[str, str], said: tuple[str, str], language: str
) -> None:
    client = server.panellist(language=language)
    page = client.get("/consensus/panel/chemotherapy").text
    sent = {**hidden(page), "comment": "typed <b>before</b>", **answer}
    shown = client.post("/consensus/panel/chemotherapy", data=sent)
    assert shown.status_code == 422
    assert said[language == "zh"] in shown.text
    assert "typed &lt;b&gt;before&lt;/b&gt;" in shown.text
    assert hidden(shown.text)["key"] != sent["key"]


def test_after_closing_the_answer_is_refused_and_said_so(server: Server) -> None:
    client = server.panellist()
    form = {**hidden(client.get("/consensus/panel/chemotherapy").text), "answer": "recommend"}
    server.do(close_round)
    refused = client.post("/consensus/panel/chemotherapy", data=form)
    assert refused.status_code == 409
    assert "The round is closed" in refused.text


def test_who_declares_a_conflict_that_bars_sees_no_ballot(server: Server) -> None:
    client = server.panellist()
    with server.database.writing() as connection:
        held = consensus(connection, server.name, server.knowledge)
        one = next(p for p in panellists(connection, held.id) if p.name == "Panellist 0")
        declare(connection, held, one, "chemotherapy", "advised its maker", "discusses", by="chair")
    page = client.get("/consensus/panel/chemotherapy").text
    assert 'class="ballot"' not in page
    assert "you don&#39;t vote" in client.get("/consensus/panel").text


def test_the_next_round_shows_the_distribution_and_ones_own_answer_preselected(server: Server) -> None:
    panel = [server.panellist(number) for number in range(4)]
    for number, answer in enumerate(("do not recommend", "recommend", "recommend", "recommend")):
        form = hidden(panel[number].get("/consensus/panel/chemotherapy").text)
        sent = {**form, "answer": answer, "reason": f"because {number}"}
        panel[number].post("/consensus/panel/chemotherapy", data=sent)
    for step in (close_round, publish_round, open_round):
        server.do(step)
    page = panel[0].get("/consensus/panel/chemotherapy").text
    assert 'value="do not recommend" checked' in page
    assert "Your answer then: do not recommend" in page
    assert "<dt>recommend</dt><dd>3</dd>" in page
    assert "because 3" in page
    assert "0 of 2 answered" in panel[0].get("/consensus/panel").text, "what is preselected is not yet an answer"


def test_nothing_of_a_round_is_shown_to_the_panel_before_it_is_published(server: Server) -> None:
    client = server.panellist()
    page = client.get("/consensus/panel/chemotherapy").text
    client.post("/consensus/panel/chemotherapy", data={**hidden(page), "answer": "recommend"})
    assert "Round 1" not in client.get("/consensus/panel/chemotherapy").text
    assert server.client().get(f"/consensus/of/{server.name}").status_code == 404


def test_the_public_sees_a_concluded_result_and_its_record(server: Server) -> None:
    for _ in range(2):
        server.do(close_round)
        server.do(publish_round)
        chair = server.client().get(f"/consensus/of/{server.name}/chair", headers=server.leads)
        if "Open the next round" in chair.text:
            server.do(open_round)
    assert server.client().get(f"/consensus/of/{server.name}").status_code == 404
    server.do(conclude)
    public = server.client()
    assert public.get(f"/consensus/of/{server.name}").status_code == 200
    assert public.get(f"/consensus/of/{server.name}/result.json").json()["schema"] == "tumorboard.consensus-result/1"
    assert server.name in public.get("/consensus").text


@pytest.mark.parametrize("path", ["chair", "chair/result", "chair/reminders.txt"])
def test_only_the_chair_leads(server: Server, path: str) -> None:
    assert server.client().get(f"/consensus/of/{server.name}/{path}").status_code == 403
    assert server.panellist().get(f"/consensus/of/{server.name}/{path}").status_code == 403


def test_the_chair_learns_no_result_of_an_open_round(server: Server) -> None:
    refused = server.client().get(f"/consensus/of/{server.name}/chair/result", headers=server.leads)
    assert refused.status_code == 400
    assert "there is no result" in refused.text


def test_a_new_link_is_shown_once_to_the_chair(server: Server) -> None:
    client = server.client()
    shown = client.post(
        f"/consensus/of/{server.name}/chair", data={"step": "invite", "address": "p0@example.org"}, headers=server.leads
    )
    assert re.search(r"http://board\.example/consensus/enter\?lang=en#[\w-]{32}", shown.text)
    again = client.get(f"/consensus/of/{server.name}/chair", headers=server.leads).text
    assert "/consensus/enter" not in again


def test_the_votes_of_a_meeting_come_in_whole_or_not_at_all(server: Server) -> None:
    chair, lead = server.client(), f"/consensus/of/{server.name}/chair"
    good = "address,question,answer\np0@example.org,chemotherapy,recommend\n"
    for votes, status, answered in (
        (good + "p1@example.org,chemotherapy,perhaps\n", 422, "0 / 2"),
        (good, 200, "1 / 2"),
    ):
        shown = chair.post(lead, data={"step": "meeting", "list": votes}, headers=server.leads)
        assert shown.status_code == status
        assert answered in shown.text
    assert "votes.csv:3" in chair.post(lead, data={"step": "meeting", "list": good * 2}, headers=server.leads).text


def test_questions_are_changed_between_rounds_only_and_with_a_reason(server: Server) -> None:
    client, questions = server.client(), f"/consensus/of/{server.name}/chair/questions"
    text = html.unescape(client.get(questions, headers=server.leads).text)
    assert "<textarea" not in text, "a round is open"
    server.do(close_round)
    shown = html.unescape(client.get(questions, headers=server.leads).text)
    text = shown.partition('<textarea name="text"')[2].partition(">\n")[2].partition("</textarea>")[0]
    for sent, reason, status in (
        (text.replace("zh: 化疗", "zh: 单药化疗"), "", 422),
        (text.replace("- topotecan", "- flurb"), "a slip", 422),
        (text.replace("zh: 化疗", "zh: 单药化疗"), "the meeting asked for it", 200),
    ):
        answer = client.post(f"{questions}/text", data={"text": sent, "reason": reason}, headers=server.leads)
        assert answer.status_code == status, answer.text
    assert "单药化疗" in answer.text and "the meeting asked for it" in answer.text


@pytest.mark.parametrize(
    "path",
    ["new", "key", "of/{name}/chair", "of/{name}/chair/questions/review", "of/{name}/chair/questions/text",
     "of/{name}/chair/questions/one/chemotherapy", "of/{name}/chair/package", "of/{name}/chair/sign"],
)  # fmt: skip
def test_what_the_chair_sends_is_taken_from_nobody_else(server: Server, path: str) -> None:
    sent = {"step": "close", "passphrase": "long enough for one"}
    for client in (server.client(), server.panellist()):
        assert client.post(f"/consensus/{path.format(name=server.name)}", data=sent).status_code == 403


def test_pages_are_kept_by_nobody(server: Server) -> None:
    assert server.panellist().get("/consensus/panel").headers["cache-control"] == "no-store"


def test_the_words_stand_in_both_languages_and_each_is_used() -> None:
    from tumorboard.web.pages import consensus_words

    folder = Path(consensus_words.__file__).parent.parent
    sources = "".join(
        f.read_text("utf-8") for f in (*folder.glob("templates/consensus/*"), *folder.glob("pages/cons*"))
    )
    for key in consensus_words.WORDS:
        used = f"'{key}'" in sources or f'"{key}"' in sources.replace(f'    "{key}": Text', "")
        built = key.startswith(("slip ", "round ", "open ", "close ", "publish ")) or key in (
            "draft",
            "voting",
            "concluded",
        )
        assert used or built, key
