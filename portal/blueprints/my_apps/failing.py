"""What people read about a platform that does not answer: since when, and when it is asked next."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import gettext as _

from portal.blueprints.my_apps import blueprint
from portal.models import Activation
from portal.models.exports import ActivationState, AppKind
from portal.web.templating import since

SENDS = (ActivationState.ACTIVE, ActivationState.LOCKED, ActivationState.RECONCILING, ActivationState.CLOSING)


@blueprint.app_template_global()
def is_failing(activation: Activation) -> bool:
    """Whether its breaker is not closed; a stop has a cause of its own."""
    return activation.failing_since is not None and activation.state in SENDS


@blueprint.app_template_global()
def failing_text(activation: Activation, app: str) -> str:
    began, until = since(activation.failing_since), activation.paused_until
    if activation.kind == AppKind.FILE:
        return _("Die Datei lässt sich seit %(since)s nicht abliefern, die vorige gilt weiter.", since=began)
    if until is None or until <= datetime.now(UTC):
        return _("%(app)s antwortet seit %(since)s nicht, der nächste Versuch läuft.", app=app, since=began)
    return _(
        "%(app)s antwortet seit %(since)s nicht, nächster Versuch %(next)s.",
        app=app,
        since=began,
        next=since(until),
    )
