"""The arrows between the parts of the portal go one way (CONTRIBUTING.md, "The rooms")."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLASK = ("flask", "flask_babel", "flask_login", "flask_sqlalchemy", "flask_wtf", "htmx_flask", "wtforms")
STORAGE = ("sqlalchemy", "psycopg", "redis", "rq")
WEB = ("portal.blueprints", "portal.extensions", "portal.web")

FORBIDDEN: dict[str, tuple[str, ...]] = {
    "portal/messages.py": (*FLASK, *STORAGE, "portal"),
    "portal/catalogue.py": (*FLASK, *STORAGE, "portal.models", "portal.web"),
    "portal/vehicle_facts": (*FLASK, *STORAGE),
    "portal/models": (
        *FLASK,
        *WEB,
        "portal.exports",
        "portal.outbox",
        "portal.platforms",
        "portal.formats",
        "portal.vehicles",
    ),
    "portal/formats": (
        *FLASK,
        *STORAGE,
        *WEB,
        "portal.models",
        "portal.exports",
        "portal.outbox",
        "portal.platforms",
        "portal.vehicles",
    ),
    "portal/platforms": (
        *FLASK,
        *STORAGE,
        *WEB,
        "portal.models",
        "portal.exports",
        "portal.outbox",
        "portal.vehicles",
    ),
    "portal/outbox.py": (
        *FLASK,
        *WEB,
        "portal.exports",
        "portal.platforms",
        "portal.formats",
        "portal.vehicles",
    ),
    "portal/changes.py": (
        *FLASK,
        *WEB,
        "portal.exports",
        "portal.platforms",
        "portal.formats",
        "portal.vehicles",
        "portal.outbox",
    ),
    "portal/live": ("portal.blueprints", "portal.exports", "portal.vehicles"),
    "portal/vehicles": (*FLASK, *WEB, "portal.exports"),
    "portal/notifications": (*FLASK, *WEB, "portal.exports", "portal.vehicles", "portal.outbox"),
    "portal/people": (*FLASK, *WEB, "portal.exports", "portal.platforms", "portal.formats"),
    "portal/delivery": (
        *FLASK,
        *STORAGE,
        *WEB,
        "portal.models",
        "portal.exports",
        "portal.outbox",
        "portal.platforms",
        "portal.vehicles",
    ),
    "portal/webhooks": (
        *FLASK,
        *WEB,
        "portal.exports",
        "portal.outbox",
        "portal.platforms",
        "portal.vehicles",
    ),
    "portal/sources": (*FLASK, *WEB, "portal.outbox"),
    "portal/drop_folders": (*FLASK, *WEB, "portal.outbox", "portal.platforms"),
    "portal/exports": (*FLASK, *WEB),
    "portal/security": (*FLASK, *WEB, "portal.exports", "portal.platforms", "portal.vehicles"),
    "portal/audit": (*FLASK, *WEB, "portal.exports", "portal.platforms", "portal.vehicles"),
    "portal": ("portal.sandbox",),
}


def modules(folder: str) -> list[Path]:
    """Of a folder, or the one file that a room is."""
    place = ROOT / folder
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


@cache
def imports(file: Path) -> tuple[str, ...]:
    """Full names of everything a module imports, also inside functions and for the type checker alone."""
    return tuple(_imports(ast.parse(file.read_text("utf-8"))))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def broken(folder: str) -> list[str]:
    return [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in modules(folder)
        if not (folder == "portal" and within_sandbox(file))
        for name in imports(file)
        if any(within(name, package) for package in FORBIDDEN[folder])
    ]


def within_sandbox(file: Path) -> bool:
    return file.is_relative_to(ROOT / "portal" / "sandbox")


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_arrows_go_one_way(folder: str) -> None:
    assert modules(folder)
    assert not broken(folder)


def test_nothing_but_the_factory_imports_the_pages() -> None:
    outside = [file for file in modules("portal") if "blueprints" not in file.parts]
    importing = {
        str(file.relative_to(ROOT / "portal"))
        for file in outside
        if any(within(name, "portal.blueprints") for name in imports(file))
    }
    assert importing == {"application.py"}


def test_the_walk_sees_an_import_inside_a_function(tmp_path: Path) -> None:
    file = tmp_path / "late.py"
    file.write_text("def late():\n    from portal.blueprints import auth\n    import flask\n")
    assert list(imports(file)) == ["portal.blueprints.auth", "flask"]


LATE = ("portal/__init__.py", "portal/embedded.py")
"""Start something before the rest of the portal, without what production does not install, or are imported
by every part and would load all the others."""


NAMED_FILE = re.compile(r"(?<![\w./<{*-])((?:[\w-]+/)+[\w-]+\.py)\b")
INVENTED = "portal/platforms/example_market/"
"""The platform that docs/adding-a-platform.md adds."""


def test_files_that_docs_and_comments_name_are_there() -> None:
    there = [str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py") if ".venv" not in file.parts]
    pages = [*modules("portal"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    gone = {
        f"{page.relative_to(ROOT)}: {named}"
        for page in pages
        for named in NAMED_FILE.findall(page.read_text("utf-8"))
        if not named.startswith(INVENTED)
        and not any(file == named or file.endswith(f"/{named}") for file in there)
    }
    assert not gone


def test_no_import_of_ours_hides_in_a_function() -> None:
    """It would hide that two rooms import each other. A library may wait until somebody needs it."""
    hidden = [
        f"{file.relative_to(ROOT)}: {function.name}"
        for file in modules("portal")
        if str(file.relative_to(ROOT)) not in LATE
        for function in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        and any(within(name, room) for name in _imports(function) for room in ("portal", "config"))
    ]
    assert not hidden


def test_the_facts_of_a_vehicle_import_nothing_of_ours_but_messages() -> None:
    foreign = {
        name
        for file in modules("portal/vehicle_facts")
        for name in imports(file)
        if (within(name, "portal") and not within(name, "portal.vehicle_facts")) or within(name, "config")
        if not within(name, "portal.messages")
    }
    assert not foreign


SUBROOMS = ("blueprints", "exports", "platforms")
"""Rooms whose folders are rooms again."""


def room_of(name: str) -> str:
    """`portal.exports.dispatch.loop` is in the room `exports.dispatch`, `portal.outbox` in `outbox`."""
    _portal, *parts = name.split(".")
    inner = len(parts) > 1 and parts[0] in SUBROOMS and (ROOT / "portal" / parts[0] / parts[1]).is_dir()
    return ".".join(parts[: 2 if inner else 1])


def module_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def rooms() -> dict[str, set[str]]:
    """Which rooms each room imports, also where only the type checker does."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in modules("portal"):
        here = room_of(module_name(file))
        if here:
            found[here] |= {room_of(name) for name in imports(file) if within(name, "portal")} - {here, ""}
    return found


def two_way(imported: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    return [
        (a, b) for a in sorted(imported) for b in sorted(imported[a]) if a < b and a in imported.get(b, ())
    ]


def test_no_two_rooms_import_each_other() -> None:
    assert len(rooms()) > 30
    assert two_way(rooms()) == []


def test_a_pair_of_rooms_is_found() -> None:
    assert two_way({"vehicles": {"models"}, "models": {"vehicles", "audit"}}) == [("models", "vehicles")]


def test_no_circle_goes_through_several_rooms() -> None:
    try:
        TopologicalSorter(rooms()).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


ENGINE = (
    "core",
    "trouble",
    "planning",
    "mass_change",
    "dispatch",
    "reconciliation",
    "drift",
    "stock_files",
    "full_transfer",
    "history",
    "lifecycle",
)
"""The rooms of portal/exports, each above the ones before it; what lies beside them stands on top of all."""


def test_each_room_of_the_engine_stands_on_the_ones_before_it() -> None:
    folders = {path.parent.name for path in (ROOT / "portal" / "exports").glob("*/__init__.py")}
    assert folders == {*ENGINE}
    for height, room in enumerate(ENGINE):
        above = {name for name in rooms()[f"exports.{room}"] if name.startswith("exports")}
        assert above <= {f"exports.{lower}" for lower in ENGINE[:height]}, room


FILLING = frozenset({"update", "setdefault", "append", "add"})


def filled_while_imported(file: Path) -> list[str]:
    """Statements at the top of a module that write into what it imported from another room."""
    foreign = {name.rpartition(".")[2] for name in imports(file) if within(name, "portal")}
    return [
        f"{module_name(file)}: {ast.unparse(statement)}"
        for statement in ast.parse(file.read_text("utf-8")).body
        for written in _written(statement)
        if any(isinstance(node, ast.Name) and node.id in foreign for node in ast.walk(written))
    ]


def _written(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement fills: `HERE[key] = …`, `HERE.update(…)`."""
    if isinstance(statement, ast.Assign):
        yield from (target.value for target in statement.targets if isinstance(target, ast.Subscript))
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        if isinstance(called, ast.Attribute) and called.attr in FILLING:
            yield called.value


def test_no_room_fills_a_collection_of_another_while_it_is_imported() -> None:
    """What is in it would depend on who was imported before."""
    assert [line for file in modules("portal") for line in filled_while_imported(file)] == []


def test_a_room_that_fills_a_dictionary_of_another_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "file_runs.py"
    file.write_text(
        "from portal.history import HISTORIES\nOWN = {}\nOWN['a'] = HISTORIES\nHISTORIES['b'] = 1\n"
    )
    assert filled_while_imported(file) == ["file_runs: HISTORIES['b'] = 1"]
