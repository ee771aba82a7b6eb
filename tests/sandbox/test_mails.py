from __future__ import annotations

import smtplib
from email.message import EmailMessage

from tests.sandbox.conftest import Box


def send(sandbox: Box, **parts: str) -> None:
    message = EmailMessage()
    message["From"] = "portal@example.org"
    message["To"] = "anna@example.org"
    message["Subject"] = parts.get("subject", "Übertragung gesperrt")
    message.set_content(parts.get("text", "Bitte prüfen: http://localhost:8000/unlock/abc.def?x=1&y=2."))
    if "html" in parts:
        message.add_alternative(parts["html"], subtype="html")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as client:
        client.send_message(message, to_addrs=["anna@example.org", "bcc@example.org"])


def test_a_mail_is_caught_with_envelope_and_texts(sandbox: Box) -> None:
    send(sandbox, html="<p>Bitte <b>prüfen</b></p>")
    [mail] = sandbox.http.get("/control/mails").json()["mails"]
    assert mail["from"] == "portal@example.org"
    assert mail["to"] == ["anna@example.org", "bcc@example.org"]
    assert mail["subject"] == "Übertragung gesperrt"
    assert mail["text"].startswith("Bitte prüfen: http")
    assert mail["html"].strip() == "<p>Bitte <b>prüfen</b></p>"


def test_the_newest_mail_comes_first(sandbox: Box) -> None:
    send(sandbox, subject="eins")
    send(sandbox, subject="zwei")
    mails = sandbox.http.get("/control/mails").json()["mails"]
    assert [mail["subject"] for mail in mails] == ["zwei", "eins"]
    text = sandbox.http.get("/mails").text
    assert text.index("zwei") < text.index("eins")


def test_links_in_the_text_can_be_clicked_and_end_before_the_full_stop(sandbox: Box) -> None:
    send(sandbox)
    [mail] = sandbox.http.get("/control/mails").json()["mails"]
    text = sandbox.http.get(f"/mails/{mail['id']}").text
    assert '<a href="http://localhost:8000/unlock/abc.def?x=1&amp;y=2">' in text
    assert "Übertragung gesperrt" in text


def test_text_is_never_html(sandbox: Box) -> None:
    send(sandbox, subject="<i>x</i>", text="<script>alert(1)</script> javascript:alert(1)")
    [mail] = sandbox.http.get("/control/mails").json()["mails"]
    for path in ("/mails", f"/mails/{mail['id']}"):
        text = sandbox.http.get(path).text
        assert "<script>" not in text
        assert "<i>" not in text
        assert 'href="javascript' not in text


def test_html_is_shown_in_a_sandbox_of_its_own(sandbox: Box) -> None:
    send(sandbox, html="<script>alert(1)</script><p>Hallo</p>")
    [mail] = sandbox.http.get("/control/mails").json()["mails"]
    assert '<iframe class="mail" sandbox' in sandbox.http.get(f"/mails/{mail['id']}").text
    answer = sandbox.http.get(f"/mails/{mail['id']}/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script-src" not in policy
    assert "<p>Hallo</p>" in answer.text


def test_a_mail_that_does_not_exist_is_404(sandbox: Box) -> None:
    assert sandbox.http.get("/mails/99999").status_code == 404
    assert sandbox.http.get("/mails/99999/html").status_code == 404


def test_mails_can_be_thrown_away(sandbox: Box) -> None:
    send(sandbox)
    assert sandbox.http.delete("/control/mails").status_code == 204
    assert "Noch keine E-Mail" in sandbox.http.get("/mails").text


def test_a_mail_without_subject_or_known_charset_is_readable(sandbox: Box) -> None:
    raw = b"Content-Type: text/plain; charset=nonsense\r\n\r\nGr\xfc\xdfe"
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as client:
        client.sendmail("a@example.org", ["b@example.org"], raw)
    [mail] = sandbox.http.get("/control/mails").json()["mails"]
    assert mail["text"].startswith("Gr")
    assert "(ohne Betreff)" in sandbox.http.get(f"/mails/{mail['id']}").text
