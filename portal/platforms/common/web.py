"""Addresses of vehicles on the dealer's website, by a template such as `https://…/fahrzeug/{number}`."""

from __future__ import annotations

from urllib.parse import quote

from portal.formats.charset import one_line
from portal.platforms.common.catalogue import BY_NAME
from portal.platforms.common.delivery import web_address_problem
from portal.platforms.common.template import Part, filled, problem
from portal.platforms.common.view import View
from portal.platforms.contract.fields import SettingField


def vehicle_page(platform: str) -> SettingField:
    return SettingField(
        name="vehicle_url",
        label="Adresse der Fahrzeugseite",
        type="text",
        help=f"{platform} führt Interessenten auf die Seite des Fahrzeugs in Ihrer Website. {{number}} steht "
        "für die Fahrzeugnummer: https://www.autohaus-muster.de/fahrzeuge/{number}",
        required=True,
        step="access",
        longest=300,
        check=_page_problem,
    )


def link(view: View, parts: tuple[Part, ...]) -> str:
    return filled(parts, lambda name: quote(one_line(str(BY_NAME[name].value(view) or "")), safe=""))


def _page_problem(text: str) -> str:
    if found := problem(text):
        return found
    if "{number}" not in text and "{vin}" not in text:
        return "In der Adresse fehlt {number}: Jedes Fahrzeug braucht seine eigene Seite."
    return web_address_problem(text.replace("{", "").replace("}", ""))
