from __future__ import annotations

from flask import Blueprint, render_template

from portal.access import dealer

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@dealer("view")
def page() -> str:
    return render_template("overview/page.html")
