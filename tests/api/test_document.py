"""The OpenAPI document, asked at random: every answer is one it describes, and none is a failure of the server."""

import traceback
import warnings

import pytest
from api_served import listening, served
from hypothesis import HealthCheck, Phase, given, settings

from api.app import create
from api.house import House, Rules
from api.limits import Limits

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what schemathesis itself imports
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
"""That what is valid is taken is not among them: an index, a passage, a filter may be well written and not there."""


@schemathesis.serializer("application/x-ndjson")
def lines(ctx, value):
    """Text as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    with served(tmp_path_factory.mktemp("document")) as at:
        rules = Rules(Limits(rate=1_000_000, failures=1_000_000, grace=5))
        with listening(create(House(at.house.shelf, keys=at.house.keys, rules=rules))) as port:
            found = schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
            found.key = at.keys["admin"]
            yield found


@pytest.mark.filterwarnings("ignore")
def test_whatever_is_sent_the_answer_is_one_that_is_described(document):
    headers = {"Authorization": f"Bearer {document.key}"}
    operations = [found.ok() for found in document.get_all_operations()]
    failed = {}
    for operation in operations:

        @settings(max_examples=15, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(operation.as_strategy())
        def one(case):
            case.call_and_validate(headers=headers, checks=CHECKS, timeout=20)

        try:
            one()
        except BaseException as error:  # noqa: BLE001 - a group of failures; all operations are shown together
            failed[operation.label] = "".join(traceback.format_exception(error))[-1500:]
    assert failed == {}
    assert len(operations) >= 20


def test_the_document_has_every_route_with_an_example_of_what_it_gives(document):
    found = document.raw_schema["paths"]
    assert len(found) >= 20
    bare = [
        path
        for path, methods in found.items()
        for method, said in methods.items()
        if not any("example" in kind for kind in said["responses"]["200"].get("content", {}).values())
    ]
    assert sorted(bare) == ["/health", "/metrics", "/ready", "/version"]
