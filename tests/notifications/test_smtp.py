"""Encryption and login at the mail server, for notices and exports alike."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config import Settings
from portal.delivery import Delivered, EgressPolicy, Target, Undelivered, deliver, smtp
from portal.delivery.mail import sender
from portal.delivery.smtp import SmtpAnswer, SmtpConnection, SmtpVerdict, way
from portal.models.notifications import Mail
from portal.notifications.smtp import message
from tests.notifications.office import Doorman, Office, open_office
from tests.words import german

PASSWORD, QUOTED = "s3cret/word@%", "s3cret%2Fword%40%25"
"""As it is, and as it stands in an address."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for this machine in one file, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(here), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine counts as another one: what is sent there could be read on the way."""
    monkeypatch.setattr(smtp, "LOOPBACK", ())


@pytest.fixture
def doorman() -> Doorman:
    return Doorman("portal", PASSWORD)


@pytest.fixture
def private_office(tmp_path: Path, context: ssl.SSLContext, doorman: Doorman) -> Iterator[Office]:
    """Takes mails only over TLS, from those who know the password."""
    rules = {"tls_context": context, "require_starttls": True, "authenticator": doorman}
    with open_office(tmp_path, **rules, auth_required=True) as office:
        yield office


def send(settings: Settings, url: str) -> SmtpAnswer:
    mail = Mail(id="1", recipient="anna@example.org", subject="Hallo", plain="Text", html="<p>Text</p>")
    mail.created_at = datetime.now(UTC)
    with SmtpConnection(url) as line:
        return line.send(message(mail, settings))


def test_starttls_and_login(
    settings: Settings, private_office: Office, doorman: Doorman, trusted: None, far_away: None
) -> None:
    url = f"smtp://portal:{QUOTED}@127.0.0.1:{private_office.port}"
    assert send(settings, url) == SmtpAnswer(SmtpVerdict.TAKEN, "250 OK")
    assert private_office.recipients() == ["anna@example.org"]
    assert doorman.tried[0].password == PASSWORD.encode()


def test_a_wrong_password_holds_up_all_mails_and_is_not_repeated(
    settings: Settings, private_office: Office, trusted: None, far_away: None
) -> None:
    answer = send(settings, f"smtp://portal:canary-4711@127.0.0.1:{private_office.port}")
    assert (answer.verdict, german(answer.text)) == (SmtpVerdict.DOWN, "535 Anmeldung abgelehnt")


def test_a_password_is_never_sent_in_the_clear(
    settings: Settings, tmp_path: Path, doorman: Doorman, far_away: None
) -> None:
    with open_office(tmp_path, authenticator=doorman, auth_require_tls=False) as office:
        answer = send(settings, f"smtp://portal:{QUOTED}@127.0.0.1:{office.port}")
    assert answer.verdict == SmtpVerdict.DOWN
    assert doorman.tried == []


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    settings: Settings, private_office: Office, doorman: Doorman, far_away: None
) -> None:
    answer = send(settings, f"smtp://portal:{QUOTED}@127.0.0.1:{private_office.port}")
    assert answer.verdict == SmtpVerdict.DOWN
    assert "certificate" in answer.text.lower()
    assert doorman.tried == []


def test_smtps(settings: Settings, tmp_path: Path, context: ssl.SSLContext, trusted: None) -> None:
    with open_office(tmp_path, ssl_context=context) as office:
        assert send(settings, f"smtps://127.0.0.1:{office.port}").verdict == SmtpVerdict.TAKEN
        assert office.recipients() == ["anna@example.org"]


def test_a_line_that_is_cut_is_no_refusal(settings: Settings, tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        office.mood.to_data = "421 4.3.2 Shutting down"
        assert send(settings, office.url) == SmtpAnswer(SmtpVerdict.LATER, "421 4.3.2 Shutting down")


# The export by mail goes out by the same client, and is held to the same.


def export(url: str) -> Delivered | Undelivered:
    target = Target(
        "mail", recipient="boerse@example.org", sender="Portal <portal@example.org>", file_name="bestand.csv"
    )
    return deliver(target, BytesIO(b"4711;A-1"), EgressPolicy(send=sender(url)))


def test_an_export_logs_in_over_starttls(
    private_office: Office, doorman: Doorman, trusted: None, far_away: None
) -> None:
    outcome = export(f"smtp://portal:{QUOTED}@127.0.0.1:{private_office.port}")
    assert outcome == Delivered("bestand.csv", 8)
    assert private_office.recipients() == ["boerse@example.org"]
    assert doorman.tried[0].password == PASSWORD.encode()


def test_an_export_never_sends_the_password_in_the_clear(
    tmp_path: Path, doorman: Doorman, far_away: None
) -> None:
    with open_office(tmp_path, authenticator=doorman, auth_require_tls=False) as office:
        outcome = export(f"smtp://portal:{QUOTED}@127.0.0.1:{office.port}")
    assert isinstance(outcome, Undelivered)
    assert "bietet keine Verschlüsselung an" in german(outcome.reason)
    assert outcome.retryable
    assert doorman.tried == []


def test_an_export_with_a_wrong_password_waits_for_the_operator(
    private_office: Office, trusted: None, far_away: None
) -> None:
    outcome = export(f"smtp://portal:canary-4711@127.0.0.1:{private_office.port}")
    assert isinstance(outcome, Undelivered)
    assert outcome.retryable
    assert "535 Anmeldung abgelehnt" in german(outcome.reason)
    assert "canary" not in german(outcome.reason)


def test_an_export_trusts_no_certificate_that_nobody_vouches_for(
    private_office: Office, doorman: Doorman, far_away: None
) -> None:
    outcome = export(f"smtp://portal:{QUOTED}@127.0.0.1:{private_office.port}")
    assert isinstance(outcome, Undelivered)
    assert doorman.tried == []


@pytest.mark.parametrize("login", ["", f"portal:{QUOTED}@"])
def test_who_demands_encryption_sends_nothing_without(tmp_path: Path, doorman: Doorman, login: str) -> None:
    """Not even on this machine, and not even without a password."""
    with open_office(tmp_path, authenticator=doorman, auth_require_tls=False) as office:
        outcome = export(f"smtp+starttls://{login}127.0.0.1:{office.port}")
        assert isinstance(outcome, Undelivered)
        assert office.recipients() == []
    assert doorman.tried == []


@pytest.mark.parametrize(
    ("url", "port", "implicit"),
    [
        ("smtp://mail.example.org", 25, False),
        ("smtp+starttls://mail.example.org", 587, False),
        ("smtps://mail.example.org", 465, True),
        ("smtp://mail.example.org:465", 465, True),
        ("smtp+starttls://mail.example.org:465", 465, True),
        ("smtp://mail.example.org:587", 587, False),
    ],
)
def test_each_way_has_the_port_that_servers_keep_for_it(url: str, port: int, implicit: bool) -> None:
    """RFC 8314: at port 465 a server waits for TLS and greets nobody before."""
    assert way(url) == ("mail.example.org", port, implicit)


def test_a_password_with_umlauts_is_sent_as_utf_8(
    tmp_path: Path, context: ssl.SSLContext, trusted: None, far_away: None
) -> None:
    doorman = Doorman("käufer", "Grüße%1")
    rules = {"tls_context": context, "require_starttls": True, "authenticator": doorman}
    with open_office(tmp_path, **rules, auth_required=True) as office:
        outcome = export(f"smtp://k%C3%A4ufer:Gr%C3%BC%C3%9Fe%251@127.0.0.1:{office.port}")
        refused = export(f"smtp://k%C3%A4ufer:falsch%C3%BC@127.0.0.1:{office.port}")
    assert outcome == Delivered("bestand.csv", 8)
    assert isinstance(refused, Undelivered)
    assert "535 Anmeldung abgelehnt" in german(refused.reason)


def test_a_server_that_offers_no_login_is_told_so(tmp_path: Path) -> None:
    with open_office(tmp_path) as office:
        outcome = export(f"smtp://portal:{QUOTED}@127.0.0.1:{office.port}")
    assert isinstance(outcome, Undelivered)
    assert "bietet keine Anmeldung an" in german(outcome.reason)
    assert outcome.retryable


def test_umlauts_survive_a_server_of_seven_bits(settings: Settings, tmp_path: Path) -> None:
    """RFC 6152: eight bits may be sent to those alone that say so."""
    mail = Mail(
        id="1", recipient="anna@example.org", subject="Grüße", plain="Schöne Grüße\n", html="<p>Ü</p>"
    )
    mail.created_at = datetime.now(UTC)
    with open_office(tmp_path) as office, SmtpConnection(office.url) as line:
        line.send(message(mail, settings))
        (arrived,) = office.mails()
    assert arrived.message.as_bytes().isascii()
    assert arrived.text == "Schöne Grüße\n"


def test_a_sender_with_an_umlaut_domain_is_written_by_its_ascii_name(tmp_path: Path) -> None:
    target = Target("mail", recipient="boerse@example.org", file_name="bestand.csv")
    target = replace(target, sender="Autohaus Müller <post@autohaus-müller.de>")
    with open_office(tmp_path) as office:
        outcome = deliver(target, BytesIO(b"4711;A-1"), EgressPolicy(send=sender(office.url)))
        (arrived,) = office.mails()
    assert outcome == Delivered("bestand.csv", 8)
    assert arrived.sender == "post@xn--autohaus-mller-psb.de"
    assert str(arrived.message["From"]) == "Autohaus Müller <post@xn--autohaus-mller-psb.de>"
