"""How the telling ends: a message that is given up, a webhook that is switched off; and who is told of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from portal import audit
from portal.audit import Who
from portal.messages import Message, Wording, say
from portal.models.accounts import User
from portal.models.notifications import Notification
from portal.models.webhooks import DisabledWhy, MessageState, WebhookEndpoint, WebhookMessage

TOLD_AGAIN_AFTER = timedelta(days=1)
BODIES: dict[DisabledWhy, Message] = {
    DisabledWhy.GONE: say(
        "Der Empfänger hat geantwortet, dass es ihn nicht mehr gibt (Status 410). "
        "Wird er wieder gebraucht, schalten Sie den Webhook wieder ein."
    ),
    DisabledWhy.FAILING: say(
        "Der Empfänger hat drei Tage lang nichts angenommen. Was wartete, ist nicht zugestellt. "
        "Ist er wieder erreichbar, schalten Sie den Webhook wieder ein."
    ),
}
"""By `disabled_why`; who switches it off by hand need not be told."""
NOT_TAKEN = say(
    "Drei Tage lang hat der Empfänger ein Ereignis nicht angenommen, andere schon. "
    "Sehen Sie nach, was er geantwortet hat; Sie können es noch einmal senden."
)


def disable(session: Session, endpoint: WebhookEndpoint, why: DisabledWhy, who: Who = audit.PORTAL) -> None:
    """Nothing more is noted for it, and what waits is given up."""
    endpoint.disabled_at, endpoint.disabled_why = func.now(), why
    waiting = WebhookMessage.endpoint_id == endpoint.id, WebhookMessage.state == MessageState.WAITING
    session.execute(
        update(WebhookMessage).where(*waiting).values(state=MessageState.GIVEN_UP, finished_at=func.now()),
        execution_options={"synchronize_session": "fetch"},
    )
    audit.log(
        session,
        who,
        "webhook.disabled",
        dealer_id=endpoint.dealer_id,
        object_id=endpoint.id,
        label=endpoint.name,
        detail={"cause": why},
    )
    if why in BODIES:
        _tell(session, endpoint, say("Webhook „{name}“ ist abgeschaltet", name=endpoint.name), BODIES[why])


def give_up(session: Session, endpoint: WebhookEndpoint, message: WebhookMessage) -> None:
    """Told at most once a day, however many messages it is."""
    message.state, message.finished_at = MessageState.GIVEN_UP, func.now()
    due = or_(WebhookEndpoint.told_at.is_(None), WebhookEndpoint.told_at < func.now() - TOLD_AGAIN_AFTER)
    if session.scalar(select(due).where(WebhookEndpoint.id == endpoint.id)):
        endpoint.told_at = func.now()
        title = say("Webhook „{name}“: Ein Ereignis ist nicht zugestellt", name=endpoint.name)
        _tell(session, endpoint, title, NOT_TAKEN)


def _tell(session: Session, endpoint: WebhookEndpoint, title: Wording, body: Wording) -> None:
    """A line in the inbox and the next digest of everybody who can do something about it."""
    able = User.dealer_id == endpoint.dealer_id, User.active, User.rights.contains(["settings"])
    for user_id in session.scalars(select(User.id).where(*able).order_by(User.id)):
        line = Notification(user_id=user_id, kind="webhook", title=title, body=body, digest=True)
        line.url = f"/settings/webhooks/{endpoint.id}"
        session.add(line)
