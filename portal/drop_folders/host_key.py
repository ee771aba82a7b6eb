"""The server's own key: made once, kept in the data folder, and shown to dealers by its fingerprint."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_public_key,
    ssh_key_fingerprint,
)

FOLDER = "drop-folders"
"""In the data folder: one folder for each source, and the key."""
KEY_FILE, PUBLIC_FILE = "host_key", "host_key.pub"


def kept_key(data_dir: Path) -> Path:
    """Its file; made where there is none."""
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / KEY_FILE
    if not file.exists():
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        (folder / PUBLIC_FILE).write_bytes(public + b"\n")
        fresh = folder / f"{KEY_FILE}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        fresh.replace(file)
    return file


def fingerprint(data_dir: Path) -> str:
    """As OpenSSH shows it; empty before the server was started here for the first time."""
    file = data_dir / FOLDER / PUBLIC_FILE
    return fingerprint_of(file.read_text()) if file.exists() else ""


def fingerprint_of(line: str) -> str:
    """Of a public key in OpenSSH's form: `ssh-ed25519 SHA256:…`. Raises ValueError for what is none."""
    key = load_ssh_public_key(line.encode())
    digest = b64encode(ssh_key_fingerprint(key, SHA256())).decode().rstrip("=")
    return f"{line.split()[0]} SHA256:{digest}"
