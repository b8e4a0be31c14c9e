"""The OpenAPI document, asked at random: every answer is one it describes, and none is a failure of the server."""

import warnings

import pytest
from api_served import served
from hypothesis import HealthCheck, settings

from api.house import Rules
from api.limits import Limits

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what schemathesis itself imports
    import schemathesis
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    rules = Rules(Limits(rate=1_000_000, failures=1_000_000))
    with served(tmp_path_factory.mktemp("document"), rules) as at:
        yield at, schemathesis.openapi.from_dict(at.client.get("/openapi.json").json())


CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)


@pytest.mark.filterwarnings("ignore")
def test_every_operation_answers_as_it_is_described_to_whatever_it_is_sent(document):
    at, schema = document
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 25
    failed = []
    for operation in operations:

        @settings(max_examples=12, deadline=None, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        def one(case):
            found = send(at, case)
            assert found.status_code < 500, (case.method, case.path, found.text[:200])
            case.validate_response(found, checks=CHECKS)

        try:
            operation.as_strategy().flatmap  # noqa: B018 - the strategy is built before it is drawn from
            run = schemathesis_given(operation, one)
            run()
        except Exception as error:  # noqa: BLE001 - all are shown together
            failed.append(f"{operation.method} {operation.path}: {error}")
    assert failed == []
