"""Who comes in and what they may do: passwords, sessions, forms, roles, the hospital's login, and what is saved."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import os
import re
import shutil
import signal
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi.testclient import TestClient
from jwt.algorithms import ECAlgorithm
from serving import free_port, served

from tumorboard.cli.setup import DEMO
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.audit import now
from tumorboard.store.boards import add_board
from tumorboard.store.boards import boards as boards_of
from tumorboard.store.cases import cases, versions
from tumorboard.store.database import Database
from tumorboard.store.schema import open_database
from tumorboard.store.sessions import IDLE, LONGEST, session, start_session
from tumorboard.store.users import Role, add_user, disable, link, user_named
from tumorboard.store.verify import verify
from tumorboard.web.app import create_app
from tumorboard.web.settings import Settings

LONG = bool(os.environ.get("TUMORBOARD_LONG"))
PASSWORD = "correct horse battery"
CASE = (DEMO / "03-egfr-exon20.yaml").read_text(encoding="utf-8")
HERE = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def _loaded_once(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every application of these tests has the knowledge that is loaded already."""
    monkeypatch.setattr(Knowledge, "load", lambda *more: knowledge)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a user of each role, made once: a password takes long to hash, as it should."""
    file = tmp_path_factory.mktemp("filled") / "board.db"
    made = open_database(f"sqlite:///{file}")
    with made.writing() as connection:
        for role in Role:
            add_user(connection, role.value, full_name="Test User", role=role, password=PASSWORD, by="t")
        add_board(connection, "Lung", by="t")
    made.close()
    return file


@pytest.fixture
def database(filled: Path, tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{shutil.copy(filled, tmp_path)}")
    yield made
    made.close()


@contextmanager
def asked(database: Database, **chosen: Any) -> Iterator[TestClient]:
    app = create_app(Settings(database=str(database.url), **chosen))
    with TestClient(app, base_url=chosen.get("address", HERE), follow_redirects=False) as client:
        yield client


def log_in(client: TestClient | httpx.Client, name: str, password: str = PASSWORD) -> int:
    return client.post("/login", data={"name": name, "password": password}).status_code


def token_of(database: Database, role: Role, **at: datetime.datetime) -> str:
    with database.writing() as connection:
        return start_session(connection, user_named(connection, role.value).id, **at)


def form_token(client: TestClient | httpx.Client) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/boards").text)
    assert found is not None
    return found[1]


# -- passwords and sessions --------------------------------------------------------------------------------------------


def test_a_right_password_opens_a_session_in_a_cookie_no_script_can_read(database: Database) -> None:
    with asked(database) as client:
        assert client.get("/boards").status_code in (303, 401)
        answer = client.post("/login", data={"name": "member", "password": PASSWORD})
        assert answer.status_code == 303
        cookie = answer.headers["Set-Cookie"].casefold()
        assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
        assert client.get("/boards").status_code == 200
    with asked(database, host="0.0.0.0", address="https://board.example.org") as client:
        answer = client.post("/login", data={"name": "member", "password": PASSWORD})
        assert "secure" in answer.headers["Set-Cookie"].casefold()
        assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("name", "password"),
    [("member", "wrong"), ("nobody", PASSWORD), ("", ""), ("member", ""), ("member", "x" * 10_000)],
)
def test_a_wrong_name_or_password_is_refused_in_the_same_words(database: Database, name: str, password: str) -> None:
    with asked(database) as client:
        answer = client.post("/login", data={"name": name, "password": password})
        assert answer.status_code == 401 and "session" not in client.cookies
        body = client.post("/api/v1/login", json={"name": name, "password": password[:1000]})
        assert body.status_code == 401


def test_who_logs_out_or_is_disabled_is_out_at_once(database: Database) -> None:
    with asked(database) as client:
        assert log_in(client, "member") == 303
        held = client.cookies["session"]
        assert client.post("/logout", data={"csrf": form_token(client)}).status_code == 303
        client.cookies.set("session", held)
        assert client.get("/boards").status_code in (303, 401)
        token = token_of(database, Role.reader)
        who = {"Authorization": f"Bearer {token}"}
        client.cookies.clear()
        assert client.get("/api/v1/guidelines", headers=who).status_code == 200
        with database.writing() as connection:
            found = session(database, token)
            assert found is not None
            disable(connection, found.user_id, by="t")
        assert client.get("/api/v1/guidelines", headers=who).status_code == 401


@pytest.mark.parametrize("ago", [IDLE + datetime.timedelta(minutes=1), LONGEST + datetime.timedelta(minutes=1)])
def test_a_session_ends_by_itself(database: Database, ago: datetime.timedelta) -> None:
    old = token_of(database, Role.member, at=now() - ago)
    with asked(database) as client:
        client.cookies.set("session", old)
        assert client.get("/boards").status_code in (303, 401)
        client.cookies.set("session", token_of(database, Role.member))
        assert client.get("/boards").status_code == 200


def test_logins_are_slowed_down_and_an_account_that_is_guessed_at_is_locked(database: Database) -> None:
    with asked(database, logins_a_minute=4) as client:
        assert [log_in(client, "member", "wrong") for _ in range(6)] == [401] * 4 + [429] * 2
    with asked(database, logins_a_minute=1000) as client:
        for _ in range(10):
            assert log_in(client, "reader", "wrong") == 401
        assert log_in(client, "reader") == 401, "even the right password, for a while"


def test_a_cookie_alone_sends_no_form_and_other_sites_send_none(database: Database) -> None:
    with asked(database) as client:
        assert log_in(client, "member") == 303
        right = {"csrf": form_token(client), "text": CASE}
        assert client.post("/case/save", data={"text": CASE}).status_code == 403
        other = token_of(database, Role.member)
        stolen = hashlib.sha256(b"form\0" + other.encode()).hexdigest()
        assert client.post("/case/save", data={**right, "csrf": stolen}).status_code == 403
        for site in ("cross-site", "same-site"):
            headers = {"Sec-Fetch-Site": site}
            assert client.post("/case/save", data=right, headers=headers).status_code == 403
            assert (
                client.post("/login", data={"name": "member", "password": PASSWORD}, headers=headers).status_code == 403
            )
        assert client.post("/case/save", data=right).status_code == 200


# -- roles -------------------------------------------------------------------------------------------------------------


def test_every_door_but_the_open_ones_is_closed_to_who_has_not_logged_in(database: Database) -> None:
    open_ = ("/login", "/logout", "/health", "/cds-services", "/api/v1/login", "/consensus", "/static")
    with asked(database) as client:
        app: Any = client.app
        for route in app.openapi()["paths"]:
            if not route.startswith(open_):
                assert client.get(route.replace("{", "").replace("}", "")).status_code == 401, route
        for path in ("/", "/boards", "/users", "/case", "/evidence", "/guidelines", "/mechanism", "/mcp", "/mcp/",
                     "/api/v1/openapi.json", "/cases/x", "//boards", "/static/../boards"):  # fmt: skip
            assert client.get(path).status_code in (303, 401), path


@pytest.mark.parametrize(
    ("role", "boards", "save", "users"),
    [(Role.reader, 403, 403, 403), (Role.member, 403, 303, 403), (Role.chair, 303, 303, 403),
     (Role.administrator, 303, 303, 200)],
)  # fmt: skip
def test_a_role_may_do_what_it_is_for(database: Database, role: Role, boards: int, save: int, users: int) -> None:
    with database.reading() as connection:
        (board,) = boards_of(connection)
    with asked(database) as client:
        assert log_in(client, role.value) == 303
        csrf = client.cookies["session"]
        own = {"csrf": hashlib.sha256(b"form\0" + csrf.encode()).hexdigest()}
        assert client.get("/boards").status_code == 200
        assert client.post("/boards", data={**own, "name": "Liver"}).status_code == boards
        assert client.post("/case/save", data={**own, "text": CASE, "board": board.id}).status_code == save
        assert client.get("/users").status_code == users


# -- the hospital's login ----------------------------------------------------------------------------------------------


class Issuer:
    """A login of a hospital over real HTTP: codes for tokens, as OpenID Connect has it, and ways to be wrong."""

    def __init__(self) -> None:
        self.key, self.other = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.sign_with, self.algorithm = self.key, "ES384"
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                own = json.loads(ECAlgorithm.to_jwk(issuer.key.public_key()))
                self.answer({"keys": [{**own, "kid": "1", "use": "sig", "alg": "ES384"}]})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(issuer.token(dict(urllib.parse.parse_qsl(body))))

            def answer(self, found: dict[str, Any]) -> None:
                data = json.dumps(found).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def settings(self) -> dict[str, Any]:
        return {
            "issuer": self.address, "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys",
            "client_id": "tumorboard", "client_secret": "a secret of the tests",
        }  # fmt: skip

    def authorize(self, location: str) -> dict[str, str]:
        """What the hospital sends back with the browser."""
        asked_for = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))
        assert asked_for["redirect_uri"] == f"{HERE}/login/oidc/back" and asked_for["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked_for
        return {"code": code, "state": asked_for["state"]}

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        asked_for = self.codes.pop(form["code"], None)
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if asked_for is None or asked_for["code_challenge"] != challenge:
            return {"error": "invalid_grant"}
        claims = {"iss": self.address, "sub": "person-7", "aud": "tumorboard", "iat": int(time.time()),
                  "exp": int(time.time()) + 300, "nonce": asked_for["nonce"], **self.claims}  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"id_token": jwt.encode(claims, self.sign_with, self.algorithm, headers={"kid": "1"})}


@pytest.fixture
def issuer(database: Database) -> Iterator[Issuer]:
    found = Issuer()
    with database.writing() as connection:
        user = add_user(connection, "linked", full_name="Test User", role=Role.member, by="t")
        link(connection, user.id, found.address, "person-7", by="t")
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_who_the_hospital_knows_and_is_linked_comes_in_once_a_code(database: Database, issuer: Issuer) -> None:
    with asked(database, oidc=issuer.settings()) as client:
        assert "oidc" in client.get("/login").text
        back = issuer.authorize(client.get("/login/oidc").headers["Location"])
        assert client.get("/login/oidc/back", params=back).status_code == 303
        assert client.get("/boards").status_code == 200
        client.cookies.delete("session")
        assert client.get("/login/oidc/back", params=back).status_code == 401, "the code was used"


def test_a_state_that_is_not_the_browsers_own_is_refused(database: Database, issuer: Issuer) -> None:
    with asked(database, oidc=issuer.settings()) as client:
        back = issuer.authorize(client.get("/login/oidc").headers["Location"])
        for wrong in ({**back, "state": "other"}, {**back, "state": "é"}, {"code": back["code"]}, {}):
            assert client.get("/login/oidc/back", params=wrong).status_code == 401
        client.cookies.clear()
        assert client.get("/login/oidc/back", params=back).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another"}, {"iss": "https://elsewhere.example.org"}, {"nonce": "another"}, {"nonce": None},
     {"exp": 1}, {"exp": None}, {"sub": "a stranger"}, {"sub": None}],
    ids=str,
)  # fmt: skip
def test_a_token_that_is_not_for_this_login_is_refused(
    database: Database, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    with asked(database, oidc=issuer.settings()) as client:
        back = issuer.authorize(client.get("/login/oidc").headers["Location"])
        assert client.get("/login/oidc/back", params=back).status_code == 401


def test_a_token_signed_by_another_key_or_with_a_shared_secret_is_refused(database: Database, issuer: Issuer) -> None:
    with asked(database, oidc=issuer.settings()) as client:
        for key, algorithm in ((issuer.other, "ES384"), ("a secret of the tests" * 3, "HS256"), (None, "none")):
            issuer.sign_with, issuer.algorithm = key, algorithm  # type: ignore[assignment]
            back = issuer.authorize(client.get("/login/oidc").headers["Location"])
            assert client.get("/login/oidc/back", params=back).status_code == 401


# -- saving ------------------------------------------------------------------------------------------------------------


def test_two_who_edit_one_case_meet_and_neither_edit_is_lost(database: Database) -> None:
    with database.reading() as connection:
        (board,) = boards_of(connection)
    with asked(database) as one, asked(database) as other:
        forms = []
        for client, name in ((one, "member"), (other, "chair")):
            assert log_in(client, name) == 303
            forms.append({"csrf": form_token(client)})
        saved = one.post("/case/save", data={**forms[0], "text": CASE, "board": board.id})
        case = saved.headers["Location"].split("/")[2]
        edits = [f"{CASE}\nheight_cm: {height}\n" for height in (161, 162)]
        based = {"saved": case, "based_on": "1"}
        assert one.post("/case/save", data={**forms[0], **based, "text": edits[0]}).status_code == 303
        conflict = other.post("/case/save", data={**forms[1], **based, "text": edits[1]})
        assert conflict.status_code == 409
        assert "height_cm: 161" in conflict.text and "height_cm: 162" in conflict.text
    with database.reading() as connection:
        assert [each.number for each in versions(connection, case)] == [1, 2]


def test_what_a_killed_server_confirmed_is_there_and_its_database_opens(database: Database) -> None:
    url = str(database.url)
    with database.reading() as connection:
        (board,) = boards_of(connection)
    token, port, confirmed = token_of(database, Role.member), free_port(), 0
    own = {"csrf": hashlib.sha256(b"form\0" + token.encode()).hexdigest(), "text": CASE, "board": board.id}
    for kill in range(10 if LONG else 2):
        with served("--database", url, port=port) as server:
            died = threading.Timer(0.4 + 0.13 * kill, server.process.send_signal, [signal.SIGKILL])
            died.start()
            with httpx.Client(base_url=server.address, cookies={"session": token}) as client:
                while True:
                    try:
                        answer = client.post("/case/save", data=own)
                    except httpx.TransportError:
                        break
                    assert answer.status_code == 303
                    confirmed += 1
    again = open_database(url)
    with again.reading() as connection:
        kept = len(cases(connection, board.id))
        verify(connection)
    again.close()
    assert confirmed and confirmed <= kept <= confirmed + (10 if LONG else 2)
