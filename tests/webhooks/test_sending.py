"""Messages reach the receiver at least once, in order for each vehicle, signed; and end at some time."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from portal import audit
from portal.delivery import EgressPolicy
from portal.exports import retention
from portal.messages import as_json, say
from portal.models import AuditEvent, Notification, WebhookEndpoint, WebhookMessage
from portal.webhooks import endings, endpoints, sending
from portal.webhooks.schedule import PAUSES
from portal.webhooks.sending import WebhookLoop, serve, serve_due
from portal.webhooks.signing import PREFIX, make_secret
from tests.builders import fresh
from tests.waiting import until
from tests.webhooks.conftest import Ear, Receiver, receiving
from tests.words import german

DAYS = timedelta(days=1)


def test_a_message_is_signed_as_standard_webhooks_asks(ear: Ear, receiver: Receiver) -> None:
    message = ear.note(offer_number="A-1")
    assert serve_due(ear.sender) == 1
    [told] = receiver.told(ear.secret)
    assert told == {
        "type": "listing.online",
        "timestamp": message.created_at.astimezone(UTC).isoformat(),
        "data": {"offer_number": "A-1"},
    }
    [(headers, body)] = receiver.got
    assert headers["webhook-id"] == f"msg_{message.id}"
    assert headers["Content-Type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(ear.secret).verify(body + b" ", headers)
    assert (ear.messages()[0].state, serve_due(ear.sender)) == ("delivered", 0)


def test_a_secret_is_as_long_as_the_specification_asks() -> None:
    assert make_secret().startswith(PREFIX)
    assert 24 <= len(base64.b64decode(make_secret().removeprefix(PREFIX))) <= 64
    assert make_secret() != make_secret()


def test_texts_of_ours_become_words_and_those_of_others_stay(ear: Ear, receiver: Receiver) -> None:
    reason = {"code": "make", "field": "make", "who": "dealer"}
    ours = as_json(say("{label} fehlt.", label="Marke"))
    ear.note(reasons=[{**reason, "text": ours}, {**reason, "text": "unknown make"}], message=ours)
    serve_due(ear.sender)
    [told] = receiver.told(ear.secret)
    assert told["data"]["message"] == "Marke fehlt."
    assert [found["text"] for found in told["data"]["reasons"]] == ["Marke fehlt.", "unknown make"]
    assert set(told["data"]["reasons"][0]) == {"code", "field", "text"}


def test_an_attempt_in_vain_comes_again_with_the_same_id_and_body(ear: Ear, receiver: Receiver) -> None:
    message = ear.note()
    receiver.statuses, receiver.body = [500, 204], b"Wartung\r\n\x00" + b"x" * 5_000
    assert serve_due(ear.sender) == 1
    assert ear.messages()[0].state == "waiting"
    assert 3 < ear.waits_for(message) <= PAUSES[0] * 1.1
    ear.later(timedelta(seconds=10))
    assert serve_due(ear.sender) == 1
    first, second = receiver.got
    assert (first[1], first[0]["webhook-id"]) == (second[1], second[0]["webhook-id"])
    [done] = ear.messages()
    assert done.state == "delivered"
    assert [attempt["status"] for attempt in done.attempts] == [500, 204]
    assert done.attempts[0]["answer"].startswith("Wartung xxx")
    assert len(done.attempts[0]["answer"]) <= 500
    assert ear.endpoint.failures == 0


def test_messages_about_a_vehicle_wait_for_each_other_those_about_others_go_on(
    ear: Ear, receiver: Receiver
) -> None:
    first, other = ear.vehicle().id, ear.vehicle().id
    receiver.statuses = [500, 204]
    for subject, name in ((first, "1a"), (first, "1b"), (other, "2")):
        ear.note(subject, name=name)
    serve_due(ear.sender)
    ear.session.get_one(WebhookEndpoint, ear.endpoint.id).not_before = None
    ear.session.commit()
    serve_due(ear.sender)
    assert [told["data"]["name"] for told in receiver.told(ear.secret)] == ["1a", "2"]
    ear.later(timedelta(minutes=1))
    serve_due(ear.sender)
    assert [told["data"]["name"] for told in receiver.told(ear.secret)] == ["1a", "2", "1a", "1b"]


def test_a_receiver_that_fails_is_left_alone_with_all_messages(ear: Ear, receiver: Receiver) -> None:
    receiver.statuses = [503]
    for _ in range(5):
        ear.note()
    assert serve_due(ear.sender) == 1
    assert serve_due(ear.sender) == 0
    ear.later(timedelta(seconds=6))
    assert serve_due(ear.sender) == 1


def test_the_receiver_says_when_to_come_again(ear: Ear, receiver: Receiver) -> None:
    message = ear.note()
    receiver.statuses, receiver.headers = [429], {"Retry-After": "1800"}
    serve_due(ear.sender)
    assert 1_700 < ear.waits_for(message) <= 1_800
    ear.later(timedelta(minutes=20))
    assert serve_due(ear.sender) == 0


def test_410_ends_it_and_people_hear_of_it(ear: Ear, receiver: Receiver) -> None:
    bob = ear.build.bob(ear.dealer)
    for _ in range(3):
        ear.note()
    receiver.statuses = [410]
    assert serve_due(ear.sender) == 1
    assert [one.state for one in ear.messages()] == ["given_up"] * 3
    assert ear.endpoint.disabled_why == "gone"
    [line] = ear.session.scalars(select(Notification))
    assert (line.user_id, line.url, line.digest) == (
        ear.alice.id,
        f"/settings/webhooks/{ear.endpoint.id}",
        True,
    )
    assert line.user_id != bob.id
    assert german(line.title) == "Webhook „DMS“ ist abgeschaltet"
    event = ear.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.what, event.detail) == ("webhook.disabled", {"cause": "gone"})
    ear.build.listing(ear.vehicle(), ear.activation)
    assert len(ear.messages()) == 3


def test_after_three_days_in_vain_a_webhook_is_switched_off(ear: Ear, receiver: Receiver) -> None:
    ear.note()
    receiver.statuses = [500]
    for _ in range(40):
        serve_due(ear.sender)
        ear.later(timedelta(hours=2))
    assert ear.endpoint.disabled_why == "failing"
    assert [one.state for one in ear.messages()] == ["given_up"]
    assert len(receiver.got) == ear.messages()[0].attempt_count > 8
    assert len(ear.session.scalars(select(Notification)).all()) == 1


def test_one_message_that_is_never_taken_ends_alone(ear: Ear, receiver: Receiver) -> None:
    ear.note(name="poison")
    receiver.statuses = [500]
    serve_due(ear.sender)
    ear.later(2 * DAYS)
    ear.note(name="fine")
    ear.messages()[0].not_before = datetime.now(UTC) + DAYS
    ear.session.commit()
    receiver.statuses = [204, 500]
    serve_due(ear.sender)
    ear.later(2 * DAYS)
    serve_due(ear.sender)
    assert [one.state for one in ear.messages()] == ["given_up", "delivered"]
    assert ear.endpoint.disabled_at is None
    [line] = ear.session.scalars(select(Notification))
    assert german(line.title) == "Webhook „DMS“: Ein Ereignis ist nicht zugestellt"


def test_people_are_told_once_a_day_of_what_was_given_up(ear: Ear) -> None:
    for _ in range(3):
        endings.give_up(ear.session, ear.endpoint, ear.note())
        ear.session.commit()
    assert len(ear.session.scalars(select(Notification)).all()) == 1


def test_what_waits_is_not_sent_without_the_makers_rights(ear: Ear, receiver: Receiver) -> None:
    ear.note()
    ear.alice.rights = ["view"]
    ear.session.commit()
    assert (serve_due(ear.sender), serve(ear.sender, ear.endpoint.id)) == (0, 0)
    assert receiver.got == []


def test_a_new_secret_and_the_one_before_both_sign_for_a_day(ear: Ear, receiver: Receiver) -> None:
    new = endpoints.rotate(ear.session, ear.sender.vault, audit.PORTAL, ear.endpoint)
    ear.session.commit()
    ear.note()
    serve_due(ear.sender)
    assert receiver.told(new) == receiver.told(ear.secret)
    ear.endpoint.rotated_at = ear.endpoint.rotated_at - DAYS if ear.endpoint.rotated_at else None
    ear.session.commit()
    receiver.got.clear()
    ear.note()
    serve_due(ear.sender)
    assert len(receiver.told(new)) == 1
    with pytest.raises(WebhookVerificationError):
        receiver.told(ear.secret)


def test_a_secret_that_no_key_opens_is_an_attempt_in_vain(ear: Ear, receiver: Receiver) -> None:
    ear.endpoint.secrets = "sealed elsewhere"
    ear.session.commit()
    ear.note()
    serve_due(ear.sender)
    assert receiver.got == []
    assert "Erneuern" in ear.messages()[0].attempts[0]["reason"]["text"]
    assert endpoints.rotate(ear.session, ear.sender.vault, audit.PORTAL, ear.endpoint).startswith(PREFIX)


def test_a_message_is_sent_again_by_hand_under_the_same_id(ear: Ear, receiver: Receiver) -> None:
    message = ear.note()
    serve_due(ear.sender)
    endpoints.resend(ear.endpoint, ear.messages()[0])
    ear.session.commit()
    serve_due(ear.sender)
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [f"msg_{message.id}"] * 2
    assert len(ear.messages()[0].attempts) == 2


def test_a_test_goes_out_at_once_also_to_a_receiver_that_failed(ear: Ear, receiver: Receiver) -> None:
    receiver.statuses = [500, 204]
    ear.note()
    serve_due(ear.sender)
    endpoints.send_test(ear.session, ear.endpoint)
    ear.session.commit()
    serve_due(ear.sender)
    assert receiver.told(ear.secret)[-1]["type"] == "webhook.test"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_not_followed(ear: Ear, receiver: Receiver, status: int) -> None:
    with receiving() as elsewhere:
        receiver.statuses, receiver.headers = [status], {"Location": elsewhere.url}
        ear.note()
        serve_due(ear.sender)
        assert elsewhere.got == []
    assert "leitet" in ear.messages()[0].attempts[0]["reason"]["text"]


def test_an_internal_address_is_never_reached(ear: Ear, receiver: Receiver) -> None:
    ear.note()
    serve_due(replace(ear.sender, policy=EgressPolicy()))
    assert receiver.got == []
    [attempt] = ear.messages()[0].attempts
    assert attempt["status"] is None
    assert "internes Netz" in attempt["reason"]["text"]


def test_nothing_goes_out_unencrypted(ear: Ear, receiver: Receiver) -> None:
    ear.note()
    public = EgressPolicy(look_up=lambda _host: ["1.1.1.1"])
    ear.endpoint.url = "http://example.org:443/"
    ear.session.commit()
    serve_due(replace(ear.sender, policy=public))
    assert "verschlüsselt" in ear.messages()[0].attempts[0]["reason"]["text"]


def test_an_answer_without_end_is_cut(ear: Ear, receiver: Receiver) -> None:
    receiver.statuses, receiver.body = [200], b"x" * 5_000_000
    ear.note()
    serve_due(ear.sender)
    assert (ear.messages()[0].state, len(ear.messages()[0].attempts[0]["answer"])) == ("delivered", 500)


def test_a_slow_receiver_holds_up_nobody_else(ear: Ear, receiver: Receiver) -> None:
    receiver.free.clear()
    with receiving() as quick:
        ear.another(quick.url, "listing.online")
        ear.build.listing(ear.vehicle(), ear.activation)
        loop = WebhookLoop(ear.sender)
        assert loop.look() == 2
        until(lambda: len(quick.got) == 1)
        assert loop.look() == 0
        assert [one.state for one in ear.messages()].count("delivered") <= 1
        receiver.free.set()
        loop.wait()
    assert [one.state for one in ear.messages()] == ["delivered"] * 2


def test_those_that_failed_never_take_all_threads(
    ear: Ear, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "THREADS", 4)
    monkeypatch.setattr(sending, "FOR_FAILING", 2)
    receiver.free.clear()
    for _ in range(4):
        ear.another(receiver.url, "listing.online")
    ear.session.query(WebhookEndpoint).update({"failures": 1})
    ear.build.listing(ear.vehicle(), ear.activation)
    loop = WebhookLoop(ear.sender)
    assert (loop.look(), loop.look()) == (2, 0)
    with receiving() as quick:
        ear.another(quick.url, "listing.online")
        ear.build.listing(ear.vehicle(), ear.activation)
        assert loop.look() == 1
        until(lambda: len(quick.got) == 1)
        receiver.free.set()
        loop.wait()


def test_two_processes_never_serve_a_webhook_at_a_time(ear: Ear, receiver: Receiver) -> None:
    receiver.free.clear()
    ear.note()
    first = Thread(target=serve, args=(ear.sender, ear.endpoint.id))
    first.start()
    until(lambda: len(receiver.got) == 1)
    assert (serve(ear.sender, ear.endpoint.id), serve_due(ear.sender)) == (0, 0)
    receiver.free.set()
    first.join()
    assert len(receiver.got) == 1


def test_what_a_process_left_when_it_ended_is_sent_again(ear: Ear, receiver: Receiver) -> None:
    ear.note()
    assert sending.WebhookTurn(ear.sender, ear.endpoint.id, uuid4()).take_lease()
    assert serve_due(ear.sender) == 0
    ear.later(sending.LEASE)
    assert serve_due(ear.sender) == 1
    assert len(receiver.got) == 1


def test_who_lost_the_lease_writes_nothing(ear: Ear, receiver: Receiver) -> None:
    receiver.free.clear()
    ear.note()
    first = Thread(target=serve, args=(ear.sender, ear.endpoint.id))
    first.start()
    until(lambda: len(receiver.got) == 1)
    ear.later(sending.LEASE * 2)
    token = uuid4()
    assert sending.WebhookTurn(ear.sender, ear.endpoint.id, token).take_lease()
    receiver.free.set()
    first.join()
    assert (ear.messages()[0].state, ear.messages()[0].attempts) == ("waiting", [])
    assert fresh(ear.session, WebhookEndpoint, ear.endpoint.id).lease_token == token


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda one: setattr(one, "state", "delivered"), 0),
        (lambda one: setattr(one, "state", "given_up"), 0),
        (lambda one: setattr(one, "until", one.until + 9 * DAYS), 1),
        (lambda _one: None, 0),
    ],
)
def test_messages_go_with_the_history_those_that_still_wait_stay(
    ear: Ear, change: Callable[[WebhookMessage], None], left: int
) -> None:
    message = ear.note()
    change(message)
    message.created_at -= 6 * DAYS
    ear.session.commit()
    ear.later(6 * DAYS)
    retention.forget_old(ear.sender.sessions, 5)
    assert len(ear.messages()) == left


def test_the_body_is_json_in_utf_8(ear: Ear, receiver: Receiver) -> None:
    ear.note(name="Müller & Söhne ß")
    serve_due(ear.sender)
    assert json.loads(receiver.got[0][1])["data"]["name"] == "Müller & Söhne ß"
    assert "Müller".encode() in receiver.got[0][1]


def test_no_attempt_lasts_longer_than_the_lease(ear: Ear) -> None:
    assert ear.sender.policy.patience == sending.PATIENCE
    assert sending.PATIENCE.total + sending.SLICE < sending.LEASE.total_seconds()
