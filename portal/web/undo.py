"""Taking back what was just done: a button in the message, for a while and for the same person only."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import current_app, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

PURPOSE = "undo"
VALID_SECONDS = 15 * 60
"""Longer than anybody needs: the message is gone with the next page."""


def flash_undoable(text: str, url: str, **before: Any) -> None:
    """Say what was done, with a button that sends `before`, signed, to `url`."""
    token = _signer().dumps({"user": str(current_user.id), "url": url, **before})
    flash({"text": text, "url": url, "token": token}, "success")  # type: ignore[arg-type]


def before_of_request() -> dict[str, Any] | None:
    """What `flash_undoable` was given for this address and this person; None for anything else."""
    try:
        said: dict[str, Any] = _signer().loads(request.form.get("undo", ""), max_age=VALID_SECONDS)
    except BadData:
        return None
    mine = said.pop("user", None) == str(current_user.id)
    here = said.pop("url", None) == request.path
    return said if mine and here else None


def flash_too_late() -> None:
    flash(_("Das lässt sich nicht mehr rückgängig machen."), "warning")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.extensions["settings"].secret_key,
        salt=PURPOSE,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
