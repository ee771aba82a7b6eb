"""Templates as this portal renders them: a page of many rows looks up each name and text many times."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from babel.support import NullTranslations
from flask import g, has_app_context
from flask.templating import Environment
from flask_babel import Domain, LazyString, get_locale
from jinja2 import pass_eval_context
from jinja2.compiler import CodeGenerator
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode
from markupsafe import Markup, escape

from portal.catalogue import SOURCE, catalogue

SPECIAL = re.compile(r"[&<>'\"]")
"""What `escape` replaces."""
PLAIN_CALLABLES = frozenset({FunctionType, MethodType, BuiltinFunctionType})
TAKES_SURROUNDINGS = getattr(Macro.__call__, "jinja_pass_arg", None)
"""How Jinja marks what is given the mode of escaping first, as every macro is."""


def written(value: object) -> str:
    """`escape` of what a template writes, which is put together with the rest and then is markup as a whole.
    Most of it is markup already or has nothing to escape; a lazy text would be looked up twice."""
    if type(value) is Markup:
        return value
    if type(value) is LazyString:
        value = str(value)
    return value if type(value) is str and not SPECIAL.search(value) else escape(value)


class PortalCode(CodeGenerator):
    """Templates whose `escape` is `written`."""

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("escape = environment.written")


class PortalContext(Context):
    @internalcode
    def call(self, what: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Macros and plain functions at once; Jinja's own way asks everything that it calls whether it may be
        some other kind, and a page calls hundreds."""
        wants = TAKES_SURROUNDINGS
        if type(what) is not Macro:
            wants = getattr(what, "jinja_pass_arg", None)
            if type(what) not in PLAIN_CALLABLES or wants not in (None, TAKES_SURROUNDINGS):
                return super().call(what, *args, **kwargs)
        if wants is TAKES_SURROUNDINGS:
            args = (self.eval_ctx, *args)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return what(*args, **kwargs)


class PortalEnvironment(Environment):
    """Its globals are complete before the first template is loaded, so templates share them: what each
    imports is then found by comparing two plain dicts."""

    code_generator_class = PortalCode
    context_class = PortalContext
    written = staticmethod(written)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


class Catalogues(Domain):
    """The catalogue of the reader's language. Flask-Babel's own goes a longer way for every single text."""

    def get_translations(self) -> NullTranslations:
        return catalogue(readers_language())


def readers_language() -> str:
    """The one that Flask-Babel has chosen for this request: a page asks for hundreds of texts, and to ask
    Flask-Babel for its choice goes through three proxies each time."""
    if not has_app_context():
        return SOURCE
    chosen = vars(g._get_current_object()).get("_flask_babel")
    locale = getattr(chosen, "babel_locale", None) or get_locale()
    return locale.language if locale else SOURCE


def install_texts(environment: Environment) -> None:
    """In place of Flask-Babel's, for templates."""
    environment.globals.update(_=_text, gettext=_text, ngettext=_counted_text)


@pass_eval_context
def _text(around: EvalContext, text: str, /, **values: Any) -> str:
    return _filled(_spoken(readers_language(), text), values, around)


@pass_eval_context
def _counted_text(around: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    spoken = catalogue(readers_language()).ungettext(one, many, num)
    return _filled(Markup(spoken), {"num": num} | values, around)  # noqa: S704


@lru_cache(4096)
def _spoken(language: str, text: str) -> Markup:
    return Markup(catalogue(language).ugettext(text))  # noqa: S704


def _filled(spoken: Markup, values: dict[str, Any], around: EvalContext) -> str:
    """The sentences are ours, the values are anybody's."""
    if not values and "%" not in spoken:
        return spoken
    return (spoken if around.autoescape else str(spoken)) % values
