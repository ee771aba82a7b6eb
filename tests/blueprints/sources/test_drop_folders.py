"""Drop folders in the settings: made, changed, let in by password and key, by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from portal import audit
from portal.drop_folders.access import admit_password
from portal.drop_folders.host_key import fingerprint, kept_key
from portal.models import AuditEvent, Dealer, DropAccess, StockSource, User
from portal.sources import control
from portal.sources.drop_access import NoKeys, read_keys
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build
from tests.words import german

Login = Callable[[User], FlaskClient]
NEW = "/settings/drop-folders/new"
FILLED = {"name": "DMS", "scope": "complete"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8kPCbTGAMdzbjTiEnPLkXgAuLRCNWAwGqrGWNFRPWx dms@buero"


@pytest.fixture
def source(alice: FlaskClient, session: Session) -> StockSource:
    assert alice.post(NEW, data=FILLED).status_code == 303
    return session.scalars(select(StockSource)).one()


@pytest.fixture
def here(source: StockSource) -> str:
    return f"/settings/drop-folders/{source.id}"


def access(session: Session) -> DropAccess:
    session.expire_all()
    return session.scalars(select(DropAccess)).one()


def shown_password(page: str) -> str:
    found = re.search(r'aria-label="Passwort kopieren"', page)
    assert found
    return unescape(re.findall(r"<code>([^<]+)</code>", page[: found.start()])[-1])


def recorded(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)))


def test_a_folder_is_made_and_its_password_is_shown_once_and_kept_as_a_hash(
    app: Flask,
    alice: FlaskClient,
    session: Session,
    sessions: sessionmaker[Session],
    source: StockSource,
    here: str,
) -> None:
    assert (source.partial, source.next_at) == (False, None)
    assert access(session).password_hash == ""
    kept_key(app.extensions["settings"].data_dir)
    page = alice.get(here).text
    for text in (
        "localhost",
        "8023",
        access(session).login,
        fingerprint(app.extensions["settings"].data_dir),
    ):
        assert text in unescape(page)
    plain = shown_password(alice.post(f"{here}/password").text)
    assert plain not in alice.get(here).text
    kept = access(session)
    assert kept.password_hash.startswith("$argon2id$")
    admission = admit_password(sessions, kept.login, plain)
    assert admission is not None
    assert admission.source_id == source.id
    assert admit_password(sessions, kept.login, "") is None
    newer = shown_password(alice.post(f"{here}/password").text)
    assert admit_password(sessions, kept.login, plain) is None
    assert admit_password(sessions, kept.login, newer) is not None
    assert recorded(session) == ["source.created", "source.password_made", "source.password_made"]


def test_keys_are_pasted_in_the_form_of_openssh(alice: FlaskClient, session: Session, here: str) -> None:
    assert alice.post(f"{here}/keys", data={"keys": f"\n{KEY}\r\n"}).status_code == 303
    assert access(session).public_keys == [KEY]
    assert KEY in unescape(alice.get(here).text)
    refused = alice.post(f"{here}/keys", data={"keys": f"{KEY}\nssh-ed25519 nonsense"})
    assert refused.status_code == 422
    assert "Zeile 2 ist kein öffentlicher Schlüssel" in refused.text
    assert access(session).public_keys == [KEY]
    alice.post(f"{here}/keys", data={"keys": ""})
    assert access(session).public_keys == []


def test_a_private_key_is_sent_away_and_not_shown_again(alice: FlaskClient, here: str) -> None:
    pasted = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"
    refused = alice.post(f"{here}/keys", data={"keys": pasted})
    assert refused.status_code == 422
    assert "Das ist ein privater Schlüssel." in refused.text
    assert "b3BlbnNzaC1rZXk" not in refused.text


def test_weak_and_too_many_keys_are_refused() -> None:
    weak = generate_private_key(65537, 1024).public_key()  # noqa: S505
    line = weak.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    with pytest.raises(NoKeys) as refused:
        read_keys(line)
    assert german(refused.value.reason).startswith("Der Schlüssel in Zeile 1 ist zu schwach.")
    with pytest.raises(NoKeys):
        read_keys("\n".join([KEY] * 11))
    with pytest.raises(NoKeys):
        read_keys(f"{KEY} {'remark ' * 400}")
    assert read_keys("") == []


@pytest.mark.parametrize("missing", ["name", "scope"])
def test_what_is_missing_is_said(alice: FlaskClient, session: Session, missing: str) -> None:
    answer = alice.post(NEW, data=FILLED | {missing: ""})
    assert answer.status_code == 422
    assert f'href="#{missing}"' in answer.text
    assert session.scalars(select(StockSource)).all() == []


def test_it_is_changed_listed_and_removed(
    alice: FlaskClient, session: Session, source: StockSource, here: str
) -> None:
    assert alice.post(here, data={"name": "Neu", "scope": "partial"}).status_code == 303
    session.expire_all()
    assert (source.name, source.partial) == ("Neu", True)
    listed = alice.get("/settings/sources").text
    for text in ("Neu", "Ablageordner", "sobald eine Datei ankommt", "noch nichts angekommen"):
        assert text in listed
    assert alice.get(f"/settings/sources/{source.id}").location.endswith(here)
    assert alice.post(f"/settings/sources/{source.id}/delete").status_code == 303
    session.expire_all()
    assert session.scalars(select(DropAccess)).all() == []


def test_nothing_of_it_is_fetched(alice: FlaskClient, source: StockSource) -> None:
    for act in ("", "/pick-up", "/trial"):
        assert alice.post(f"/settings/sources/{source.id}{act}", data=FILLED).status_code == 404


def test_the_page_says_that_an_access_rests_and_who_opens_it_again(
    build: Build, alices: Dealer, login: Login, session: Session, here: str
) -> None:
    bob = login(build.user("dora", alices, rights=("view", "edit_vehicles")))
    assert "Der Zugang ruht" not in bob.get(here).text
    session.scalars(select(User).where(User.login == "alice")).one().active = False
    session.commit()
    assert "Der Zugang ruht" in bob.get(here).text
    bob.post(f"{here}/keys", data={"keys": KEY})
    assert "Der Zugang ruht" not in bob.get(here).text


def test_support_looks_and_makes_no_password(
    build: Build, alices: Dealer, login: Login, session: Session, here: str
) -> None:
    sam = login(build.sam())
    open_support_session(sam, alices, changes=True)
    page = sam.get(here).text
    assert "Neues Passwort erzeugen" not in page
    assert sam.post(f"{here}/password").status_code == 403
    assert access(session).password_hash == ""


def test_of_many_who_remove_a_folder_at_once_one_does(
    alices: Dealer, session: Session, sessions: sessionmaker[Session], source: StockSource
) -> None:
    def remove(_: int) -> None:
        with sessions.begin() as mine:
            found = mine.get(StockSource, source.id)
            met.wait()
            if found is not None:
                control.remove(mine, audit.PORTAL, found)

    met = Barrier(4)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(remove, range(4)))
    assert list(session.scalars(select(AuditEvent.what).where(AuditEvent.what == "source.removed"))) == [
        "source.removed"
    ]
