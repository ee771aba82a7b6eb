"""Templates as this portal renders them: a page of many rows looks up each name and text many times."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from babel.support import NullTranslations
from flask.templating import Environment
from flask_babel import Domain, get_locale

from portal.translations.catalogue import SOURCE, catalogue


class PortalEnvironment(Environment):
    """Its globals are complete before the first template is loaded, so templates share them: what each
    imports is then found by comparing two plain dicts."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Catalogues(Domain):
    """The catalogue of the reader's language. Flask-Babel's own goes a longer way for every single text."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return catalogue(locale.language if locale else SOURCE)
