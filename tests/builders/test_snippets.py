"""Promises of what is copied from the workbench into other builders."""

import json

import pytest

from connector.builders.snippets import left_out, n8n, node_red
from tests.growth import grows_in_proportion

ACTION = {"name": "add_to_opt_out", "title": "Add to opt-out", "version": 1}


def test_a_path_goes_into_a_node_whatever_blanks_stand_around_it() -> None:
    mapping = {"number": "{{ \n phone\t}}", "reason": "Said {{a.b}} and {{ c }}"}

    (red,) = json.loads(node_red(ACTION, mapping))
    (node,) = json.loads(n8n(ACTION, mapping))["nodes"]

    assert [field["value"] for field in red["fields"]] == [
        "payload.phone", '"Said " & payload.a.b & " and " & payload.c',
    ]  # fmt: skip
    assert node["parameters"]["fields"]["value"] == {
        "number": "={{ $json.phone }}", "reason": "=Said {{ $json.a.b }} and {{ $json.c }}",
    }  # fmt: skip


def test_what_is_more_than_a_path_is_left_out_and_named() -> None:
    assert left_out({"number": "{{ a || b }}", "reason": "{{ }}", "lists": "{{ a }}"}) == ["number", "reason"]


@pytest.mark.parametrize("piece", [" ", "{{ ", "{", "{{ a", "{{ a }}", "\n"])
def test_r17_a_text_is_taken_apart_in_time(piece: str) -> None:
    assert grows_in_proportion(lambda text: left_out({"reason": text}), piece, begin="{{")
