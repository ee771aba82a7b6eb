"""What templates write: escaped once, in the reader's language, and never more than they were given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

SCRIPT = "<script>"


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_what_is_no_markup_is_escaped_wherever_it_is_written() -> None:
    source = """{% macro bold(text) %}<b>{{ text }}</b>{% endmacro %}
        {% set held %}<i>{{ text }}</i>{% endset %}
        {{- text }} {{ bold(text) }} {{ held }}{% for one in [text] %} {{ one }} {{ bold(one) }}{% endfor %}
    """
    written = render_template_string(source, text=SCRIPT)
    safe = "&lt;script&gt;"
    assert written.strip() == f"{safe} <b>{safe}</b> <i>{safe}</i> {safe} <b>{safe}</b>"


def test_values_of_a_sentence_are_escaped_and_the_sentence_is_not() -> None:
    values = {"matched": SCRIPT, "total": 2, "days": 5}
    source = "{{ _('%(matched)s von %(total)s Übertragungen, aufbewahrt bis zu %(days)s Tage', **values) }}"
    written = render_template_string(source, values=values)
    assert written == "&lt;script&gt; von 2 Übertragungen, aufbewahrt bis zu 5 Tage"


def test_a_text_is_looked_up_in_the_language_of_each_reader() -> None:
    for language, expected in (("de", "Abmelden"), ("en", "Log out"), ("de", "Abmelden")):
        with force_locale(language):
            assert render_template_string("{{ _('Abmelden') }}") == expected


def test_a_number_chooses_its_form_and_stands_in_it() -> None:
    source = "{{ ngettext('%(num)d neue Übertragung', '%(num)d neue Übertragungen', number) }}"
    written = [render_template_string(source, number=number) for number in (1, 3)]
    assert written == ["1 neue Übertragung", "3 neue Übertragungen"]


def test_a_percent_sign_is_written_twice_and_shown_once() -> None:
    assert render_template_string("{{ _('5 %%') }}") == "5 %"


def test_an_icon_is_drawn_with_the_address_of_the_sprite() -> None:
    source = """{% from "macros/icons.html" import icon %}{{ icon("car") }}{{ icon("x", '"><b>') }}"""
    written = render_template_string(source)
    assert '#car"></use></svg>' in written
    assert written.count("/static/icons.svg?v=") == 2
    assert "<b>" not in written
