"""API-Schlüssel: keys for the dealer's own tools, shown once."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import audit
from portal.blueprints.api.keys import make_key, revoke
from portal.blueprints.settings import blueprint
from portal.blueprints.settings.forms import ApiKeyForm
from portal.extensions import db
from portal.models import ApiKey
from portal.people.accounts import RIGHT_TEXTS
from portal.vehicles.release import lock_dealer
from portal.web.access import current_dealer, dealer, load_api_key, who
from portal.web.responses import go

MOST_KEYS = 20


@blueprint.get("/settings/api-keys")
@dealer("settings")
def api_keys() -> Response:
    return _page()


@blueprint.post("/settings/api-keys")
@dealer("settings")
def make_api_key() -> Response:
    """The answer is the only place where the key can be read."""
    form = ApiKeyForm(current_user.rights)
    lock_dealer(db.session(), current_dealer())  # of many who ask at once for the last one, one gets it
    if form.validate() and len(_living()) >= MOST_KEYS:
        text = _(
            "Sie haben schon %(n)s Schlüssel. Sperren Sie erst einen, den Sie nicht mehr brauchen.",
            n=MOST_KEYS,
        )
        form.refuse("name", text)
    if form.messages:
        return _page(form)
    key, plain = make_key(db.session(), current_user, form.name.data, form.rights)
    audit.log(
        db.session(),
        who(),
        "api_key.created",
        dealer_id=key.dealer_id,
        object_id=key.id,
        label=key.name,
        detail={"rights": key.rights},
    )
    db.session.commit()
    return _page(plain=plain, made=key)


@blueprint.post("/settings/api-keys/<uuid:key_id>/revoke")
@dealer("settings")
def revoke_api_key(key_id: UUID) -> Response:
    key = load_api_key(key_id)
    revoke(db.session(), who(), key)
    db.session.commit()
    flash(_("Der Schlüssel „%(name)s“ gilt nicht mehr.", name=key.name), "success")
    return go(url_for("settings.api_keys"))


def _living() -> list[ApiKey]:
    mine = (ApiKey.dealer_id == current_dealer().id, ApiKey.revoked_at.is_(None))
    return list(
        db.session.scalars(select(ApiKey).where(*mine).options(joinedload(ApiKey.maker)).order_by(ApiKey.id))
    )


def _page(refused: ApiKeyForm | None = None, plain: str = "", made: ApiKey | None = None) -> Response:
    page = render_template(
        "settings/api_keys.html",
        keys=_living(),
        name=refused.name.data if refused else "",
        errors=refused.messages if refused else {},
        rights={one.right: one.label for one in RIGHT_TEXTS},
        may_edit="edit_vehicles" in current_user.rights,
        plain=plain,
        made=made,
        document_url=url_for("api.document", _external=True),
    )
    return make_response(page, 422 if refused else 200)
