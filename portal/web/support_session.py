"""For whom a request acts: a user for his own dealer, an agent in a support session for another's.

An agent stays logged in as himself. Within a session he reads what the dealer reads; unsafe requests are
refused here, in one place, unless he has turned on changes, and some things stay refused.
"""

from __future__ import annotations

from uuid import UUID

from flask import g, has_request_context, request
from flask_babel import gettext as _
from flask_login import current_user

from portal.extensions import db
from portal.mandate import FULL, Mandate, RefusalCause
from portal.models import Dealer, SupportSession, User
from portal.web import sessions

SUPPORT = "support"
SAFE = ("GET", "HEAD", "OPTIONS")
NEVER = frozenset({"manage_users"})
"""Rights that no agent has: users, their passwords and mail addresses are the dealer's alone."""
WITH_CONSENT = frozenset({"unlock", "full_transfer", "bookings"})
"""Only where the dealer has agreed once and for all: they can cost him money."""
WHOLE_DEALER = frozenset({"settings", "manage_users"})
"""Rights over what all locations share. Whoever is limited to some of them does not have these."""
READING = frozenset(
    {
        "store.preview",
        "activations.preview",
        "configurator.preview",
        "configurator.preview_new",
        "vehicles.preview_file",
    }
)
"""POST only because a form is long or brings a file; they change nothing."""
DEALERS_ALONE = frozenset(
    {
        "settings.make_api_key",
        "settings.revoke_api_key",
        "sources.create",
        "sources.save",
        "sources.try_out",
        "sources.try_out_new",
        "sources.remove",
        "sources.create_drop_folder",
        "sources.save_drop_folder",
        "sources.make_drop_password",
        "sources.save_drop_keys",
        "webhooks.create",
        "webhooks.save",
        "webhooks.renew_secret",
        "webhooks.switch_off",
        "webhooks.switch_on",
        "webhooks.remove",
        "webhooks.send_test",
        "webhooks.resend",
        "settings.save_consent",
        "settings.end_support_session",
        "settings.save_notifications",
        "settings.test_mail",
        "settings.save_lms",
        "history.feed_address",
        "store.test_connection",
        "activations.test_connection",
    }
)
"""Endpoints that no agent uses, whatever he has turned on."""


def is_agent() -> bool:
    user = current_user._get_current_object()
    return bool(user.is_authenticated and user.role == SUPPORT)


def current() -> SupportSession | None:
    """The agent's open support session, read with the login; None for everybody else."""
    if not has_request_context() or not is_agent():
        return None
    if "support_session" not in g:
        g.support_session = sessions.find_support_session()
    return g.support_session  # type: ignore[no-any-return]


def current_id() -> str:
    """What forms carry: with two tabs, a form of one dealer must not end up at the next."""
    ongoing = current()
    return str(ongoing.id) if ongoing else ""


def dealer_of_request() -> Dealer | None:
    """The dealer this request acts for."""
    if ongoing := current():
        return ongoing.dealer
    return db.session.get(Dealer, current_user.dealer_id) if current_user.dealer_id else None


def locations() -> tuple[UUID, ...]:
    """The locations that the user, or the maker of the key, is limited to; empty for all, as agents have."""
    if "key_locations" in g:
        return g.key_locations  # type: ignore[no-any-return]
    if not current_user.is_authenticated or is_agent():
        return ()
    return tuple(current_user.location_ids)


def may(right: str) -> bool:
    """Whether the user, or the agent for the dealer, has this right now."""
    user = current_user._get_current_object()
    if not isinstance(user, User):
        return False
    if ongoing := current():
        return refusal(ongoing, right, reading=right == "view") == ""
    if right in WHOLE_DEALER and user.location_ids:
        return False
    return user.dealer_id is not None and user.may(right)


def mandate() -> Mandate:
    """What this request may cause, for the functions that do it."""
    ongoing = current()
    if ongoing is None:
        return FULL
    consented = ongoing.changes_since is not None and ongoing.dealer.support_may_act
    return Mandate(may_cost=consented, is_dealer=False)


def refusal_of_request(ongoing: SupportSession, right: str) -> str:
    """Why this request of an agent is refused; empty when it is not."""
    endpoint = request.endpoint or ""
    if endpoint in DEALERS_ALONE:
        return refusal_text(RefusalCause.DEALER)
    if request.form.get("support_session", str(ongoing.id)) != str(ongoing.id):
        return _("Dieses Formular gehört zu einer anderen Support-Sitzung. Es wurde nichts geändert.")
    return refusal(ongoing, right, reading=request.method in SAFE or endpoint in READING)


def refusal(ongoing: SupportSession, right: str, *, reading: bool) -> str:
    if right in NEVER:
        return _("Nutzer verwaltet nur der Händler selbst.")
    if reading:
        return ""
    if ongoing.changes_since is None:
        return _("Diese Support-Sitzung ist nur zum Lesen. Schalten Sie erst Änderungen ein.")
    if right in WITH_CONSENT and not ongoing.dealer.support_may_act:
        return refusal_text(RefusalCause.CONSENT)
    return ""


def refusal_text(cause: RefusalCause) -> str:
    if cause == RefusalCause.DEALER:
        return _("Das kann nur der Händler selbst.")
    return _(
        "Dafür fehlt die Zustimmung des Händlers. Er erteilt sie in seinen Einstellungen unter Zugriffe."
    )
