"""The forms of the webhooks' pages."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired

from portal.formats.addresses import ascii_url
from portal.models import WebhookEndpoint
from portal.web.forms import PortalForm, text_field
from portal.webhooks.messages import EVENTS

LONGEST_URL = 500


class WebhookForm(PortalForm):
    """Name, and what it is told of."""

    name = text_field(
        longest=100,
        validators=[DataRequired(_("Bitte geben Sie an, wofür der Webhook ist."))],
    )
    events = SelectMultipleField(
        validate_choice=False, filters=[lambda chosen: [name for name in EVENTS if name in (chosen or ())]]
    )

    def __init__(self, endpoint: WebhookEndpoint | None = None) -> None:
        """All events, where nothing was chosen yet."""
        stored = {"name": endpoint.name, "events": endpoint.events} if endpoint else {"events": list(EVENTS)}
        super().__init__(data=None if self.is_submitted() else stored)

    def validate_events(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(gettext("Bitte wählen Sie mindestens ein Ereignis."))


class NewWebhookForm(WebhookForm):
    """Also where to; that stays."""

    url = StringField(filters=[lambda text: (text or "").replace("\0", "").strip()])

    def validate_url(self, field: StringField) -> None:
        """Whether it is an address at all; where it leads to is looked at each time something is sent."""
        url = ascii_url(field.data) if len(field.data) <= LONGEST_URL else None
        has_login = "@" in field.data.partition("://")[2].partition("/")[0]
        local = current_app.extensions["settings"].delivery_allow_private
        if url is None or has_login or not (local or url.lower().startswith("https://")):
            text = gettext("Bitte geben Sie die ganze Adresse an: mit https:// am Anfang und ohne Passwort.")
            raise ValidationError(text)
