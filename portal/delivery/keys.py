"""A private key as a dealer pastes it."""

from __future__ import annotations

from io import StringIO

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from portal.delivery.contract import Failure, Step

Key = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
PROTECTED = "Der private Schlüssel ist mit einem Kennwort geschützt. Tragen Sie es als Passwort ein."
UNREADABLE = (
    "Der private Schlüssel ist nicht lesbar. Fügen Sie ihn vollständig ein; "
    "ist er mit einem Kennwort geschützt, gehört dieses ins Feld Passwort."
)
UNKNOWN_KIND = "Schlüssel dieser Art kennt das Portal nicht. Verwenden Sie Ed25519, ECDSA oder RSA."


def private_key(text: str, passphrase: str) -> paramiko.PKey:
    """From OpenSSH's format or PEM. Raises Failure for what is no key, or needs another passphrase.

    Read by cryptography and handed on in the simplest form: paramiko itself fails at many sound ECDSA keys.
    """
    content = (text.replace("\r", "").strip() + "\n").encode()
    key = _loaded(content, passphrase.encode() or None)
    if isinstance(key, Ed25519PrivateKey):
        return paramiko.Ed25519Key.from_private_key(_plain(key, serialization.PrivateFormat.OpenSSH))
    kind = paramiko.ECDSAKey if isinstance(key, EllipticCurvePrivateKey) else paramiko.RSAKey
    return kind.from_private_key(_plain(key, serialization.PrivateFormat.TraditionalOpenSSL))


def _loaded(content: bytes, passphrase: bytes | None) -> Key:
    is_openssh = content.startswith(b"-----BEGIN OPENSSH")
    load = serialization.load_ssh_private_key if is_openssh else serialization.load_pem_private_key
    try:
        key = load(content, passphrase)
    except TypeError as error:
        # Not protected although a password is entered, or the other way round.
        if passphrase is None:
            raise Failure(Step.LOGIN, PROTECTED) from error
        return _loaded(content, None)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Failure(Step.LOGIN, UNREADABLE) from error
    if not isinstance(key, Key):
        raise Failure(Step.LOGIN, UNKNOWN_KIND)
    return key


def _plain(key: Key, form: serialization.PrivateFormat) -> StringIO:
    written = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return StringIO(written.decode())
