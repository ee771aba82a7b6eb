"""How the code is cut, in figures: `python tools/house_figures.py [--tree FOLDER] [--suite-seconds N]`.

Prints a Markdown table of the application code in a checkout (without tests): modules, functions, names with
several meanings, and how many rooms three ways through the portal enter. A room is a folder. The ways are
real requests, traced in the tests that make them (`house_walks.py`), so the tests' services have to be
there; `--no-walks` leaves them out. `--rooms` adds a line for each room.
"""

from __future__ import annotations

import argparse
import ast
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Walk:
    """A test that goes this way, found by its name; `entry` is one of `house_walks.ENTRIES`."""

    name: str
    test: str
    entry: str


WALKS = (
    Walk("sending one row", "test_a_released_vehicle_is_created_once_with_what_it_is_now", "sending"),
    Walk("POST of an activation", "test_saving_activates_releases_and_leads_to_the_progress", "post"),
    Walk("saving a vehicle", "test_saving_keeps_the_rest_and_notes_one_transfer", "post"),
)


@dataclass(frozen=True)
class Module:
    """A file with code of its own: more than a docstring and imports from `__future__`."""

    path: str
    source: str
    tree: ast.Module

    @property
    def room(self) -> str:
        return str(Path(self.path).parent)

    @property
    def lines(self) -> int:
        return self.source.count("\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tree", type=Path, default=Path(__file__).parents[1])
    parser.add_argument("--suite-seconds", type=int, help="what `make test` took")
    parser.add_argument("--no-walks", action="store_true")
    parser.add_argument("--rooms", action="store_true")
    chosen = parser.parse_args()
    modules = list(find_modules(chosen.tree))
    figures = {**count_modules(modules), **count_functions(modules), **count_names(modules)}
    if not chosen.no_walks:
        figures |= {f"{walk.name}: rooms entered": trace(chosen.tree, walk) for walk in WALKS}
    if chosen.suite_seconds:
        figures["`make test`, seconds"] = str(chosen.suite_seconds)
    print_table(("figure", "count"), figures.items())
    if chosen.rooms:
        print()
        print_table(("room", "modules", "median lines", "largest"), describe_rooms(modules))


def find_modules(tree: Path) -> Iterator[Module]:
    for file in sorted([*tree.glob("portal/**/*.py"), tree / "config.py", tree / "worker.py"]):
        source = file.read_text("utf-8")
        module = Module(str(file.relative_to(tree)), source, ast.parse(source))
        if any(has_code(node) for node in module.tree.body):
            yield module


def has_code(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module != "__future__"
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def count_modules(modules: Sequence[Module]) -> dict[str, str]:
    rooms = Counter(module.room for module in modules)
    (largest_room, in_it), largest = rooms.most_common(1)[0], max(modules, key=lambda module: module.lines)
    exports = sum(module.room.startswith("portal/exports") for module in modules)
    lines = sum(module.lines for module in modules)
    comments = sum(count_comment_lines(module.source) for module in modules)
    return {
        "modules": str(len(modules)),
        "rooms": str(len(rooms)),
        "modules of a room: median, largest": f"{median(rooms.values()):g}, {in_it} ({largest_room})",
        "modules in exports": str(exports),
        "lines of a module: median, largest": (
            f"{median(module.lines for module in modules):g}, {largest.lines} ({largest.path})"
        ),
        "comment lines in 100": f"{100 * comments / lines:.1f}",
    }


def count_comment_lines(source: str) -> int:
    """Lines that hold nothing but a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.type == tokenize.COMMENT and token.line.lstrip().startswith("#") for token in tokens)


def count_functions(modules: Sequence[Module]) -> dict[str, str]:
    """Methods and inner functions count for the lengths, module-level ones for the use."""
    found = [(node, module) for module in modules for node in functions_in(ast.walk(module.tree))]
    lengths = sorted(length(node) for node, _ in found)
    longest, where = max(found, key=lambda one: length(one[0]))
    top_level = sum(len(list(functions_in(module.tree.body))) for module in modules)
    once = sum(len(private_and_used_once(module)) for module in modules)
    return {
        "functions": str(len(found)),
        "lines of a function: median, 90th percentile, longest": (
            f"{median(lengths):g}, {lengths[len(lengths) * 9 // 10]}, "
            f"{length(longest)} (`{longest.name}` in {where.path})"
        ),
        "functions of a module that are private and used once": (
            f"{100 * once / top_level:.0f} % ({once} of {top_level})"
        ),
    }


def functions_in(nodes: Iterable[ast.AST]) -> Iterator[ast.FunctionDef]:
    return (node for node in nodes if isinstance(node, ast.FunctionDef))


def length(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def private_and_used_once(module: Module) -> list[str]:
    """A use is any mention of the name in its module: nobody else may know it."""
    private = [node.name for node in functions_in(module.tree.body) if node.name.startswith("_")]
    uses = Counter(node.id for node in ast.walk(module.tree) if isinstance(node, ast.Name))
    return [name for name in private if uses[name] == 1]


def count_names(modules: Sequence[Module]) -> dict[str, str]:
    """A class has as many meanings as definitions, a constant as many as it has different values.

    The sandbox does not count: it is somebody else's marketplace, with words of its own.
    """
    classes: Counter[str] = Counter()
    values: defaultdict[str, set[str]] = defaultdict(set)
    for module in modules:
        if module.room.startswith("portal/sandbox"):
            continue
        classes.update(node.name for node in module.tree.body if isinstance(node, ast.ClassDef))
        for name, value in constants_of(module):
            values[name].add(value)
    several = [f"{name} {number}×" for name, number in classes.most_common() if number > 1]
    constants = sorted(((len(found), name) for name, found in values.items() if len(found) > 1), reverse=True)
    return {
        "class names with several meanings": describe(len(several), len(classes), several),
        "constants with several meanings": describe(
            len(constants), len(values), [f"{name} {number}×" for number, name in constants]
        ),
    }


def constants_of(module: Module) -> Iterator[tuple[str, str]]:
    for node in module.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if is_declared(node) else []
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and CONSTANT.fullmatch(target.id) and value is not None:
                yield target.id, ast.unparse(value)


def is_declared(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign)


def describe(number: int, total: int, examples: Sequence[str]) -> str:
    named = f" ({', '.join(examples[:5])}{', …' if len(examples) > 5 else ''})" if examples else ""
    return f"{number} of {total}{named}"


def trace(tree: Path, walk: Walk) -> str:
    """Run the test of a walk in that checkout, watched."""
    files = tree.glob("tests/**/test_*.py")
    file = next((file for file in files if f"def {walk.test}(" in file.read_text("utf-8")), None)
    if file is None:
        sys.exit(f"no test is called {walk.test}")
    with tempfile.NamedTemporaryFile("r", suffix=".json") as result:
        surroundings = os.environ | {
            "PYTHONPATH": str(Path(__file__).parent),
            "HOUSE_ENTRY": walk.entry,
            "HOUSE_RESULT": result.name,
        }
        test = f"{file.relative_to(tree)}::{walk.test}"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "house_walks", test]
        done = subprocess.run(command, cwd=tree, env=surroundings, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{walk.test} failed:\n{done.stdout[-2000:]}")
        seen = json.load(result)
    return f"{len(seen['rooms'])} ({len(seen['modules'])} modules, {seen['turns_back']} turns back)"


def describe_rooms(modules: Sequence[Module]) -> Iterator[tuple[object, ...]]:
    rooms: defaultdict[str, list[int]] = defaultdict(list)
    for module in modules:
        rooms[module.room].append(module.lines)
    for room, lines in sorted(rooms.items()):
        yield room, len(lines), f"{median(lines):g}", max(lines)


def print_table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print("|", " | ".join(heading), "|")
    print("|", " | ".join("---" for _ in heading), "|")
    for row in rows:
        print("|", " | ".join(map(str, row)), "|")


if __name__ == "__main__":
    main()
