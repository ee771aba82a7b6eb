"""Which language and which clock a request is answered in."""

from __future__ import annotations

from flask import has_request_context, request
from flask_login import current_user

LANGUAGES = ("de", "en")
TIMEZONE = "Europe/Berlin"


def select_locale() -> str:
    """The user's choice; before the login what the browser prefers, German if in doubt."""
    if not has_request_context():
        return "de"
    if current_user.is_authenticated:
        return str(current_user.language)
    return request.accept_languages.best_match(LANGUAGES, "de") or "de"


def select_timezone() -> str:
    return TIMEZONE
