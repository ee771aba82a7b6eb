"""The English interface: nothing is missing from the catalogue, nothing passes by it."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import nodes
from sqlalchemy.orm import Session

from portal.messages import say
from portal.models import Dealer, User
from portal.platforms import APPS
from portal.platforms.mobile_de import errors
from portal.vehicles import readiness
from tests.builders import Build, fresh, golf
from tests.words import GERMAN

Login = Callable[[User], FlaskClient]
ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "portal" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FLASK_CODE = [
    *sorted((ROOT / "portal" / "blueprints").rglob("*.py")),
    *sorted((ROOT / "portal" / "web").rglob("*.py")),
    *sorted((ROOT / "portal").glob("*.py")),
]
GETTEXT = ("_", "gettext", "ngettext", "say", "say_count", "N_")
PLAIN_CODE = [
    path
    for path in sorted((ROOT / "portal").rglob("*.py"))
    if path not in FLASK_CODE
    and not {"sandbox", "demo", "commands"} & set(path.parts)
    and path.name not in ("vocabulary.py", "vocabularies.py", "categories.py", "countries.py", "synonyms.py")
]
NOT_SHOWN = re.compile(
    r"\bSELECT\b|\bFROM\b|^jsonb_|^Lynk und Co$|^ und $|\|nur lese\|"  # SQL, names to compare, patterns
    r"|^(?:HTML, Aufzählungen|Monat 00:)"  # notes on CSV columns
    r"|^(?:bei Elektrofahrzeugen|1 Klimaanlage;|die Art ist offen)"  # notes on CSV columns
    r"|^(?:keine angabe|nicht bekannt)$"  # how cells say nothing
    r"|^(?:im Kaufpreis enthalten|zur Miete|Batterie nicht enthalten|nicht enthalten)$"  # wire values
    r"|^Angebot für |^Transporter bis|Referenzliste|^ ist nicht lesbar$"  # sent, wire values, log
    r"|^Bilder heißen <|^Guten Tag,\n\nim Anhang|bei entladener Batterie(: )?$"  # what is sent
)
FORMS = [slug for slug in APPS if slug != "configurator"]
"""Not the form that shows the columns of a file: they are German as the file is."""


SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label", "data-copied", "data-picked")
"""Attributes that people read or hear."""
SAME_EVERYWHERE = {"ms", "HTTP", "CSV", "Deutsch", "English"}
"""Words in templates that are the same in every language."""
LETTERS = {*"äöüß", "[A-Za-zÄÖÜäöü0-9-]{1,10}\\Z"}
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"')
"""Macros write attributes outside of any tag."""
NAMES = re.compile(r"Blickfänger|Top-Inserat|Seite-1-Inserat|@dein\.auto|Deutsch\b")
"""German names that stay German: of mobile.de's products, of the language to switch to."""


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read(CATALOGUE)


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def spellings(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_the_catalogue_has_every_text_and_no_other(catalogue: Catalog, tmp_path: Path) -> None:
    found = tmp_path / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    command += ["--keyword=say", "--keyword=say_count:1,2"]
    subprocess.run(
        [*command, "--mapping-file=babel.cfg", f"--output-file={found}", "."], cwd=ROOT, check=True
    )
    wanted = {spellings(message.id) for message in messages(read(found))}
    known = {spellings(message.id) for message in messages(catalogue)}
    assert (wanted - known, known - wanted) == (set(), set()), "run `make messages`"


def test_every_text_is_translated(catalogue: Catalog) -> None:
    assert [m.id for m in messages(catalogue) if not all(spellings(m.string))] == []
    assert [m.id for m in messages(catalogue) if m.fuzzy] == []


def test_translations_carry_the_same_values(catalogue: Catalog) -> None:
    for message in messages(catalogue):
        wanted = {value for text in spellings(message.id) for value in values(text)}
        for text in spellings(message.string):
            missing = wanted - values(text)
            assert values(text) <= wanted, text
            assert not missing or "1" in text or text in message.string[:1], text


def values(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|\{\w+\}", text))


def test_translations_begin_and_end_like_their_source(catalogue: Catalog) -> None:
    """Parts that stand between others: their blanks count, and their lines."""
    for message in messages(catalogue):
        for source, text in zip(spellings(message.id), spellings(message.string), strict=True):
            assert source[:1].isspace() == text[:1].isspace(), text
            assert source.count("\n") == text.count("\n"), text


def test_no_translation_is_still_german(catalogue: Catalog) -> None:
    same = [m.id for m in messages(catalogue) if m.id == m.string and GERMAN.search(NAMES.sub("", m.string))]
    assert same == [
        "Sicherheit\nABS, ESP\n\nSitze und Innenraum\nSitzheizung\n\nSonderausstattung\nWinterräder"
    ]


def test_the_compiled_catalogue_is_the_written_one(catalogue: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run `make messages`"


class Page(HTMLParser):
    """What people read or hear of a page. Parts marked as German are left out."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "use", "rect", "hr", "option"})

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        german = given.get("lang") == "de" or any(quiet for _, quiet in self._open)
        if not german:
            self.texts += [value for name in SPOKEN if (value := given.get(name))]
        if tag not in self.VOID:
            self._open.append((tag, german or tag in ("script", "style", "code", "textarea")))

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(quiet for _, quiet in self._open):
            self.texts.append(" ".join(data.split()))


def texts_of(html: str) -> list[str]:
    page = Page()
    page.feed(html)
    return page.texts


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_write_nothing_past_the_catalogue(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.DOTALL)
    texts = (ATTRIBUTE.sub("", text) for text in texts_of(bare))
    words = {word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)}
    assert words - SAME_EVERYWHERE == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_pass_no_german_on_untranslated(app: Flask, path: Path) -> None:
    tree = app.jinja_env.parse(path.read_text(encoding="utf-8"))
    wrapped = {id(text) for call in tree.find_all(nodes.Call) if is_gettext(call) for text in call.args}
    bare = [text.value for text in tree.find_all(nodes.Const) if id(text) not in wrapped]
    assert [text for text in bare if isinstance(text, str) and GERMAN.search(text)] == []


def is_gettext(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in GETTEXT


def test_no_sentence_of_the_code_passes_by_the_catalogue() -> None:
    """Outside Flask, too, each is marked by `say` or `N_`."""
    plain = {text for path in PLAIN_CODE for text in bare_texts(path) if " " in text}
    assert [text for text in plain if not NOT_SHOWN.search(text)] == []


def test_flask_code_writes_nothing_past_the_catalogue(catalogue: Catalog) -> None:
    known = {text for message in messages(catalogue) for text in spellings(message.id)}
    assert {text for path in FLASK_CODE for text in bare_texts(path)} - known == LETTERS


def bare_texts(path: Path) -> Iterator[str]:
    """German texts that are no docstring and not handed to gettext."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            passed.update(ast.walk(node))
    found = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and n not in passed]
    yield from (text for text in found if isinstance(text, str) and GERMAN.search(text))


@pytest.fixture
def alice(build: Build, session: Session, dealer: Dealer, login: Login) -> FlaskClient:
    user = build.alice(dealer)
    user.language = "en"
    session.commit()
    return login(user)


@pytest.fixture
def pages(build: Build, dealer: Dealer) -> list[str]:
    """Addresses of a dealer with everything that has words: each state, each reason, each kind of listing."""
    active = build.activation(dealer, last_success_at=datetime.now(UTC), settings={"bookings": "vehicle"})
    stopped = build.activation(
        dealer,
        customer_number="99",
        state="stopped",
        stop_cause="",
        stopped_at=datetime.now(UTC),
        stop_detail=say("mobile.de kennt diese Kundennummer nicht."),
    )
    draft = build.activation(dealer, customer_number="98", state="draft")
    trouble = [errors.known(code, value="X").as_json() for code in errors.TEXTS]
    red = build.vehicle(dealer, golf(make="", model=""))
    red.problems = readiness.as_problems(red.facts())
    build.session.commit()
    orange = build.vehicle(dealer)
    build.release(orange, active, problems=trouble)
    car = build.vehicle(dealer)
    build.release(car, active)
    build.listing(car, active, bookings=["x"])
    kept: dict[str, Any] = {"attempts": [attempt()], "changes": [change()]}
    sent = [
        build.transfer(
            car,
            active,
            state=state,
            action=action,
            feedback=trouble,
            created_at=datetime.now(UTC) - timedelta(hours=2),
            **kept,
        )
        for state, action in (
            ("ok", "create"),
            ("warning", "update"),
            ("rejected", "update"),
            ("failed", "delete"),
        )
    ]
    build.transfer(orange, stopped)
    return [
        *(
            "/",
            "/help",
            "/appstore",
            "/appstore/mobile-de",
            "/appstore/mobile-de/activate",
            "/apps",
            "/problems",
            "/problems/refused?source=rejected&code=make-empty&field=make",
        ),
        *(
            "/vehicles",
            "/vehicles/new",
            "/vehicles/import",
            "/vehicles?q=nothing",
            "/vehicles?problem=make-empty",
            "/vehicles?problem=gone",
            "/nothing",
            "/login",
        ),
        *(
            *(
                "/notifications",
                "/account",
                "/account/second-factor",
                "/settings/access",
                "/appstore/configurator",
            ),
            *(f"/settings/{name}" for name in ("export", "locations", "lms", "users", "users/new")),
            *(f"/settings/{name}" for name in ("api-keys", "audit", "notifications")),
            *(f"/appstore/{slug}{page}" for slug in FORMS for page in ("", "/activate")),
        ),
        *(
            f"/vehicles/{row.id}{tab}"
            for row in (red, orange, car)
            for tab in ("", "/publication", "/history")
        ),
        *(f"/vehicles/{car.id}/{page}" for page in ("location", "withdraw")),
        *(
            f"/apps/{row.id}{tab}"
            for row in (active, stopped)
            for tab in ("?result=all", "/listings", "/settings")
        ),
        *(
            f"/apps/{active.id}/{page}"
            for page in ("deactivate", "progress", "listings?q=nothing", "preview", "full-transfer")
        ),
        f"/apps/{draft.id}/settings",
        *(f"/apps/{active.id}/history/{transfer.id}" for transfer in sent),
    ]


def attempt() -> dict[str, Any]:
    text = say("{platform} bittet um langsamere Übertragung (429)", platform="mobile.de").as_json()
    return {"at": datetime.now(UTC).isoformat(), "outcome": "retry", "detail": text, "exchanges": []}


def change() -> dict[str, Any]:
    label, old, new = (say(text).as_json() for text in ("Außenfarbe", "nein", "ja"))
    return {"field": "metallic", "label": label, "old": old, "new": new}


def test_english_pages_speak_english(alice: FlaskClient, pages: list[str], catalogue: Catalog) -> None:
    sources = {
        text for m in messages(catalogue) for text in spellings(m.id) if text not in spellings(m.string)
    }
    sources -= {text for m in messages(catalogue) for text in spellings(m.string)}
    german = {}
    for address in pages:
        answer = alice.get(address, follow_redirects=True)
        assert answer.status_code in (200, 404), address
        assert "<html" not in answer.text or '<html lang="en"' in answer.text, address
        texts = texts_of(answer.text)
        assert texts, address
        found = [text for text in texts if text in sources or GERMAN.search(NAMES.sub("", text))]
        if found:
            german[address] = found
    assert german == {}


def test_german_pages_stay_german(build: Build, dealer: Dealer, login: Login, pages: list[str]) -> None:
    page = login(build.bob(dealer)).get(pages[0]).text
    assert "Übersicht" in page
    assert "Overview" not in page


def test_the_language_is_kept_for_the_next_login(
    build: Build, session: Session, dealer: Dealer, login: Login
) -> None:
    bob = build.bob(dealer)
    client = login(bob)
    assert client.post("/language", data={"language": "en"}).status_code == 303
    assert "Needs attention" in client.get("/").text
    client.post("/logout")
    assert "Needs attention" in login(fresh(session, User, bob.id)).get("/").text
