"""What a mail says: a template, the reader's language and values become subject, text and HTML.

A letter is written once, in `templates/mails/<letter>.txt`, as blocks: `subject`, `text` (paragraphs
between blank lines), `button` (what the link is called) and, where there is one, `footer`. Both forms
are laid out from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from portal.translations.phrases import catalogue, phrase

FOLDER = Path(__file__).parents[2] / "templates"
BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = {"de": "%d.%m.%Y %H:%M", "en": "%-d %b %Y %H:%M"}
PARAGRAPHS = re.compile(r"\n[ \t]*\n")
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Letter:
    subject: str
    plain: str
    html: str


@dataclass(frozen=True)
class Parts:
    """What both forms are made of; `url` is empty where there is nothing to open."""

    subject: str
    paragraphs: tuple[tuple[str, ...], ...]
    button: str
    url: str
    footer: str


def write(letter: str, language: str, operator: str, values: dict[str, Any]) -> Letter:
    """Raises TemplateNotFound for a letter that is none, UndefinedError for a missing value."""
    parts = _parts(letter, language, {"operator": operator, "url": "", **values})
    layout = _environment(language, html=True).get_template("mails/layout.html")
    html = layout.render(parts=parts, operator=operator, language=language)
    return Letter(parts.subject, _plain(parts, operator), html)


def _parts(letter: str, language: str, values: dict[str, Any]) -> Parts:
    template = _environment(language, html=False).get_template(f"mails/{letter}.txt")
    text = _block(template, "text", values)
    paragraphs = tuple(tuple(_lines(paragraph)) for paragraph in PARAGRAPHS.split(text))
    return Parts(
        subject=_block(template, "subject", values)[:LONGEST_SUBJECT],
        paragraphs=tuple(paragraph for paragraph in paragraphs if paragraph),
        button=_block(template, "button", values) if values["url"] else "",
        url=str(values["url"]),
        footer=_block(template, "footer", values),
    )


def _block(template: Template, name: str, values: dict[str, Any]) -> str:
    block = template.blocks.get(name)
    return "".join(block(template.new_context(values))).strip() if block else ""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _plain(parts: Parts, operator: str) -> str:
    paragraphs = ["\n".join(lines) for lines in parts.paragraphs]
    if parts.button:
        paragraphs.append(f"{parts.button}:\n{parts.url}")
    paragraphs.append("\n".join(filter(None, ("-- ", operator, parts.footer))))
    return "\n\n".join(paragraphs) + "\n"


@lru_cache
def _environment(language: str, *, html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=html,  # noqa: S701  # the rest is plain text; the HTML layout escapes it
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        finalize=None if html else _one_line,
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["translated"] = partial(phrase, language=language)
    environment.filters["moment"] = partial(_moment, language=language)
    return environment


def _one_line(value: Any) -> Any:
    """No value begins a line or a paragraph of its own."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _moment(value: datetime, language: str) -> str:
    return value.astimezone(BERLIN).strftime(MOMENT.get(language, MOMENT["de"]))
