"""What is there once all of `make run` answers: listings at the sandbox, and words on the terminal.

`python -m portal.launching.greeting`: the launcher stays, and would keep what this loads.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from config import Settings, load_settings
from portal.demo.listings import MARKETS, place
from portal.demo.load import AGENT_SECRET
from portal.launching import steps
from portal.platforms import APPS
from portal.platforms.contract.environment import BASE_URL


def greet() -> None:
    settings = load_settings()
    # One of the demo dealers has listings at the sandbox already; at real platforms nothing is put in.
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        for market in MARKETS:
            if market.app in settings.platforms and not _named_url(market.app):
                place(session, settings, market)
    engine.dispose()
    print(_welcome(settings), flush=True)


def _welcome(settings: Settings) -> str:
    platforms = "\n".join(
        f"  {APPS[slug].name!s:<19}  {_named_url(slug) or 'the sandbox'}" for slug in settings.platforms
    )
    return f"""
  Portal     http://localhost:{settings.port}
  Sandbox    http://localhost:{settings.sandbox_port}   (marketplaces to develop against; caught mails)
  Mail       smtp://localhost:{os.environ["SANDBOX_SMTP_PORT"]}
  Files      sftp://localhost:{settings.sandbox_sftp_port}, ftp://localhost:{settings.sandbox_ftp_port}
             (user 4711001, password portal-sandbox)
  Drops      sftp://localhost:{settings.drop_port}   (an access is made under Einstellungen, Bestandsquellen)
{platforms}
  Data       {settings.data_dir}   (logs in {_short(settings.data_dir / "log")})

  Demo logins (password "demo"):
    anna    Autohaus Muster, 60 vehicles, mobile.de 4711001 and AutoScout24 2142000471
    bernd   Autohaus Sonnenschein, 300 vehicles, mobile.de 4711002 and AutoScout24 2142000472,
            45 listings at each
    sam     support, with a second factor: {AGENT_SECRET} is the secret for an
            authenticator app, `.venv/bin/python -m portal.demo.code` prints the code of now

  Ctrl-C ends everything.
"""


def _named_url(slug: str) -> str:
    """Where the environment points a platform to; empty: to the sandbox."""
    return next((os.environ.get(v.name, "") for v in APPS[slug].environment if v.key == BASE_URL), "")


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


if __name__ == "__main__":
    steps.run(greet)
