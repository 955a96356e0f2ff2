"""Results signed by the chair (Ed25519 over canonical JSON), and verified by anybody with the public key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tumorboard.consensus.protocol import canonical
from tumorboard.errors import InvalidInput, NotFound, Problem, WrongUsage

SCHEMA = "tumorboard.signed/1"


def new_key(file: Path, passphrase: str | None) -> str:
    """A new private key in ``file`` (PKCS 8, readable by its owner alone); returns its public key in base64."""
    if file.exists():
        raise WrongUsage(Problem(str(file), "is there already", "choose another name; a key is never overwritten"))
    pem, public = new_pem(passphrase)
    file.touch(mode=0o600)
    file.write_bytes(pem)
    return public


def new_pem(passphrase: str | None) -> tuple[bytes, str]:
    """A new private key (PKCS 8, PEM) and its public key in base64."""
    key = Ed25519PrivateKey.generate()
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return pem, public_of(key)


def read_key(file: Path, passphrase: str | None) -> Ed25519PrivateKey:
    """Raises NotFound, or InvalidInput for a file that is no Ed25519 key or a wrong passphrase."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise NotFound(Problem(str(file), error.strerror or "can't be read")) from error
    return key_from(raw, passphrase, str(file))


def key_from(pem: bytes, passphrase: str | None, name: str) -> Ed25519PrivateKey:
    """``name`` is for messages. Raises InvalidInput where it is no Ed25519 key or the passphrase is wrong."""
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode() if passphrase else None)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            Problem(name, "is no private key this passphrase opens", "`tumorboard consensus key` makes one")
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput(Problem(name, "is not an Ed25519 key", "`tumorboard consensus key` makes one"))
    return key


def public_of(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed(record: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The record with its signature and the key that verifies it."""
    value = base64.b64encode(key.sign(canonical(record).encode())).decode()
    signature = {"algorithm": "Ed25519", "public_key": public_of(key), "value": value}
    return {"schema": SCHEMA, "signature": signature, "content": dict(record)}


def verify(document: Any, public_key: str | None = None) -> str:
    """The public key that signed ``document``. Raises InvalidInput where it doesn't fit or isn't the key expected."""
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InvalidInput(Problem("schema", "is not a signed result", "`tumorboard consensus sign` makes one"))
    signature = document.get("signature") or {}
    claimed = str(signature.get("public_key"))
    if public_key is not None and claimed != public_key.strip():
        raise InvalidInput(Problem("signature.public_key", "is not the expected key", "ask the chair for the key"))
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(claimed, validate=True))
        key.verify(
            base64.b64decode(str(signature.get("value")), validate=True), canonical(document["content"]).encode()
        )
    except (InvalidSignature, ValueError, KeyError, binascii.Error) as error:
        raise InvalidInput(
            Problem("signature", "does not fit the content", "the file was changed after it was signed")
        ) from error
    return claimed
