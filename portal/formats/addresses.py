"""Addresses as people type them, and as machines take them: umlaut domains by IDNA, paths percent-encoded.

Kept and shown as typed, converted where they leave. IDNA 2008 with the mapping of UTS 46, as browsers do
it: capitals are small, `ß` stays a letter of its own.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import quote

import idna

LONGEST_HOST, LONGEST_EMAIL = 253, 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[^\s/?#@:\[\]<>\"\\]+)(?::(?P<port>\d{1,5}))?(?P<rest>[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)
_UNUSABLE = re.compile(r"[\s<>\"\\^`|\x00-\x1f\x7f]")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_KEPT = "/?#:@!$&'()*+,;=-._~%[]"


def ascii_host(text: str) -> str | None:
    """The name or IP address of a server; None for what is neither."""
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    if not text or text.startswith(".") or ".." in text:
        return None
    try:
        found = idna.encode(text.removesuffix("."), uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    return found if len(found) <= LONGEST_HOST else None


def ascii_email(text: str) -> str | None:
    """One plain mail address; None for anything that could carry a second one or a header.

    Before the @ nothing but ASCII: mail servers that take more are rare, and refuse late.
    """
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64:
        return None
    host = ascii_host(domain)
    if host is None or not _is_mail_domain(host):
        return None
    address = f"{local}@{host}"
    return address if len(address) <= LONGEST_EMAIL else None


def ascii_url(text: str, kept: str = "") -> str | None:
    """An http(s) address; None for what is none. `kept` are signs that stay although no address has them:
    the braces of a template."""
    found = _URL.fullmatch(text)
    if not found or _UNUSABLE.search(text) or int(found["port"] or 1) not in range(1, 65_536):
        return None
    host = ascii_host(found["host"])
    if host is None:
        return None
    port = f":{found['port']}" if found["port"] else ""
    rest = quote(_LONE_PERCENT.sub("%25", found["rest"] or ""), safe=_KEPT + kept)
    return f"{found['scheme'].lower()}://{host}{port}{rest}"


def _is_mail_domain(host: str) -> bool:
    """With a top-level domain, which is no number."""
    head, dot, last = host.rpartition(".")
    return bool(head and dot) and len(last) >= 2 and not last.isdigit() and ":" not in host
