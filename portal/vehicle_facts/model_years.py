"""Since when cars of a name are built: a first registration before that is a slip.

The first calendar year in which a car of that name was built anywhere; only names that were never used
before. A model that is not named here is not doubted.
"""

from __future__ import annotations

from portal.vehicle_facts.spelling import folded

_SINCE = {
    "Audi": (
        "A1 2010, A3 1996, A4 1994, A5 2007, A6 1994, A7 2010, A8 1994, Q2 2016, Q3 2011, Q4 e-tron 2021, "
        "Q5 2008, Q7 2005, Q8 2018, TT 1998, e-tron 2018"
    ),
    "BMW": (
        "i3 2013, i4 2021, iX 2021, iX3 2020, X1 2009, X2 2018, X3 2003, X4 2014, X5 1999, X6 2008, Z4 2002"
    ),
    "Citroën": "C1 2005, C3 2002, C4 2004, C5 2001",
    "Cupra": "Born 2021, Formentor 2020",
    "Dacia": "Duster 2010, Logan 2004, Sandero 2008, Spring 2020",
    "Fiat": "500X 2014, Ducato 1981, Panda 1980",
    "Ford": (
        "C-Max 2003, EcoSport 2003, Fiesta 1976, Focus 1998, Galaxy 1995, Kuga 2008, Mondeo 1993, Puma "
        "1997, S-Max 2006"
    ),
    "Hyundai": "i10 2007, i20 2008, i30 2007, IONIQ 2016, IONIQ 5 2021, Kona 2017, Tucson 2004",
    "Kia": "Ceed 2006, EV6 2021, Niro 2016, Picanto 2003, Sportage 1993, Stonic 2017",
    "Mazda": "2 2002, 3 2003, 6 2002, CX-3 2015, CX-5 2011",
    "Nissan": "Juke 2010, Leaf 2010, Qashqai 2006",
    "Opel": (
        "Adam 2012, Astra 1991, Corsa 1982, Crossland X 2017, Grandland X 2017, Insignia 2008, Meriva "
        "2003, Mokka 2012, Zafira 1999"
    ),
    "Peugeot": "107 2005, 108 2014, 207 2006, 208 2012, 2008 2013, 3008 2009, 307 2001, 308 2007",
    "Porsche": "Cayenne 2002, Macan 2014, Panamera 2009, Taycan 2019",
    "Renault": "Captur 2013, Clio 1990, Kadjar 2015, Scenic 1996, Twingo 1993, ZOE 2012",
    "Seat": "Arona 2017, Ateca 2016, Ibiza 1984, Leon 1999, Mii 2011",
    "Skoda": (
        "Citigo 2011, Enyaq 2020, Fabia 1999, Kamiq 2019, Karoq 2017, Kodiaq 2016, Superb 2001, Yeti 2009"
    ),
    "smart": "forfour 2004, fortwo 1998",
    "Tesla": "Model 3 2017, Model S 2012, Model X 2015, Model Y 2020",
    "Toyota": "Aygo 2005, C-HR 2016, Prius 1997, Yaris 1999",
    "VW": (
        "Amarok 2010, Arteon 2017, Golf 1974, ID.3 2019, ID.4 2020, ID.5 2021, ID.7 2023, Passat 1973, "
        "Polo 1975, Scirocco 1974, Sharan 1995, T-Cross 2018, T-Roc 2017, Taigo 2021, Tiguan 2007, "
        "Touareg 2002, Touran 2003, up! 2011"
    ),
    "Volvo": "XC40 2017, XC60 2008, XC90 2002",
}
_MAKES = {"volkswagen": "vw", "mercedes": "mercedesbenz"}
"""Other names of a make."""


def first_year(make: str, model: str) -> int | None:
    """None for a model that is not in the table."""
    name = folded(make)
    return _YEARS.get((_MAKES.get(name, name), folded(model)))


_YEARS = {
    (folded(make), folded(entry.rpartition(" ")[0])): int(entry.rpartition(" ")[2])
    for make, entries in _SINCE.items()
    for entry in entries.split(", ")
}
