"""Pages and the style sheet leave compressed where the browser can read it."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

STYLES = "/static/vendor/tabler.min.css"


def body(client: FlaskClient, address: str, *accepted: str) -> tuple[str, bytes]:
    """The encoding and the bytes of an answer."""
    headers = {"Accept-Encoding": ", ".join(accepted)} if accepted else {}
    with client.get(address, headers=headers) as answer:
        assert "Accept-Encoding" in answer.headers["Vary"]
        return answer.headers.get("Content-Encoding", ""), answer.data


@pytest.mark.parametrize("address", ["/login", STYLES])
@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_text_leaves_compressed(client: FlaskClient, address: str, encoding: str) -> None:
    _, plain = body(client, address)
    used, packed = body(client, address, encoding)
    assert used == encoding
    assert len(packed) < len(plain) / 2


def test_the_style_sheet_is_whole_after_unpacking(client: FlaskClient) -> None:
    assert gzip.decompress(body(client, STYLES, "gzip")[1]) == body(client, STYLES)[1]
