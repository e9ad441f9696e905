"""The dashboard and the alerts ask for what Heed really answers."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connector.demo.launch import Running
from tests.engine.scenes import numbers
from tests.heed import Heed
from tests.receiver import receiving

_DEPLOY = Path(__file__).parents[2] / "deploy"
_FILES = ("alerts.yml", "grafana.json")
_BY_WORDS = {"by", "sum", "max", "min", "rate", "topk", "absent", "histogram_quantile"}


@pytest.fixture
def answered(heed: Heed, provider: Running) -> dict[str, set[str]]:
    """Every sample of a Heed at which everything has happened once: its name and its labels."""
    with receiving() as receiver:
        heed.post("/v1/webhooks", {"url": receiver.url, "events": ["contact.opted_out"]})
        heed.act("add_to_opt_out", number=numbers(1)[0])
        body = {"sender": heed.sender(provider.url)["id"], "number": numbers(1)[0], "text": "hi", "async": True}
        heed.post("/v1/actions/send_with_suppression", body)
        heed.work()
        heed.house.notify.work(5.0)
    text = heed.app.test_client().get("/metrics").text
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def expressions(name: str) -> list[str]:
    text = (_DEPLOY / name).read_text()
    if name.endswith(".json"):
        return [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    return re.findall(r"^ +expr: (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", _FILES)
def test_every_metric_and_label_that_is_asked_for_is_answered(name: str, answered: dict[str, set[str]]) -> None:
    asked = expressions(name)
    assert len(asked) >= 12
    for one in asked:
        names = re.findall(r"heed_[a-z_]+", one)
        assert names, one
        assert [metric for metric in names if metric not in answered] == []
        labels = {label for part in re.findall(r"\{([^}]*)\}|by \(([^)]*)\)", one) for label in _labels("".join(part))}
        assert labels <= set().union(*(answered[metric] for metric in names)), one
        assert one.count("(") == one.count(")")


def _labels(part: str) -> list[str]:
    return re.findall(r"([a-z_]+)\s*(?:[=!~]|,|$)", part)


def test_what_is_answered_is_looked_at(answered: dict[str, set[str]]) -> None:
    """A gauge that neither a rule nor a panel asks for is one too many."""
    asked = "\n".join(one for name in _FILES for one in expressions(name))
    gauges = [name for name in answered if name.startswith("heed_") and not answered[name]]
    bare = [name for name in gauges if not name.endswith(("_count", "_sum", "_created"))]

    assert [name for name in bare if name not in asked] == []
