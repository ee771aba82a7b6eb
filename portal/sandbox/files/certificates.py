"""A certificate authority of the sandbox's own and a certificate for this machine, made once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=3650)
Pair = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def prepare(
    folder: Path, names: tuple[str, ...] = ("localhost",), life: timedelta = LIFE
) -> tuple[Path, Path]:
    """Files with the authority's certificate, and with the server's key and certificate."""
    authority, server = folder / "ca.pem", folder / "server.pem"
    if not server.exists():
        folder.mkdir(parents=True, exist_ok=True)
        root = _signed("Sandbox CA", None, (), LIFE)
        leaf = _signed(names[0], root, names, life)
        authority.write_bytes(_pem(root[1]))
        key = leaf[0].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        server.write_bytes(key + _pem(leaf[1]) + _pem(root[1]))
    return authority, server


def _signed(name: str, issuer: Pair | None, names: tuple[str, ...], life: timedelta) -> Pair:
    """Without an issuer it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signing_key, signer = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    begin = datetime.now(UTC) - timedelta(days=2)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(_usage(signs=issuer is None), critical=True)
    )
    if names:
        addresses = [x509.IPAddress(ip_address(text)) for text in ("127.0.0.1", "::1")]
        alternatives = x509.SubjectAlternativeName([*map(x509.DNSName, names), *addresses])
        builder = builder.add_extension(alternatives, critical=False).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return key, builder.sign(signing_key, hashes.SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
