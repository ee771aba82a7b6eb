"""Texts of dealer systems as plain structured text: lines, list entries `- entry`, rules `----`.

They come as HTML, with entities, with BBCode, in mobile.de's own mark-up, with typographic bullets and
emoji in their place. Only known tags are mark-up: a lone bracket (`Verbrauch < 6 l`) is text. What is
said is kept, what only decorated falls away; doing it again changes nothing.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

from portal.formats.charset import clean
from portal.formats.rich_text import is_rich_text, text_of
from portal.vehicle_facts.understanding import names_nothing

ENTRY = "- "
"""Begins a list entry."""
RULE = "----"
_MOST_ROUNDS = 8
"""Texts are escaped two or three times at most."""

_ATTRIBUTES = r"""(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?\s*/?"""
_NAMED_ATTRIBUTES = rf"(?:(?=\s[^<>]*=){_ATTRIBUTES}|\s*/?)"
"""Of tags of one letter: `a<b und c>d` is a comparison, not bold."""
_DROPPED = re.compile(
    rf"<(script|style|head|title){_ATTRIBUTES}>.*?</\1\s*>|<!--.*?-->|<!\[CDATA\[|\]\]>"
    r"|<!doctype[^<>]*>|<\?xml[^<>]*>|<!\[(?:if|endif)[^<>]*\]>",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = re.compile(rf"<br{_ATTRIBUTES}>[ \t]*\n?|\[br\]|\\\\", re.IGNORECASE)
_RULE = re.compile(rf"<hr{_ATTRIBUTES}>|\[hr\]", re.IGNORECASE)
_ITEM = re.compile(rf"<li{_ATTRIBUTES}>\s*|\[\*\]\s*", re.IGNORECASE)
_BLOCK = re.compile(
    rf"\s*</?p{_NAMED_ATTRIBUTES}>\s*"
    rf"|\s*</?(?:h[1-6]|table|blockquote|pre|section|article|header|footer|center|form|aside|details|summary|fieldset|legend){_ATTRIBUTES}>\s*"
    r"|\s*\[/?(?:quote|center|table)(?:=[^\]\n]*)?\]\s*",
    re.IGNORECASE,
)
_LINE = re.compile(
    rf"</?(?:div|ul|ol|dl|tr|dt|dd|tbody|thead|html|body|main|nav|figure|address){_ATTRIBUTES}>|</li\s*>"
    r"|\[/?(?:list|ul|ol|tr|li)(?:=[^\]\n]*)?\]",
    re.IGNORECASE,
)
_SOFT = "\x1e"
"""A line ends here, once, however many tags say so."""
_SOFT_BREAKS = re.compile(rf"[ \t]*\n?(?:[ \t]*{_SOFT}[ \t]*\n?)+")
_CELL = re.compile(rf"</?(?:td|th){_ATTRIBUTES}>", re.IGNORECASE)
_INLINE = re.compile(
    rf"</?[abiusq]{_NAMED_ATTRIBUTES}>"
    r"|</?(?:strong|em|span|font|small|big|sub|sup|strike|del|ins|mark|code|tt|img|wbr|o:p|label|abbr|cite"
    rf"|meta|link|input|button|iframe|video|source|svg|path|figcaption|base|col|colgroup|caption|nobr|time|kbd|var"
    rf"|bdi|bdo|dfn|acronym|object|embed|param|picture|marquee|blink|[ovw]:[a-z]+|st1:[a-z]+){_ATTRIBUTES}>"
    r"|\[/?(?:b|i|u|s|size|color|font|url|email|left|right|td)(?:=[^\]\n]*)?\]"
    r"|\[img\][^\[\n]*\[/img\]",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BOLD = re.compile(r"(?<!\*)\*\*(?![\s*])([^*\n]+?)(?<![\s*])\*\*(?!\*)")
_SYMBOLS = "\uf0b7\uf0a7\uf0d8\uf0fc\uf076•●▪■◦‣⁃∙◆♦★☆✓✔✅☑➤►▶➡▸◾▫□❖➔➢➣✪✦✧❯"
_EMOJI = "[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]"
_MARK = rf"(?:(?:[{_SYMBOLS}]|{_EMOJI})[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]*)"
_BULLET = re.compile(rf"(?:{_MARK}+\s*|[·»→–—*-]\s+|-(?=[^\W\d_]))(?=[^\s])")
_RULER = re.compile(r"([-=_*~#+])\1{3,}\Z")
_BLANKS = re.compile(r"[\t\u00a0\u2000-\u200a\u202f\u3000]")
_BLANK_RUNS = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u3000]+")
_SIGNS = re.compile(rf"[<&\[*{_SYMBOLS}·»→–—\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]")
_RUNS = ("ï¿½", "\\\\", "\n ", " \n", "\n\n\n", *(4 * sign for sign in "-=_~#"))
_DASH = re.compile(r"\n-(?! \S)")
"""Each is something that may have to be changed; without one of these a text is plain already."""


def plain_text(text: str) -> str:
    """The text as lines, list entries and rules. Idempotent."""
    if is_rich_text(text):
        text = text_of(text)
    text = text.strip()
    for _round in range(_MOST_ROUNDS):
        if _is_plain(text):
            break
        before, text = text, plainer(text)
        if text == before:
            break
    return text


def _is_plain(text: str) -> bool:
    """What most texts are is found out without taking them apart."""
    return (
        text.replace("\n", "").isprintable()
        and text == text.strip()
        and not any(map(text.__contains__, _RUNS))
        and _SIGNS.search(text) is None
        and _DASH.search(f"\n{text}") is None
    )


def plainer(text: str) -> str:
    """What it means, escaped once less."""
    bare = _without_marks(clean(text))
    return _lines(bare, is_markup="<" in text and bare.count("<") < text.count("<"))


def plain_line(text: str) -> str:
    """The same in one line, for facts that have no more: make, model, colour, a highlight."""
    if "\n" not in text and not text.startswith(ENTRY) and _is_plain(text):
        return text
    return " ".join(line.removeprefix(ENTRY) for line in plain_text(text).split("\n") if line)


def stated_line(text: str) -> str:
    """The same; empty where a dash or `k.A.` alone says that nothing is stated."""
    return "" if names_nothing(text) else plain_line(text)


def _without_marks(text: str) -> str:
    """Tags, entities and BBCode as what they mean: breaks, list entries, characters."""
    if "<" in text or "[" in text or "\\\\" in text:
        text = _DROPPED.sub("", text)
        text = _ITEM.sub(f"{_SOFT}{ENTRY}", text)
        text = _RULE.sub(f"\n{RULE}\n", text)
        text = _BLOCK.sub("\n\n", text)
        text = _LINE.sub(_SOFT, text)
        text = _BREAK.sub("\n", text)
        text = _CELL.sub(" ", text)
        text = _SOFT_BREAKS.sub("\n", _INLINE.sub("", text))
    if "&" in text:
        text = _ENTITY.sub(_named, text)
    return _BOLD.sub(r"\1", text) if "**" in text else text


def _named(entity: re.Match[str]) -> str:
    """The character of an entity; `&uumlaut;`, which only begins like one, stays."""
    is_known = entity[0][1] == "#" or entity[0][1:] in html5
    return html.unescape(entity[0]) if is_known else entity[0]


def _lines(text: str, *, is_markup: bool) -> str:
    """Bullets as list entries, rulers as rules; no two empty lines, in HTML no doubled blanks either."""
    found: list[str] = []
    blanks = _BLANK_RUNS if is_markup else _BLANKS
    for raw in text.split("\n"):
        for line in _entries(blanks.sub(" ", raw).strip()):
            if line or (found and found[-1]):
                found.append(line)
    return "\n".join(found).strip("\n")


def _entries(line: str) -> list[str]:
    """A line that begins with a bullet is an entry, or several where the bullet comes again."""
    if line[:1].isalpha():
        return [line]  # nearly all
    if _RULER.match(line):
        return [RULE]
    bullet = _BULLET.match(line)
    if not bullet:
        return [line]
    mark = bullet[0].strip()
    rest = line[bullet.end() :]
    parts = rest.split(mark) if mark and mark[0] in _SYMBOLS else [rest]
    return [ENTRY + part.strip() for part in parts if part.strip()]
