"""Follows docs/operations.md on a machine that it makes up: `python -m tools.follow_operations`.

The page is the source: its blocks run in their order in one bash, as they stand there. What a line "Only …:"
announces is for other machines and is named instead. In between somebody activates a marketplace, and
the vehicle has to be online; in the end the portal has to answer from the database that was restored.
`--python FILE` takes an interpreter that has the libraries, instead of installing them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.programs import end_with_this_process
from tools.made_up_machine import Machine, made_up
from tools.visitor import Visitor

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "operations.md"
ANNOUNCED = re.compile(r"\s*\*(Only [^*]+):\*")
FIRST_STEPS = "Install"
DONE = "block ended"


@dataclass(frozen=True)
class Block:
    """`only`: for which machines it is; empty for every one."""

    heading: str
    line: int
    commands: str
    only: str = ""

    @property
    def place(self) -> str:
        return f"line {self.line}, {self.heading}"


def blocks(page: str) -> Iterator[Block]:
    """Those in the language `sh`, without the indentation of the list that they stand in."""
    heading = only = indentation = ""
    opened = 0
    commands: list[str] = []
    for number, line in enumerate(page.splitlines(), start=1):
        text = line.strip()
        if opened and text == "```":
            yield Block(heading, opened, "\n".join(commands) + "\n", only)
            opened, only, commands = 0, "", []
        elif opened:
            commands.append(line.removeprefix(indentation))
        elif text == "```sh":
            opened, indentation = number, line[: len(line) - len(line.lstrip())]
        elif announced := ANNOUNCED.fullmatch(line):
            only = announced[1]
        elif line.startswith("#"):
            heading = line.lstrip("# ")
        elif text:
            only = ""


class Shell:
    """One bash for all blocks: what one of them sets, the next one has."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._bash = subprocess.Popen(
            ["bash", "-eu", "-o", "pipefail"],
            cwd=machine.root,
            env=machine.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._tell(f". {machine.stand_ins}")

    def run(self, block: Block, *, shown: bool = True) -> str:
        """Its output. Ends the program where a command fails."""
        file = self._machine.root / "block.sh"
        file.write_text(self._machine.at_home(block.commands))
        self._tell(f". {file} </dev/null; printf '\\n%s\\n' '{DONE}'")
        said = []
        assert self._bash.stdout
        for line in self._bash.stdout:
            if line.strip() == DONE:
                return "".join(said)
            said.append(line)
            if shown and line.strip():
                print(f"    {line}", end="", flush=True)
        sys.exit(f"{block.place}: it failed\n{''.join(said)}\n{self._machine.last_words()}")

    def value(self, name: str) -> str:
        return self.run(Block("", 0, f'echo "${name}"\n'), shown=False).strip()

    def _tell(self, command: str) -> None:
        assert self._bash.stdin
        self._bash.stdin.write(f"{command}\n")
        self._bash.stdin.flush()

    def end(self) -> None:
        assert self._bash.stdin
        self._bash.stdin.close()
        self._bash.wait()


@contextmanager
def shell(machine: Machine) -> Iterator[Shell]:
    opened = Shell(machine)
    try:
        yield opened
    finally:
        opened.end()


def follow(machine: Machine) -> None:
    visitor: Visitor | None = None
    with shell(machine) as operator:
        for block in blocks(PAGE.read_text("utf-8")):
            if block.heading != FIRST_STEPS and visitor is None:
                visitor = _visit(machine, operator)
            if reason := block.only or machine.not_here(block.commands):
                print(f"not run  {block.place}: {reason}", flush=True)
                continue
            print(f"run      {block.place}", flush=True)
            operator.run(block)
    assert visitor
    visitor.demand_ready()
    visitor.demand_in_stock("4711")
    visitor.demand_online(1)
    print(f"The portal answers from {machine.database_of_portal()}, with the vehicle that is online.")


def _visit(machine: Machine, operator: Shell) -> Visitor:
    """The first dealer's first quarter of an hour."""
    visitor = Visitor(machine.web_port, machine.marketplace)
    visitor.demand_ready()
    visitor.log_in("anna", operator.value("FIRST_PASSWORD"))
    visitor.bring_a_vehicle()
    visitor.activate("4711001")
    visitor.demand_online(1)
    print("visited  a vehicle was brought, an app activated, and the vehicle is online", flush=True)
    return visitor


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--python", type=Path, help="interpreter that has the libraries already")
    chosen = options.parse_args()
    end_with_this_process()
    with tempfile.TemporaryDirectory(prefix="operations-") as folder:
        Path(folder).chmod(0o755)
        with made_up(Path(folder), chosen.python) as machine:
            follow(machine)


if __name__ == "__main__":
    main()
