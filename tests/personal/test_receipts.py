"""The receipt of consent: the standard's fields, filled in truly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from personal.kept import NOTES, allow, grants

from indexers.personal import receipts
from indexers.personal.grants import INDEX, Purpose, Request, Scope, Use, settled
from indexers.sources.connectors.base import Caution

FIELDS = {
    "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "publicKey", "language",
    "piiPrincipalId", "piiControllers", "policyUrl", "services", "sensitive", "spiCat",
}  # fmt: skip


def test_a_grant_is_told_in_the_fields_of_the_standard(tmp_path: Path) -> None:
    request = settled(Request("notes", (str(tmp_path),), (INDEX, Purpose(Use.HOSTED, "gpt-x")), expires="2030"))
    grant = allow(grants(tmp_path), replace(request, scope=Scope(cautions=(Caution.SPAM,))))
    said = json.loads(json.dumps(receipts.consent(grant, NOTES)))
    assert said.keys() == FIELDS | {"cascade"}
    assert (said["version"], said["consentReceiptID"], said["piiPrincipalId"]) == ("KI-CR-v1.1.0", grant.id, "owner")
    (service,) = said["services"]
    assert service["service"] == "notes 1"
    told = {one["purpose"]: (one["thirdPartyDisclosure"], one["thirdPartyName"]) for one in service["purposes"]}
    assert told == {"index": (False, ""), "hosted-model:gpt-x": (True, "gpt-x")}
    assert {one["primaryPurpose"] for one in service["purposes"] if one["purpose"] == "index"} == {True}
    assert service["purposes"][0]["termination"] == f"2030-12-31, or when it is revoked: cascade me revoke {grant.id}"
    assert said["cascade"]["roots"] == list(grant.details.roots)
    assert said["cascade"]["scope"]["cautions"] == ["spam"]
    assert said["cascade"]["policySha256"] == grant.terms.policy


def test_a_grant_by_a_file_says_so_and_one_without_an_end_names_only_the_undoing(tmp_path: Path) -> None:
    grant = allow(grants(tmp_path), Request("notes", (str(tmp_path),)))
    grant = replace(grant, terms=replace(grant.terms, how="file"))
    said = receipts.consent(grant, NOTES)
    assert said["collectionMethod"] == "a prepared file"
    assert said["services"][0]["purposes"][0]["termination"].startswith("when it is revoked")
