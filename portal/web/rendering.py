"""Templates as this portal renders them: a page of many rows looks up each name and text many times."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from babel.support import NullTranslations
from flask import g, has_app_context
from flask.templating import Environment
from flask_babel import Domain, get_locale

from portal.catalogue import SOURCE, catalogue


class PortalEnvironment(Environment):
    """Its globals are complete before the first template is loaded, so templates share them: what each
    imports is then found by comparing two plain dicts."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Catalogues(Domain):
    """The catalogue of the reader's language. Flask-Babel's own goes a longer way for every single text."""

    def get_translations(self) -> NullTranslations:
        return readers_catalogue()


def readers_catalogue() -> NullTranslations:
    """Of the language that Flask-Babel has chosen for this request: a page asks for hundreds of texts, and to
    ask Flask-Babel for its choice goes through three proxies each time."""
    if not has_app_context():
        return catalogue(SOURCE)
    chosen = vars(g._get_current_object()).get("_flask_babel")
    locale = getattr(chosen, "babel_locale", None) or get_locale()
    return catalogue(locale.language if locale else SOURCE)


def install_texts(environment: Environment) -> None:
    """In place of Flask-Babel's, for templates."""
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: readers_catalogue().ugettext(text),
        ngettext=lambda one, many, number: readers_catalogue().ungettext(one, many, number),
        newstyle=True,
    )
