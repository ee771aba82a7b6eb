"""What the words and colours of the portal mean, and what to do."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.web.access import account

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
@account
def page() -> str:
    return render_template("help/page.html")
