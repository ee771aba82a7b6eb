"""Commands that bring vehicles in: `import-vehicles` and `demo`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.demo.load import is_empty, load
from portal.extensions import db
from portal.models import Dealer, ImportRow, Location, VehicleImport
from portal.vehicles.stock_import import import_stock


@click.command("import-vehicles")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dealer", "key", required=True, help="Key of the dealer.")
@click.option("--location", "code", required=True, help="Code of the location.")
@click.option("--partial", is_flag=True, help="Leave vehicles alone that the file does not name.")
@with_appcontext
def import_vehicles(file: Path, key: str, code: str, partial: bool) -> None:
    """Import FILE as the whole stock of a location, or as a part of it."""
    dealer, location = _find(key, code)
    most_bytes = current_app.extensions["settings"].max_upload_mb * 1024 * 1024
    try:
        with file.open("rb") as stream:
            report = import_stock(db.session(), stream, dealer, location, file.name, partial, most_bytes)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    db.session.commit()
    if report.error:
        raise click.ClickException(f"{file}: {report.error!s}")
    _print(report)


def _find(key: str, code: str) -> tuple[Dealer, Location]:
    dealer = db.session.scalar(select(Dealer).where(Dealer.key == key))
    if dealer is None:
        raise click.ClickException(f"There is no dealer {key}.")
    location = next((each for each in dealer.locations if each.code == code), None)
    if location is None:
        known = ", ".join(each.code for each in dealer.locations) or "none"
        raise click.ClickException(f"The dealer {key} has no location {code} (locations: {known}).")
    return dealer, location


def _print(report: VehicleImport) -> None:
    """The reasons are German, like on the page."""
    rows = select(ImportRow).where(ImportRow.import_id == report.id).order_by(ImportRow.line, ImportRow.id)
    for row in db.session.scalars(rows):
        column = f", Spalte {row.column}" if row.column else ""
        number = f" [{row.offer_number}]" if row.offer_number else ""
        value = f" („{row.value}“)" if row.value else ""
        taken = "" if row.refused else " (übernommen)"
        click.echo(f"Zeile {row.line}{column}{number}{taken}: {row.reason!s}{value}")
    if report.note:
        click.echo(str(report.note))
    click.echo(
        f"{report.taken} taken, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.rejected} rejected, {report.withdrawn} withdrawn"
    )
    if report.remarked:
        click.echo(f"{report.remarked} were taken although something of them was not read")


# `demo`: the dealers that `make run` shows.


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Load the two demo dealers into an empty database."""
    if current_app.extensions["settings"].production:
        raise click.ClickException("The demo has people with known passwords; production gets none.")
    if not is_empty(db.session()):
        raise click.ClickException("The database already has dealers. The demo belongs into an empty one.")
    counts = load(db.session(), current_app.extensions["vault"])
    click.echo(
        f"Loaded {counts.dealers} dealers with {counts.vehicles} vehicles and {counts.pictures} pictures."
    )
