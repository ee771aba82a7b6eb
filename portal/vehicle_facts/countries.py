"""For which country a vehicle was made: its code (ISO 3166), by the ways in which people write countries."""

from __future__ import annotations

from portal.vehicle_facts.spelling import Vocabulary

COUNTRIES = Vocabulary(
    {
        "DE": ("Deutschland", "D", "Germany", "DEU", "GER", "deutsche Ausführung"),
        "AT": ("Österreich", "A", "Austria", "AUT"),
        "CH": ("Schweiz", "Switzerland", "CHE"),
        "FR": ("Frankreich", "F", "France", "FRA"),
        "IT": ("Italien", "I", "Italy", "ITA"),
        "ES": ("Spanien", "E", "Spain", "ESP"),
        "PT": ("Portugal", "P", "PRT"),
        "NL": ("Niederlande", "Holland", "Netherlands", "NLD"),
        "BE": ("Belgien", "B", "Belgium", "BEL"),
        "LU": ("Luxemburg", "L", "Luxembourg", "LUX"),
        "GB": ("Großbritannien", "UK", "England", "United Kingdom", "GBR", "Vereinigtes Königreich"),
        "IE": ("Irland", "IRL", "Ireland"),
        "DK": ("Dänemark", "Denmark", "DNK"),
        "SE": ("Schweden", "S", "Sweden", "SWE"),
        "NO": ("Norwegen", "N", "Norway", "NOR"),
        "FI": ("Finnland", "FIN", "Finland"),
        "PL": ("Polen", "Poland", "POL"),
        "CZ": ("Tschechien", "Tschechische Republik", "Czechia", "CZE"),
        "SK": ("Slowakei", "Slovakia", "SVK"),
        "HU": ("Ungarn", "H", "Hungary", "HUN"),
        "SI": ("Slowenien", "SLO", "Slovenia", "SVN"),
        "HR": ("Kroatien", "Croatia", "HRV"),
        "RO": ("Rumänien", "Romania", "ROU"),
        "BG": ("Bulgarien", "Bulgaria", "BGR"),
        "GR": ("Griechenland", "Greece", "GRC"),
        "EE": ("Estland", "Estonia", "EST"),
        "LV": ("Lettland", "Latvia", "LVA"),
        "LT": ("Litauen", "Lithuania", "LTU"),
        "TR": ("Türkei", "Turkey", "TUR"),
        "US": ("USA", "Vereinigte Staaten", "United States", "Amerika"),
        "CA": ("Kanada", "Canada", "CAN"),
        "MX": ("Mexiko", "Mexico", "MEX"),
        "JP": ("Japan", "J", "JPN"),
        "KR": ("Südkorea", "Korea", "South Korea", "KOR"),
        "CN": ("China", "CHN"),
        "AE": ("Vereinigte Arabische Emirate", "VAE", "UAE", "Dubai"),
    }
)
"""Of the versions that are sold here, by name, plate and code (ISO 3166)."""
_OTHERS = frozenset(
    {
        *("AD", "AL", "AM", "AR", "AU", "AZ", "BA", "BR", "BY", "CL", "CO", "CY", "GE", "HK", "ID"),
        *("IL", "IN", "IS", "KW", "KZ", "LI", "MA", "MC", "MD", "ME", "MK", "MT", "MY", "NZ", "OM"),
        *("PE", "PH", "QA", "RS", "RU", "SA", "SG", "SM", "TH", "TN", "TW", "UA", "UY", "VN", "ZA"),
    }
)


def read_country(text: str) -> str:
    """The code of a country. Raises NotUnderstood: `EU` and `JA` are none."""
    code = text.strip().upper()
    return code if code in _OTHERS else COUNTRIES.find(text) or COUNTRIES.read(text)
