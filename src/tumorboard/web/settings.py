"""How a server is set up: from the command line, and a settings file for what hospitals add."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError

from tumorboard.case.read import place_of
from tumorboard.data import parse, read_text
from tumorboard.errors import InvalidInput, Problem

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CdsClient(Part):
    """An electronic record that may call CDS Hooks; see ``web/cds/tokens.py``."""

    issuer: str
    jku: HttpUrl | None = None
    keys: dict[str, Any] | None = None
    fhir_servers: tuple[str, ...] = ()


class Oidc(Part):
    """The hospital's login (OpenID Connect, authorization code with PKCE)."""

    issuer: str  # to the letter as it stands in its tokens
    authorization_endpoint: HttpUrl
    token_endpoint: HttpUrl
    jwks_uri: HttpUrl
    client_id: str
    client_secret: str


class Settings(Part):
    """``address``: how the server is reached from outside, for links and audiences. ``hosts``: names it answers to."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    address: str | None = None
    hosts: tuple[str, ...] = ()
    database: str | None = None
    knowledge: tuple[str, ...] = ()
    cds_clients: tuple[CdsClient, ...] = ()
    oidc: Oidc | None = None
    largest_body: Annotated[int, Field(gt=0)] = 5 * 2**20  # bytes
    body_seconds: Annotated[float, Field(gt=0)] = 30.0  # a body may take to come, or its next piece in a batch
    requests_a_second: Annotated[int, Field(gt=0)] = 1000  # from one address, of each process
    logins_a_minute: Annotated[int, Field(gt=0)] = 20  # from one address
    used_tokens: str | None = None  # the file in which several processes note tokens of CDS Hooks that were used

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK

    @property
    def base(self) -> str:
        return (self.address or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS, so that cookies may ask for it."""
        return self.base.startswith("https://")


def read_settings(file: Path | None, **chosen: Any) -> Settings:
    """The settings of a file with those chosen on the command line over them. Raises InvalidInput naming the entry."""
    data: Any = {} if file is None else parse(read_text(file), file.name)
    if not isinstance(data, dict):
        raise InvalidInput(Problem(file.name if file else "", "is no settings file", "write NAME: VALUE"))
    data = {**data, **{name: value for name, value in chosen.items() if value is not None}}
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        problems = [Problem(place_of(each["loc"]), each["msg"]) for each in error.errors(include_input=False)]
        raise InvalidInput(*problems) from error
