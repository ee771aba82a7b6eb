"""What `make prism` reads from Prism's log."""

from __future__ import annotations

from tools.prism.__main__ import read, report

LOG = """
[3:28 AM] › [CLI] ℹ  info      GET        http://127.0.0.1:4010/public/v1/makes
[3:28 AM] › [HTTP SERVER] get /public/v1/sellers/4601/listings/external-id/key-1 ℹ  info      Request received
[3:28 AM] ›     [VALIDATOR] ⚠  warning   Violation: response Unable to match the returned status code
[3:28 AM] › [HTTP SERVER] post /public/v1/sellers/4601/listings ℹ  info      Request received
[3:28 AM] ›     [VALIDATOR] ✖  error     Violation: request.body Request body must have property 'price'
[3:28 AM] › [HTTP SERVER] get /public/v1/sellers/4601/listings?page=0 ℹ  info      Request received
[3:28 AM] ›     [VALIDATOR] ✖  error     Violation: response.body.content must be array
"""


def test_violations_belong_to_the_operation_before_them() -> None:
    heard = read(LOG)
    assert dict(heard.operations) == {
        "GET /public/v1/sellers/…/listings/external-id/…": 1,
        "POST /public/v1/sellers/…/listings": 1,
        "GET /public/v1/sellers/…/listings": 1,
    }
    assert [(one.operation, one.of_request) for one in heard.violations] == [
        ("POST /public/v1/sellers/…/listings", True),
        ("GET /public/v1/sellers/…/listings", False),
    ]


def test_a_refusal_that_the_document_does_not_name_is_counted_apart() -> None:
    heard = read(LOG)
    assert heard.unnamed == 1
    assert "3 requests: 1 of them and 1 of their answers are not as the document says." in report(heard)
