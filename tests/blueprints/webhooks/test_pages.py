"""Webhooks in the settings: made, tried, looked at, renewed, switched off; by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.messages import as_json, say
from portal.models import AuditEvent, Dealer, User, WebhookEndpoint, WebhookMessage
from portal.webhooks.messages import EVENTS
from tests.blueprints.support.conftest import open_support_session
from tests.builders import Build, fresh
from tests.conftest import as_htmx, count_queries

Login = Callable[[User], FlaskClient]
LIST = "/settings/webhooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{40,}")


def create(browser: FlaskClient, **changed: object) -> str:
    """Its secret."""
    given = {"name": "DMS", "url": "https://example.org/hooks", "events": list(EVENTS)}
    page = browser.post(LIST, data=given | changed).text
    found = SECRET.search(page)
    assert found, page
    return found.group()


@pytest.fixture
def endpoint(alice: FlaskClient, session: Session) -> WebhookEndpoint:
    create(alice)
    return session.scalars(select(WebhookEndpoint)).one()


@pytest.fixture
def here(endpoint: WebhookEndpoint) -> str:
    return f"{LIST}/{endpoint.id}"


def sent(session: Session, endpoint: WebhookEndpoint, **columns: object) -> WebhookMessage:
    plausible = {"event": "listing.online", "subject_id": endpoint.id, "data": {"offer_number": "A-1042"}}
    row = WebhookMessage(endpoint_id=endpoint.id, **(plausible | columns))
    session.add(row)
    session.commit()
    return row


def recorded(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.what).order_by(AuditEvent.id)))


def test_the_secret_is_shown_once_and_kept_sealed(alice: FlaskClient, session: Session) -> None:
    secret = create(alice)
    endpoint = session.scalars(select(WebhookEndpoint)).one()
    assert secret not in alice.get(LIST).text + alice.get(f"{LIST}/{endpoint.id}").text
    assert secret not in endpoint.secrets
    assert recorded(session) == ["webhook.created"]


def test_an_answer_with_a_secret_is_kept_by_no_cache(alice: FlaskClient) -> None:
    answer = alice.post(LIST, data={"name": "x", "url": "https://example.org/", "events": ["run.ended"]})
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": " "},
        {"events": []},
        {"events": ["nobody.knows"]},
        {"url": ""},
        {"url": "example.org"},
        {"url": "ftp://example.org/"},
        {"url": "http://example.org/"},
        {"url": "https://alice:secret@example.org/"},
        {"url": "https://example.org/" + "x" * 600},
    ],
)
def test_what_is_no_webhook_is_refused_and_the_form_kept(
    alice: FlaskClient, session: Session, changed: dict[str, object]
) -> None:
    given = {"name": "DMS", "url": "https://example.org/hooks", "events": ["run.ended"]}
    answer = alice.post(LIST, data=given | changed)
    assert answer.status_code == 422
    assert "Bitte prüfen Sie Ihre Angaben" in answer.text
    assert session.scalars(select(WebhookEndpoint)).all() == []
    if "name" not in changed:
        assert 'value="DMS"' in answer.text


def test_of_many_who_ask_for_the_last_one_at_once_one_gets_it(
    alice: FlaskClient, login: Login, session: Session
) -> None:
    for number in range(10 - 1):
        create(alice, name=f"Programm {number}")
    barrier, answers = Barrier(4), []

    def ask(asking: FlaskClient) -> None:
        barrier.wait()
        answers.append(
            asking.post(LIST, data={"name": "x", "url": "https://example.org/", "events": ["run.ended"]})
        )

    threads = [Thread(target=ask, args=(login(session.scalars(select(User)).one()),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    assert len(session.scalars(select(WebhookEndpoint)).all()) == 10


def test_there_are_not_endlessly_many(alice: FlaskClient, session: Session) -> None:
    for number in range(10):
        create(alice, name=f"Programm {number}")
    answer = alice.post(LIST, data={"name": "x", "url": "https://example.org/", "events": ["run.ended"]})
    assert answer.status_code == 422
    assert len(session.scalars(select(WebhookEndpoint)).all()) == 10


def test_nobody_has_told_what_they_may_not_see(
    build: Build, alices: Dealer, login: Login, session: Session
) -> None:
    dora = login(build.user("dora", alices, rights=("settings",)))
    answer = dora.post(LIST, data={"name": "x", "url": "https://example.org/", "events": ["run.ended"]})
    assert answer.status_code == 422
    assert session.scalars(select(WebhookEndpoint)).all() == []


def test_name_and_events_can_change_the_address_cannot(
    alice: FlaskClient, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    given = {"name": "Lager", "events": ["run.ended"], "url": "https://elsewhere.example/"}
    assert alice.post(here, data=given).status_code == 303
    row = fresh(session, WebhookEndpoint, endpoint.id)
    assert (row.name, row.events, row.url) == ("Lager", ["run.ended"], "https://example.org/hooks")
    assert alice.post(here, data={"name": "", "events": []}).status_code == 422


def test_a_new_secret_is_shown_once_and_another_one(alice: FlaskClient, session: Session, here: str) -> None:
    page = alice.post(f"{here}/secret").text
    found = SECRET.search(page)
    assert found
    assert "noch einen Tag" in page
    assert found.group() not in alice.get(here).text
    assert recorded(session) == ["webhook.created", "webhook.rotated"]


def test_a_test_event_waits_at_once_and_the_page_looks_for_the_answer(
    alice: FlaskClient, session: Session, here: str
) -> None:
    page = alice.get(here).text.partition("</main>")[0]
    assert "hx-trigger" not in page.split('id="messages"')[1]
    assert alice.post(f"{here}/test").status_code == 303
    [message] = session.scalars(select(WebhookMessage))
    assert (message.event, message.state) == ("webhook.test", "waiting")
    assert 'hx-trigger="every 2s"' in alice.get(here).text
    part = alice.get(here, headers=as_htmx()).text
    assert part.lstrip().startswith("<div")
    assert "<html" not in part


def test_the_page_shows_what_was_sent_and_what_was_answered(
    alice: FlaskClient, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    moment = datetime.now(UTC).isoformat()
    refused = {"at": moment, "status": 500, "milliseconds": 12, "answer": "<b>Wartung</b>"}
    reason = as_json(say("Der Empfänger hat mit Status {status} geantwortet.", status=500))
    row = sent(session, endpoint, state="given_up", attempts=[{**refused, "reason": reason}])
    page = alice.get(here).text
    for shown in ("A-1042", "nicht zugestellt", "Status 500", "&lt;b&gt;Wartung", f"msg_{row.id}"):
        assert shown in page
    assert "Ein Inserat ist online" in page


def test_a_message_is_sent_again(
    alice: FlaskClient, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    row = sent(session, endpoint, state="given_up", until=datetime.now(UTC) - timedelta(days=1))
    assert alice.post(f"{here}/messages/{row.id}").status_code == 303
    again = fresh(session, WebhookMessage, row.id)
    assert again.state == "waiting"
    assert again.until > datetime.now(UTC) + timedelta(days=2)


def test_a_message_of_another_webhook_is_not_found(
    alice: FlaskClient, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    create(alice, name="Zweiter")
    other = session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id != endpoint.id)).one()
    row = sent(session, other, state="delivered")
    assert alice.post(f"{here}/messages/{row.id}").status_code == 404
    assert fresh(session, WebhookMessage, row.id).state == "delivered"


def test_off_ends_what_waits_and_on_begins_anew_for_whoever_presses_it(
    build: Build,
    alices: Dealer,
    login: Login,
    alice: FlaskClient,
    session: Session,
    here: str,
    endpoint: WebhookEndpoint,
) -> None:
    row = sent(session, endpoint)
    for _double_click in range(2):
        alice.post(f"{here}/off")
    assert fresh(session, WebhookMessage, row.id).state == "given_up"
    page = alice.get(here).text
    assert "Von Hand abgeschaltet." in page
    assert "Testereignis" not in page
    alice.post(f"{here}/test")
    alice.post(f"{here}/messages/{row.id}")
    assert fresh(session, WebhookMessage, row.id).state == "given_up"
    dora = build.user("dora", alices)
    login(dora).post(f"{here}/on")
    again = fresh(session, WebhookEndpoint, endpoint.id)
    assert (again.disabled_at, again.created_by) == (None, dora.id)
    assert recorded(session) == ["webhook.created", "webhook.disabled", "webhook.enabled"]


def test_a_webhook_rests_when_its_maker_is_locked_out(
    build: Build, alices: Dealer, login: Login, session: Session
) -> None:
    dora = build.user("dora", alices)
    create(login(dora))
    dora.active = False
    session.commit()
    erik = login(build.user("erik", alices))
    assert "ruht" in erik.get(LIST).text
    endpoint = session.scalars(select(WebhookEndpoint)).one()
    assert "stehen Sie dafür ein" in erik.get(f"{LIST}/{endpoint.id}").text


def test_removed_is_gone_with_its_messages(
    alice: FlaskClient, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    sent(session, endpoint)
    assert alice.post(f"{here}/delete").headers["Location"] == LIST
    assert alice.get(here).status_code == 404
    assert session.scalars(select(WebhookMessage)).all() == []
    assert recorded(session)[-1] == "webhook.removed"


def test_pages_take_a_fixed_number_of_queries(
    alice: FlaskClient, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    def counted(path: str) -> int:
        with count_queries() as statements:
            alice.get(path)
        return len(statements)

    sent(session, endpoint, state="delivered")
    alice.get(here)
    before = counted(LIST), counted(here)
    for number in range(5):
        create(alice, name=f"Programm {number}")
        sent(session, endpoint, state="delivered")
    assert (counted(LIST), counted(here)) == before


def test_the_audit_log_words_it(alice: FlaskClient, here: str) -> None:
    alice.post(f"{here}/off")
    page = alice.get("/settings/audit").text
    assert "Webhook abgeschaltet" in page
    assert "von Hand" in page


def test_agents_look_on_and_are_told_why_they_cannot_act(
    build: Build, alices: Dealer, login: Login, session: Session, here: str, endpoint: WebhookEndpoint
) -> None:
    row, sealed = sent(session, endpoint, state="delivered"), endpoint.secrets
    sam = login(build.sam())
    open_support_session(sam, alices)
    for path in (LIST, here):
        page = sam.get(path).text
        assert "Webhooks ändert nur der Händler selbst." in page
        assert f'action="{LIST}' not in page
        assert "whsec_" not in page
    assert sam.post(f"{here}/secret").status_code == 403
    assert sam.post(f"{here}/messages/{row.id}").status_code == 403
    assert fresh(session, WebhookEndpoint, endpoint.id).secrets == sealed
