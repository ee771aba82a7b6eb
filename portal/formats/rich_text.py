"""Rich Text Format, as older dealer systems keep descriptions: its text, without fonts and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,9})? ?|\\'(?P<byte>[0-9a-fA-F]{2})|\\(?P<sign>.)"
    r"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_ASIDE = frozenset(
    {
        *("fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "listtable"),
        *("listoverridetable", "generator", "themedata", "datastore", "fldinst", "rsidtbl", "xmlnstbl"),
    }
)
"""What begins a group that is no text."""
_SIGNS = {
    **dict.fromkeys(("par", "line", "sect", "page", "row"), "\n"),
    **dict.fromkeys(("tab", "cell"), " "),
    **{"bullet": "•", "endash": "–", "emdash": "—", "lquote": "‘", "rquote": "’"},
    **{"ldblquote": "“", "rdblquote": "”"},
}
_ESCAPED = {"~": "\u00a0", "-": "", "_": "-", "\n": "\n", "\r": "\n"}


def is_rich_text(text: str) -> bool:
    return text.lstrip().startswith("{\\rtf")


def text_of(rich: str) -> str:
    """What it says, in lines."""
    return "".join(_pieces(rich))


def _pieces(rich: str) -> Iterator[str]:
    aside, outer = False, []
    skipped = 0
    for token in _TOKEN.finditer(rich):
        word, sign = token["word"], token["sign"]
        if token["brace"] == "{":
            outer.append(aside)
        elif token["brace"]:
            aside = outer.pop() if outer else False
        elif word in _ASIDE or sign == "*":
            aside = True
        elif aside:
            continue
        elif word == "u" and token["number"]:
            yield chr(int(token["number"]) % 0x10000)
            skipped = 1  # of those who know no Unicode
        else:
            said = _said(token)
            yield said[skipped:]
            skipped = 0 if said else skipped


def _said(token: re.Match[str]) -> str:
    if token["text"]:
        return token["text"]
    if token["byte"]:
        return bytes.fromhex(token["byte"]).decode("cp1252", "replace")
    if token["sign"]:
        return _ESCAPED.get(token["sign"], token["sign"])
    return _SIGNS.get(token["word"], "")
