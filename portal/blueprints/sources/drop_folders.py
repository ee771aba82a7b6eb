"""Drop folders: made, changed, and by which password or keys a dealer's program comes in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response, abort, current_app, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from config import Settings
from portal.blueprints.sources import blueprint, forms, pages
from portal.blueprints.sources.forms import SourceEntries
from portal.drop_folders import host_key
from portal.drop_folders.folder import READABLE
from portal.extensions import db, limiter
from portal.models import DropAccess, StockSource
from portal.sources import drop_access
from portal.sources.drop_access import NoKeys
from portal.web.access import current_locations, dealer, load_source, who
from portal.web.responses import UNPROCESSABLE, go
from portal.web.wording import translated

SFTP_PORT = 22


@blueprint.get("/settings/drop-folders/new")
@dealer("edit_vehicles")
def new_drop_folder() -> Response:
    return _form(forms.blank(current_locations()))


@blueprint.post("/settings/drop-folders/new")
@dealer("edit_vehicles")
def create_drop_folder() -> Response:
    entries = forms.read_place(request.form, current_locations())
    errors = dict(entries.errors) or pages.beyond_limits()
    if errors or entries.location_id is None:
        return _form(replace(entries, errors=errors))
    source = drop_access.create(
        db.session(), who(), current_user, entries.location_id, entries.name, partial=entries.is_partial
    )
    db.session.commit()
    flash(_("Der Ablageordner ist angelegt. Erzeugen Sie jetzt ein Passwort für Ihr Programm."), "success")
    return go(_url(source))


@blueprint.get("/settings/drop-folders/<uuid:drop_folder_id>")
@dealer("edit_vehicles")
def drop_folder(drop_folder_id: UUID) -> Response:
    return _page(_load(drop_folder_id))


@blueprint.post("/settings/drop-folders/<uuid:drop_folder_id>")
@dealer("edit_vehicles")
def save_drop_folder(drop_folder_id: UUID) -> Response:
    access = _load(drop_folder_id)
    entries = forms.read_place(request.form, current_locations())
    if entries.errors or entries.location_id is None:
        return _page(access, entries)
    drop_access.change(
        db.session(), who(), access.source, entries.location_id, entries.name, partial=entries.is_partial
    )
    return _done(access, _("Gespeichert."))


@blueprint.post("/settings/drop-folders/<uuid:drop_folder_id>/password")
@dealer("edit_vehicles")
@limiter.limit("10 per minute")
def make_drop_password(drop_folder_id: UUID) -> Response:
    """The answer is the only place where the password can be read."""
    access = _load(drop_folder_id)
    plain = drop_access.new_password(db.session(), who(), current_user, access)
    db.session.commit()
    return _page(_load(drop_folder_id), plain=plain)


@blueprint.post("/settings/drop-folders/<uuid:drop_folder_id>/keys")
@dealer("edit_vehicles")
def save_drop_keys(drop_folder_id: UUID) -> Response:
    access, pasted = _load(drop_folder_id), request.form.get("keys", "")
    try:
        keys = drop_access.read_keys(pasted)
    except NoKeys as error:
        # A private key is not sent back either.
        shown = "" if error.reason is drop_access.PRIVATE_KEY else pasted
        return _page(access, pasted=shown, errors={"keys": translated(error.reason)})
    drop_access.set_keys(db.session(), who(), current_user, access, keys)
    return _done(access, _("Die Schlüssel sind gespeichert."))


def _load(key: UUID) -> DropAccess:
    source = load_source(key)
    whole = joinedload(DropAccess.source).joinedload(StockSource.location), joinedload(DropAccess.user)
    return db.session.get(DropAccess, source.id, options=whole) or abort(404)


def _url(source: StockSource) -> str:
    return url_for("sources.drop_folder", drop_folder_id=source.id)


def _done(access: DropAccess, text: str) -> Response:
    db.session.commit()
    flash(text, "success")
    return go(_url(access.source))


def _form(entries: SourceEntries) -> Response:
    values = {"entries": entries, "locations": current_locations(), "readable": READABLE}
    page = render_template("sources/new_drop_folder.html", **values)
    return make_response(page, UNPROCESSABLE if entries.errors else 200)


def _page(
    access: DropAccess,
    entries: SourceEntries | None = None,
    errors: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    settings: Settings = current_app.extensions["settings"]
    shown = entries or forms.of_source(access.source, ())
    host, port = address(settings)
    wrong = dict(shown.errors) | (errors or {})
    values = {
        "access": access,
        "source": access.source,
        "rests": drop_access.rests(access),
        "entries": shown,
        "errors": wrong,
        "locations": current_locations(),
        "pickups": pages.pickups_of(access.source),
        "host": host,
        "port": port,
        "fingerprint": host_key.fingerprint(settings.data_dir),
        "readable": READABLE,
        "quota": settings.drop_quota_mb,
        "most": settings.max_upload_mb,
    }
    page = render_template("sources/drop_folder.html", **(values | more))
    return make_response(page, UNPROCESSABLE if wrong else 200)


def address(settings: Settings) -> tuple[str, int]:
    """Where dealers' programs find the server."""
    stated = urlsplit(f"//{settings.drop_address}" if settings.drop_address else settings.portal_url)
    if settings.drop_address:
        return stated.hostname or "", stated.port or SFTP_PORT
    return stated.hostname or "", settings.drop_port
