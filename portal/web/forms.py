"""What the portal's own forms (WTForms) have in common: how a text is tidied, and errors as pages show them.

The activation form and the form of a vehicle are declared elsewhere and read by code of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError
from wtforms.validators import Length

from portal.notifications.smtp import clean_address


class PortalForm(FlaskForm):  # type: ignore[misc]
    """The token is checked before every unsafe request (`extensions.csrf`): no form has it as a field."""

    class Meta:
        csrf = False

    @property
    def messages(self) -> dict[str, str]:
        """The first error of each field, in the order of the form."""
        return {str(name): str(errors[0]) for name, errors in self.errors.items()}

    def refuse(self, name: str, text: str) -> None:
        """Add what only the view can know: a name that is taken, a password that is wrong."""
        self[name].errors = [*self[name].errors, text]


def one_line(text: str | None) -> str:
    """Without surplus spaces."""
    return " ".join((text or "").split())


def text_field(label: str | LazyString = "", *, longest: int, validators: Sequence[Any] = ()) -> StringField:
    """A text of one line; what is longer is refused, not cut."""
    too_long = _("Höchstens %(longest)s Zeichen.", longest=longest)
    return StringField(
        label, filters=[one_line], validators=[*validators, Length(max=longest, message=too_long)]
    )


LINKED = re.compile(r"[:/\\@<>]|www\.|[^\W\d_]{2,}\.[^\W\d_]{2,}", re.IGNORECASE)
"""What programs for mails make a link of: signs of addresses, words that a dot joins ("Dr. Maier" not)."""
ENDINGS = re.compile(r"\.(com|net|org|info|biz|eu|de|at|ch|io|app|shop|site|online|top|xyz)\Z", re.IGNORECASE)


class NoLink:
    """A name that stands in mails to others, in the portal's voice: it leads nowhere."""

    def __init__(self, message: str | LazyString) -> None:
        self.message = message

    def __call__(self, _form: object, field: object) -> None:
        if LINKED.search(getattr(field, "data", "") or ""):
            raise ValidationError(str(self.message))


def looks_like_host(login: str) -> bool:
    """Whether a name to log in with would become a link in a mail."""
    return login.casefold().startswith("www.") or ("@" not in login and bool(ENDINGS.search(login)))


class OneAddress:
    """A single mail address, or nothing."""

    def __init__(self, message: str | LazyString) -> None:
        self.message = message

    def __call__(self, _form: object, field: object) -> None:
        text = getattr(field, "data", "")
        if text and clean_address(text) is None:
            raise ValidationError(str(self.message))
