"""mobile.de's reference data as XML, the form that the operator's own page documents. Pure."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from portal.platforms.common.matching import Pairs

LANGUAGES = ("de", "", "en")
"""Of a description, the first that there is."""


def read_list(body: bytes) -> Pairs | None:
    """(key, label) pairs; None for what is no such list. Elements go by their local names: the namespaces'
    addresses are not documented."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    items = [element for element in root.iter() if _name(element) == "item"]
    pairs = [(item.get("key", ""), _label(item)) for item in items]
    if not all(key for key, _ in pairs) or (not items and "reference" not in root.tag):
        return None
    return tuple((key, label or key) for key, label in pairs)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _label(item: Element) -> str:
    labels = {}
    for part in item.iter():
        if _name(part) == "local-description":
            spelled = {name.rpartition("}")[2]: value for name, value in part.attrib.items()}
            language = (spelled.get("xml-lang") or spelled.get("lang") or "")[:2].casefold()
            labels[language] = " ".join((part.text or "").split())
    return next((labels[language] for language in LANGUAGES if labels.get(language)), "")
