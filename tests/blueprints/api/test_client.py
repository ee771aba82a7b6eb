"""The client in docs/, run as a dealer would, against the running application."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from portal.blueprints.api.keys import OFFERED, make_key
from portal.models import Dealer, Vehicle
from tests.blueprints.api.test_vehicles import GOLF
from tests.builders import Build
from tests.vehicles.test_images import picture

CLIENT = Path(__file__).parents[3] / "docs" / "portal_client.py"


def test_the_client_of_the_docs_sends_a_stock_with_pictures_and_says_what_is_not_online(
    app: Flask, build: Build, session: Session, alices: Dealer, tmp_path: Path
) -> None:
    build.activation(alices)
    _key, plain = make_key(session, build.user("tool", alices), "Werkstatt", OFFERED)
    session.commit()
    stock, pictures = tmp_path / "stock.json", tmp_path / "pictures"
    stock.write_text(json.dumps([GOLF, GOLF | {"offer_number": "A2", "fuel": "steam"}]), "utf-8")
    (pictures / "A1").mkdir(parents=True)
    for place, colour in enumerate(("red", "blue")):
        (pictures / "A1" / f"{place}.jpg").write_bytes(picture(colour=colour))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        command = [sys.executable, CLIENT, f"http://127.0.0.1:{server.port}", plain, "HH", stock, pictures]
        for _ in range(2):  # the second time nothing is new
            run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert run.returncode == 0, run.stderr
    finally:
        server.shutdown()
        thread.join()
    assert "A2 rejected: fuel: " in run.stdout
    assert "A1 at mobile-de: " in run.stdout
    session.expire_all()
    [vehicle] = session.scalars(select(Vehicle))
    assert len(vehicle.images) == 2


def test_the_client_is_short_enough_to_read() -> None:
    assert len(CLIENT.read_text("utf-8").splitlines()) <= 120
