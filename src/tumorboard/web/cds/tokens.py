"""Who calls: the JSON Web Token each client signs (CDS Hooks 2.0.1, Trusting CDS Clients)."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt

from tumorboard.errors import Problem, TumorboardError
from tumorboard.web.cds.used import UsedTokens

# Asymmetric alone: who can check a shared secret can also sign with it, and `none` is signed by nobody.
ALGORITHMS = ("ES384", "ES256", "RS384", "RS256", "PS384", "PS256")
_LONGEST = 600  # seconds a token may be good for; they are made for one call
_LEEWAY = 60  # seconds that clocks may differ
_KEYS_GOOD_FOR = 600.0  # seconds until a client's keys are fetched again
_KEYS_AGAIN = 30.0  # seconds before an unknown key makes them be fetched again
_SECONDS = 5.0
_MOST_BYTES = 256 * 1024
_REQUIRED = ("iss", "aud", "exp", "iat", "jti")


class Refused(TumorboardError):
    """The call is not from a client on the list (401). What was wrong is said in kind, never with the token."""

    def __init__(self, what: str) -> None:
        super().__init__(Problem("Authorization", what, "send a token as CDS Hooks 2.0.1 describes"))


@dataclass(frozen=True, slots=True)
class Client:
    """An electronic record that may call. Its keys are at ``jku``, or are ``keys`` themselves (a JWK Set)."""

    issuer: str
    jku: str | None = None
    keys: Mapping[str, Any] | None = None
    fhir_servers: tuple[str, ...] = ()


Fetch = Callable[[str], Mapping[str, Any]]


@dataclass
class Tokens:
    """Checks the tokens of the listed clients; each is good for one call."""

    clients: Sequence[Client]
    fetch: Fetch | None = None  # of keys; over https where none is given
    used: UsedTokens = field(default_factory=UsedTokens)
    _keys: dict[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, authorization: str | None, audience: str) -> Client:
        """The client that calls ``audience`` (the service's address). Raises Refused."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.casefold() != "bearer" or not token:
            raise Refused("holds no bearer token")
        try:
            header = jwt.get_unverified_header(token)
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        except jwt.PyJWTError as error:
            raise Refused("holds no JSON Web Token") from error
        client = next((each for each in self.clients if each.issuer == issuer), None)
        if client is None:
            raise Refused("is of an issuer that is not on the list")
        if header.get("alg") not in ALGORITHMS:
            raise Refused(f"is not signed by one of {', '.join(ALGORITHMS)}")
        if "jku" in header and header["jku"] != client.jku:
            raise Refused("names keys that are not the issuer's")
        key = self._key(client, header.get("kid"))
        try:
            claims = jwt.decode(
                token, key, algorithms=list(ALGORITHMS), audience=audience, issuer=client.issuer, leeway=_LEEWAY,
                options={"require": list(_REQUIRED)},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise Refused(_said(error)) from error
        self._once(client, claims)
        return client

    def _once(self, client: Client, claims: Mapping[str, Any]) -> None:
        """Refuse a token that was used before or lives too long."""
        if claims["exp"] - claims["iat"] > _LONGEST:
            raise Refused(f"is good for longer than {_LONGEST} seconds")
        if not self.used.take(client.issuer, str(claims["jti"]), until=float(claims["exp"]) + _LEEWAY):
            raise Refused("was used before")

    def _key(self, client: Client, name: object) -> Any:
        if not isinstance(name, str):
            raise Refused("names no key (kid)")
        found = _named(self._jwks(client, _KEYS_GOOD_FOR), name)
        if found is None and client.jku is not None:
            found = _named(self._jwks(client, _KEYS_AGAIN), name)  # it may be new
        if found is None:
            raise Refused("is signed by a key the issuer does not publish")
        try:
            return jwt.PyJWK(dict(found)).key
        except jwt.PyJWTError as error:
            raise Refused("is signed by a key that can't be read") from error

    def _jwks(self, client: Client, good_for: float) -> Mapping[str, Any]:
        if client.keys is not None:
            return client.keys
        if client.jku is None:
            raise Refused("is of an issuer without keys")
        with self._lock:
            at, kept = self._keys.get(client.jku, (0.0, {}))
        if time.monotonic() - at < good_for and kept:
            return kept
        try:
            found = (self.fetch or fetched)(client.jku)
        except (OSError, ValueError) as error:
            raise Refused("can't be checked: the issuer's keys can't be fetched") from error
        with self._lock:
            self._keys[client.jku] = time.monotonic(), found
        return found


def _named(keys: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The key of that name, where it may sign."""
    held = keys.get("keys")
    for key in held if isinstance(held, list) else ():
        if (
            isinstance(key, Mapping)
            and key.get("kid") == name
            and key.get("use", "sig") == "sig"
            and key.get("kty") != "oct"
        ):
            return key
    return None


def fetched(url: str) -> Mapping[str, Any]:
    """A JWK Set. Raises OSError or ValueError."""
    if not url.startswith("https://"):
        raise ValueError("keys are fetched over https alone")
    with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
        raw = answer.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise ValueError("too long for a set of keys")
    found = json.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("no set of keys")
    return found


_WRONG: Mapping[type[jwt.PyJWTError], str] = {
    jwt.ExpiredSignatureError: "has expired",
    jwt.ImmatureSignatureError: "is not good yet",
    jwt.InvalidAudienceError: "is for another service",
    jwt.InvalidIssuedAtError: "was issued in the future",
    jwt.MissingRequiredClaimError: f"lacks one of {', '.join(_REQUIRED)}",
}


def _said(error: jwt.PyJWTError) -> str:
    return _WRONG.get(type(error), "has a signature that does not hold")
