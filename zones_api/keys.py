"""The two secrets of an installation, each in a file that only its user can read.

`tokens.key` is mixed into the digests of API keys: whoever steals the database alone cannot make or test one.
`heads.pem` signs the head of each revision (Ed25519); its public half may be given to anyone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from zones_api.errors import KeysMissing

_TOKENS, _HEADS = "tokens.key", "heads.pem"


@dataclass(frozen=True)
class Keys:
    """The secrets, read; they are never shown, logged or stored elsewhere."""

    tokens: bytes
    heads: Ed25519PrivateKey

    def digest_of(self, token: str) -> bytes:
        """Return the HMAC-SHA256 under which the register knows an API key."""
        return hmac.digest(self.tokens, token.encode(), hashlib.sha256)

    def sign(self, head: bytes) -> tuple[str, bytes]:
        """Return the name of the key that signs heads, and its signature."""
        return key_id(self.heads.public_key()), self.heads.sign(head)

    @property
    def public_pem(self) -> str:
        """The public half of the key that signs heads."""
        return self.heads.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(public: Ed25519PublicKey) -> str:
    """Return the name of a public key: the start of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def read_keys(folder: Path) -> Keys:
    """Return the secrets of a folder.

    Raises:
        KeysMissing: If one is missing or cannot be read; the sentence names the command that makes them.
    """
    try:
        tokens = bytes.fromhex((folder / _TOKENS).read_text("ascii").strip())
        heads = load_pem_private_key((folder / _HEADS).read_bytes(), password=None)
    except OSError as error:
        raise KeysMissing(
            f"{error.filename} cannot be read: {error.strerror}. Make the service's secrets once: zones keys"
        ) from error
    except ValueError as error:
        raise KeysMissing(
            f"The secrets in {folder} cannot be used: they are not what zones keys wrote."
        ) from error
    if not isinstance(heads, Ed25519PrivateKey) or len(tokens) != hashlib.sha256().digest_size:
        raise KeysMissing(f"The secrets in {folder} cannot be used: they are not what zones keys wrote.")
    return Keys(tokens, heads)


def make_keys(folder: Path) -> bool:
    """Make the secrets that are missing from a folder; return whether any was made. What is there stays."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = [
            _make(folder / _TOKENS, lambda: secrets.token_bytes(32).hex().encode() + b"\n"),
            _make(folder / _HEADS, _new_signing_key),
        ]
    except OSError as error:
        raise KeysMissing(f"The secrets cannot be written to {folder}: {error.strerror}.") from error
    return any(made)


def _new_signing_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _make(path: Path, content: Callable[[], bytes]) -> bool:
    if path.exists():
        return False
    # Complete from the moment it appears, and the first of two makers wins.
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content())
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
