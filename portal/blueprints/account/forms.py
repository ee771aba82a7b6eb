"""What users set for themselves."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, ValidationError
from wtforms.validators import DataRequired

from portal.models import User
from portal.people import accounts
from portal.web.forms import NoLink, OneAddress, PortalForm, text_field
from portal.web.wording import translated


class ProfileForm(PortalForm):
    """`email_password` is asked for where the address changes."""

    name = text_field(
        _("Name"),
        longest=200,
        validators=[
            DataRequired(_("Bitte geben Sie Ihren Namen an.")),
            NoLink(_("Bitte nur den Namen angeben, keine Internetadresse.")),
        ],
    )
    email = text_field(
        _("Mailadresse"),
        longest=254,
        validators=[OneAddress(_("Bitte geben Sie eine einzelne Mailadresse an."))],
    )
    email_password = PasswordField(_("Passwort, wenn Sie die Mailadresse ändern"))


class NewPasswordForm(PortalForm):
    """A password that is typed twice."""

    password = PasswordField(_("Neues Passwort"))
    again = PasswordField(_("Noch einmal"))

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user

    def validate_password(self, field: PasswordField) -> None:
        if complaint := accounts.password_complaint(field.data or "", self.user.login):
            raise ValidationError(translated(complaint))

    def validate_again(self, field: PasswordField) -> None:
        if not self.password.errors and field.data != self.password.data:
            raise ValidationError(gettext("Die beiden Eingaben sind verschieden."))


class PasswordForm(NewPasswordForm):
    """Asks for the old one: an unattended browser is not enough."""

    current = PasswordField(_("Bisheriges Passwort"))


class LoginsForm(PortalForm):
    """The password once more, before logins end; `login` names one of them."""

    login = HiddenField()
    logins_password = PasswordField(_("Passwort zur Bestätigung"))


class ConfirmForm(PortalForm):
    """The password once more, before the second factor changes."""

    factor_password = PasswordField(_("Passwort zur Bestätigung"))
