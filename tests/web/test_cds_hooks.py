"""CDS Hooks 2.0.1 as an electronic record meets it: discovery, cards, orders, feedback, and who may call."""

from __future__ import annotations

import datetime
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tumorboard.advice.given import case_given
from tumorboard.case.fhir import bundle_from_case
from tumorboard.guidelines.knowledge import Knowledge
from tumorboard.store.database import Database
from tumorboard.store.feedback import feedback
from tumorboard.store.schema import upgrade
from tumorboard.web.cds import Cds, cds_router
from tumorboard.web.cds.cards import escaped, shortened
from tumorboard.web.cds.tokens import Client, Refused, Tokens

ADDRESS = "https://board.example.org"
VIEW, ORDER = "tumorboard-patient-view", "tumorboard-order-select"
CASE: dict[str, Any] = {
    "schema": "tumorboard.case/1",
    "id": "synthetic-1",
    "as_of": "2026-03-01",
    "sex": "female",
    "birth_date": "1961-04-02",
    "conditions": [{"disease": "SCLC", "histology": "small cell", "diagnosed": "2025-01-10", "stage": "IV"}],
    "performance": [{"scale": "ECOG", "value": 1, "date": "2026-02-20"}],
    "treatments": [
        {"line": 1, "agents": ["etoposide", "carboplatin"], "start": "2025-02-01", "end": "2025-06-01",
         "progressed": "2025-07-15", "progression": "widespread"},
    ],
}  # fmt: skip

# The form of an answer, from the text of CDS Hooks 2.0.1 ("Card Attributes", "Source", "Suggestion", "Action", "Link").
CARDS: dict[str, Any] = {
    "type": "object",
    "required": ["cards"],
    "properties": {
        "cards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["summary", "indicator", "source"],
                "properties": {
                    "uuid": {"type": "string", "format": "uuid"},
                    "summary": {"type": "string", "minLength": 1, "maxLength": 139},
                    "detail": {"type": "string"},
                    "indicator": {"enum": ["info", "warning", "critical"]},
                    "source": {
                        "type": "object",
                        "required": ["label"],
                        "properties": {"topic": {"type": "object", "required": ["code"]}},
                    },
                    "suggestions": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["label"],
                            "properties": {
                                "actions": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["type", "description"],
                                        "properties": {"type": {"enum": ["create", "update", "delete"]}},
                                    },
                                }
                            },
                        },
                    },
                    "selectionBehavior": {"enum": ["at-most-one", "any"]},
                    "overrideReasons": {
                        "type": "array",
                        "items": {"type": "object", "required": ["code", "system", "display"]},
                    },
                    "links": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["label", "url", "type"],
                            "properties": {"type": {"enum": ["absolute", "smart"]}},
                        },
                    },
                },
                "dependentRequired": {"suggestions": ["selectionBehavior"]},
            },
        }
    },
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'board.db'}")
    upgrade(made)
    yield made
    made.close()


def served(cds: Cds) -> TestClient:
    app = FastAPI()
    app.include_router(cds_router(cds))
    return TestClient(app)


@pytest.fixture
def here(knowledge: Knowledge, database: Database) -> TestClient:
    """On this machine alone, where nobody has to show a token."""
    return served(Cds(knowledge, ADDRESS, database=database, open_to_all=True))


@pytest.fixture(scope="module")
def bundle(knowledge: Knowledge) -> dict[str, Any]:
    case = case_given(CASE, knowledge, datetime.date(2026, 3, 1))
    found = bundle_from_case(case.file, knowledge.vocabulary, knowledge.folder)
    text = json.dumps(found)
    for entry in found["entry"]:  # as a server refers to its resources
        resource = entry["resource"]
        text = text.replace(entry["fullUrl"], f"{resource['resourceType']}/{resource['id']}")
    told: dict[str, Any] = json.loads(text)
    return told


def chart(bundle: dict[str, Any]) -> dict[str, Any]:
    """The patient's resources as searches give them."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    (patient,) = (each for each in resources if each["resourceType"] == "Patient")
    kinds = {
        "conditions": "Condition", "observations": "Observation", "medicationRequests": "MedicationRequest",
        "medicationAdministrations": "MedicationAdministration", "procedures": "Procedure",
    }  # fmt: skip

    def search(kind: str) -> dict[str, Any]:
        found = [{"resource": each} for each in resources if each["resourceType"] == kind]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": found}

    return {"patient": patient, **{name: search(kind) for name, kind in kinds.items()}}


def message(bundle: dict[str, Any], hook: str = "patient-view", **more: Any) -> dict[str, Any]:
    sent = chart(bundle)
    context = {"userId": "Practitioner/1", "patientId": sent["patient"]["id"], **more.pop("context", {})}
    return {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, "prefetch": sent, **more}


def ordering(bundle: dict[str, Any], *drugs: str) -> dict[str, Any]:
    orders = [
        {"resourceType": "MedicationRequest", "id": f"draft-{number}", "status": "draft", "intent": "order",
         "subject": {"reference": "Patient/x"}, "medicationCodeableConcept": {"text": drug}}
        for number, drug in enumerate(drugs)
    ]  # fmt: skip
    context = {
        "selections": [f"MedicationRequest/{order['id']}" for order in orders],
        "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": o} for o in orders]},
    }
    return message(bundle, "order-select", context=context)


def cards(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json(), CARDS)
    found: list[dict[str, Any]] = answer.json()["cards"]
    return found


# -- discovery and cards -----------------------------------------------------------------------------------------------


def test_discovery_names_services_hooks_and_what_to_send(here: TestClient) -> None:
    told = {service["id"]: service for service in here.get("/cds-services").json()["services"]}
    assert {id_: each["hook"] for id_, each in told.items()} == {VIEW: "patient-view", ORDER: "order-select"}
    assert all("{{context.patientId}}" in template for template in told[VIEW]["prefetch"].values())
    chinese = here.get("/cds-services", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json()
    assert "指南" in chinese["services"][0]["title"]


def test_an_open_chart_gets_options_with_grade_and_source(
    here: TestClient, bundle: dict[str, Any], knowledge: Knowledge
) -> None:
    first, *_ = cards(here.post(f"/cds-services/{VIEW}", json=message(bundle)))
    assert first["source"]["topic"]["code"] in knowledge.guidelines
    assert knowledge.version in first["detail"].replace("\\", "")
    assert first["overrideReasons"] and first["indicator"] == "info"
    assert bundle["entry"][0]["resource"]["id"] not in json.dumps(first.get("links"))


def test_missing_results_are_proposed_and_nothing_is_ordered(here: TestClient, bundle: dict[str, Any]) -> None:
    found = cards(here.post(f"/cds-services/{VIEW}", json=message(bundle)))
    proposals = [
        action["resource"] for card in found for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
    ]  # fmt: skip
    assert proposals
    assert {(each["status"], each["intent"]) for each in proposals} == {("draft", "proposal")}
    assert not any(each["resourceType"] == "MedicationRequest" for each in proposals)


def test_cards_come_in_the_readers_language(here: TestClient, bundle: dict[str, Any]) -> None:
    answer = here.post(f"/cds-services/{VIEW}", json=message(bundle), headers={"Accept-Language": "zh"})
    assert all(any("一" <= each <= "鿿" for each in card["summary"]) for card in cards(answer))


@pytest.mark.parametrize(
    ("drugs", "said", "indicator"),
    [
        (["topotecan"], "applies", "info"),
        (["pembrolizumab", "lenvatinib"], "No option of the guidelines is", "info"),
    ],
)
def test_a_selected_regimen_is_told_how_it_stands(
    here: TestClient, bundle: dict[str, Any], drugs: list[str], said: str, indicator: str
) -> None:
    (card,) = cards(here.post(f"/cds-services/{ORDER}", json=ordering(bundle, *drugs)))
    assert said in card["summary"] and card["indicator"] == indicator
    assert "suggestions" not in card


def test_a_regimen_the_tumour_progressed_on_is_told_as_ruled_out(
    here: TestClient, bundle: dict[str, Any], knowledge: Knowledge
) -> None:
    """Never offered as fitting: it is excluded, or no option at all."""
    (card,) = cards(here.post(f"/cds-services/{ORDER}", json=ordering(bundle, "etoposide", "carboplatin")))
    assert "applies" not in card["summary"]


def test_nothing_selected_gives_no_card(here: TestClient, bundle: dict[str, Any]) -> None:
    assert cards(here.post(f"/cds-services/{ORDER}", json=ordering(bundle))) == []
    assert cards(here.post(f"/cds-services/{ORDER}", json=ordering(bundle, "not a medicine"))) == []


def test_hostile_text_means_nothing_in_markdown() -> None:
    assert escaped("<img src=x onerror=alert(1)> [a](javascript:x) **b**\n# c") == (
        r"\<img src=x onerror=alert\(1\)\> \[a\]\(javascript:x\) \*\*b\*\* \# c"
    )
    assert len(shortened("x" * 500)) < 140


# -- what was sent, and what has to be asked ---------------------------------------------------------------------------


class _Fhir(BaseHTTPRequestHandler):
    """A FHIR server that knows one patient, in pages of one."""

    chart: dict[str, Any]
    tokens: list[str | None]

    def do_GET(self) -> None:
        type(self).tokens.append(self.headers.get("Authorization"))
        path, _, query = self.path.partition("?")
        kind = path.removeprefix("/fhir/").partition("/")[0]
        if kind == "Patient":
            body = self.chart["patient"]
        else:
            found = next(b for b in self.chart.values() if b["resourceType"] == "Bundle" and _kind(b) in (kind, None))
            entries = [e for b in self.chart.values() if b.get("entry") and _kind(b) == kind for e in b["entry"]]
            page = int(query.rpartition("page=")[2]) if "page=" in query else 0
            body = {**found, "entry": entries[page : page + 1], "link": []}
            if page + 1 < len(entries):
                host, port = self.server.server_address[:2]
                url = f"http://{host!s}:{port}/fhir/{kind}?page={page + 1}"
                body["link"] = [{"relation": "next", "url": url}]
        raw = json.dumps(body).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


def _kind(found: dict[str, Any]) -> str | None:
    entries = found.get("entry") or []
    return entries[0]["resource"]["resourceType"] if entries else None


@pytest.fixture
def fhir(bundle: dict[str, Any]) -> Iterator[tuple[str, type[_Fhir]]]:
    handler = type("Fhir", (_Fhir,), {"chart": chart(bundle), "tokens": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/fhir", handler
    server.shutdown()


AUTHORIZATION = {
    "access_token": "secret-token", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "c"
}  # fmt: skip


def test_what_was_not_sent_is_asked_of_a_listed_server(
    knowledge: Knowledge, bundle: dict[str, Any], fhir: tuple[str, type[_Fhir]], signed: Any
) -> None:
    address, handler = fhir
    client, token = signed(VIEW, fhir_servers=(address,))
    whole = message(bundle)
    app = served(Cds(knowledge, ADDRESS, clients=[client]))
    asked = {**whole, "prefetch": {"patient": whole["prefetch"]["patient"]}, "fhirServer": address,
             "fhirAuthorization": AUTHORIZATION}  # fmt: skip
    by_asking = cards(app.post(f"/cds-services/{VIEW}", json=asked, headers=token()))
    by_prefetch = cards(app.post(f"/cds-services/{VIEW}", json=whole, headers=token()))
    assert [card["summary"] for card in by_asking] == [card["summary"] for card in by_prefetch]
    assert set(handler.tokens) == {"Bearer secret-token"}


@pytest.mark.parametrize(
    "more", [{}, {"fhirServer": "https://evil.example.org/fhir", "fhirAuthorization": AUTHORIZATION}]
)
def test_what_can_not_be_asked_for_is_named(here: TestClient, bundle: dict[str, Any], more: dict[str, Any]) -> None:
    answer = here.post(f"/cds-services/{VIEW}", json={**message(bundle), "prefetch": {}, **more})
    assert answer.status_code == 412
    assert "secret-token" not in answer.text


def test_a_search_cut_into_pages_is_not_taken_for_whole(here: TestClient, bundle: dict[str, Any]) -> None:
    sent = message(bundle)
    sent["prefetch"]["observations"]["link"] = [{"relation": "next", "url": "https://ehr.example.org/next"}]
    answer = here.post(f"/cds-services/{VIEW}", json=sent)
    assert answer.status_code == 412 and "prefetch.observations" in answer.text


def test_wrong_calls_are_named(here: TestClient, bundle: dict[str, Any]) -> None:
    assert here.post("/cds-services/none", json=message(bundle)).status_code == 404
    wrong = here.post(f"/cds-services/{ORDER}", json=message(bundle))
    assert wrong.status_code == 422 and "order-select" in wrong.text
    assert here.post(f"/cds-services/{VIEW}", json={"hook": "patient-view"}).status_code == 422
    traversing = message(bundle, context={"patientId": "../Patient?_count=1"})
    assert here.post(f"/cds-services/{VIEW}", json=traversing).status_code == 422


# -- who may call ------------------------------------------------------------------------------------------------------

KEY = ec.generate_private_key(ec.SECP384R1())
OTHER = ec.generate_private_key(ec.SECP384R1())
ISSUER, JKU = "https://ehr.example.org", "https://ehr.example.org/keys"


def jwks(key: Any, kid: str = "k1") -> dict[str, Any]:
    own = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**own, "kid": kid, "use": "sig", "alg": "ES384"}]}


def claims(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "aud": f"{ADDRESS}/cds-services/{VIEW}", "iat": now, "exp": now + 300,
            "jti": str(uuid.uuid4()), **more}  # fmt: skip


def token(payload: dict[str, Any] | None = None, key: Any = KEY, alg: str = "ES384", **header: Any) -> str:
    return jwt.encode(payload or claims(), key, algorithm=alg, headers={"kid": "k1", "jku": JKU, **header})


@pytest.fixture
def signed() -> Callable[..., tuple[Client, Callable[[], dict[str, str]]]]:
    def made(service: str, **more: Any) -> tuple[Client, Callable[[], dict[str, str]]]:
        client = Client(ISSUER, keys=jwks(KEY), **more)
        aud = f"{ADDRESS}/cds-services/{service}"
        return client, lambda: {"Authorization": f"Bearer {jwt.encode(claims(aud=aud), KEY, 'ES384', {'kid': 'k1'})}"}

    return made


def public_pem() -> bytes:
    return KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def unsigned() -> str:
    return jwt.encode(claims(), None, algorithm="none", headers={"kid": "k1"})


def by_shared_secret() -> str:
    """Signed with the public key as if it were a secret, which libraries have fallen for."""
    import base64
    import hashlib
    import hmac

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'k1'})}.{part(claims())}"
    mark = hmac.new(public_pem(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: "", "no bearer token"),
        (lambda: "not.a.token", "no JSON Web Token"),
        (unsigned, "is not signed by one of"),
        (by_shared_secret, "is not signed by one of"),
        (lambda: token(key=OTHER), "signature that does not hold"),
        (lambda: token(claims(iss="https://else.example.org")), "not on the list"),
        (lambda: token(claims(aud="https://other.example.org")), "for another service"),
        (lambda: token(claims(exp=int(time.time()) - 120)), "has expired"),
        (lambda: token(claims(iat=int(time.time()) + 600, exp=int(time.time()) + 900)), "not good yet|in the future"),
        (lambda: token(claims(exp=int(time.time()) + 86_400)), "good for longer"),
        (lambda: token({k: v for k, v in claims().items() if k != "jti"}), "lacks one of"),
        (lambda: token(kid="k2"), "a key the issuer does not publish"),
        (lambda: token(jku="https://evil.example.org/keys"), "names keys that are not the issuer's"),
    ],
)
def test_a_wrong_token_is_refused(made: Callable[[], str], said: str) -> None:
    tokens = Tokens([Client(ISSUER, jku=JKU)], fetch=lambda url: jwks(KEY))
    with pytest.raises(Refused, match=said):
        tokens.client(f"Bearer {made()}", f"{ADDRESS}/cds-services/{VIEW}")


def test_a_token_is_good_once() -> None:
    tokens = Tokens([Client(ISSUER, jku=JKU)], fetch=lambda url: jwks(KEY))
    one = f"Bearer {token()}"
    assert tokens.client(one, f"{ADDRESS}/cds-services/{VIEW}").issuer == ISSUER
    with pytest.raises(Refused, match="was used before"):
        tokens.client(one, f"{ADDRESS}/cds-services/{VIEW}")


def test_keys_are_fetched_once_and_again_for_a_new_one() -> None:
    fetched: list[str] = []

    def fetch(url: str) -> dict[str, Any]:
        fetched.append(url)
        return jwks(KEY)

    tokens = Tokens([Client(ISSUER, jku=JKU)], fetch=fetch)
    for _ in range(3):
        tokens.client(f"Bearer {token()}", f"{ADDRESS}/cds-services/{VIEW}")
    assert fetched == [JKU]


def test_without_clients_only_this_machine_is_served(knowledge: Knowledge, bundle: dict[str, Any]) -> None:
    answer = served(Cds(knowledge, ADDRESS)).post(f"/cds-services/{VIEW}", json=message(bundle))
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"


# -- feedback and logs -------------------------------------------------------------------------------------------------


def test_feedback_is_kept(here: TestClient, database: Database, bundle: dict[str, Any]) -> None:
    card = cards(here.post(f"/cds-services/{VIEW}", json=message(bundle)))[0]
    reason = {"reason": card["overrideReasons"][0], "userComment": "as the patient wishes"}
    sent = {"feedback": [{"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-03-01T10:00:00Z",
                          "overrideReason": reason}]}  # fmt: skip
    assert here.post(f"/cds-services/{VIEW}/feedback", json=sent).status_code == 200
    with database.reading() as connection:
        (kept,) = feedback(connection, service=VIEW)
    assert (kept.card, kept.outcome) == (card["uuid"], "overridden")
    assert kept.override_reason is not None and kept.override_reason["userComment"] == "as the patient wishes"


def test_no_patient_stands_in_a_log(here: TestClient, bundle: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="tumorboard")
    sent = message(bundle)
    sent["prefetch"]["patient"]["gender"] = "marker-of-a-patient"
    here.post(f"/cds-services/{VIEW}", json=sent)
    here.post(f"/cds-services/{VIEW}", json={**sent, "prefetch": {"patient": sent["prefetch"]["patient"]}})
    assert "marker-of-a-patient" not in caplog.text
