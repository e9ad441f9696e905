"""The Power Automate connector under the parser that most tools read OpenAPI 2.0 with."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.node import run, unpacked

DEFINITION = "apiDefinition.swagger.json"


@pytest.fixture
def judged(tmp_path: Path) -> Any:
    folder = unpacked(
        EXPORTS["power-automate"].make(bootstrap.pack().publish(), "https://heed.example"), tmp_path / "it", "swagger"
    )

    def judge(document: Any = None) -> Any:
        if document is not None:
            (folder / DEFINITION).write_text(json.dumps(document))
        return run("swagger.js", folder, {"file": DEFINITION}, "swagger")["faults"]

    return judge, json.loads((folder / DEFINITION).read_text())


def test_the_connector_is_read_and_a_broken_copy_is_not(judged: Any) -> None:
    judge, document = judged

    assert judge() is None
    document["paths"]["/v1/webhooks"]["post"]["parameters"][0]["in"] = "everywhere"
    assert judge(document) is not None
