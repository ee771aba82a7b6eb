"""Build static/icons.svg from the outline icons of @tabler/icons that the portal really uses.

Usage: python static/vendor/build_sprite.py path/to/@tabler/icons
(the package unpacked, for example with `npm pack @tabler/icons@3.51.0`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPRITE = ROOT / "static" / "icons.svg"
_USE = re.compile(r"""\b(?:icon|svg)(?:\(|=|: str = )\s*["']([a-z0-9-]+)["']""")
_BODY = re.compile(r"<svg.*?>(.*)</svg>", re.DOTALL)
_FRAME = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none" />')
HEAD = "<!-- Tabler Icons 3.51.0, MIT licence, built by static/vendor/build_sprite.py: do not edit -->"


def used_icons(root: Path = ROOT) -> set[str]:
    """Names in `icon("…")`, `svg("…")` and `icon="…"`, in templates and in the Python code."""
    sources = [*(root / "templates").rglob("*.html"), *(root / "portal").rglob("*.py")]
    return {name for source in sources for name in _USE.findall(source.read_text("utf-8"))}


def symbol(name: str, svg: str) -> str:
    body = _FRAME.sub("", _BODY.search(svg).group(1))  # type: ignore[union-attr]
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(body.split())}</symbol>'


def build(icons: Path, names: Iterable[str]) -> str:
    """The sprite. Raises FileNotFoundError for a name that the package does not have."""
    folder = icons / "icons" / "outline"
    symbols = (symbol(name, (folder / f"{name}.svg").read_text("utf-8")) for name in sorted(names))
    return "\n".join((HEAD, '<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""))


if __name__ == "__main__":
    SPRITE.write_text(build(Path(sys.argv[1]), used_icons()), "utf-8")
