"""Texts under names, filled from attributes; what is missing is found before the first send (D12)."""

from connector.demo.launch import Running
from tests.engine.scenes import numbers
from tests.heed import Heed


def test_d12_a_saved_text_is_found_changed_and_dropped(heed: Heed) -> None:
    made = heed.post("/v1/templates", {"name": "welcome", "text": "Hi {{ first_name }}, from {{ shop }} {{ opt_out }}"})
    assert (made["language"], made["parameters"]) == ("en", ["first_name", "shop"])
    path = f"/v1/templates/{made['id']}"
    changed = heed.call("PATCH", path, {"text": "Hello {{ first_name }}"}).json
    assert changed["parameters"] == ["first_name"]
    assert heed.get(path) == changed
    assert heed.get("/v1/templates")["items"] == [changed]
    assert heed.get("/v1/options/templates")["options"][0]["value"] == "welcome"
    assert heed.faults("/v1/templates", {"name": "x"}) == {"/text": "required"}
    assert heed.call("POST", "/v1/templates", {"name": "welcome", "text": "again"}).status_code == 409
    assert heed.call("DELETE", path).json == {"deleted": True}
    assert heed.call("GET", path).status_code == 404


def test_d12_a_send_by_template_is_filled_by_parameters_and_attributes(heed: Heed, provider: Running) -> None:
    one, two = numbers(2)
    heed.post("/v1/templates", {"name": "sale", "text": "{{ first_name }}: {{ discount }} off", "language": "en"})
    heed.post("/v1/templates", {"name": "sale", "text": "{{ first_name }}: {{ discount }} Rabatt", "language": "de"})
    sender = heed.sender(provider.url)["id"]
    send = {"sender": sender, "recipients": [{"number": one, "attributes": {"first_name": "Ada", "percent": 20}}]}
    template = {"name": "sale", "language": "de", "parameters": {"discount": "{{ percent }} %"}}
    with heed.working():
        heed.act("send_with_suppression", **send, template=template)
        in_order = {"name": "sale", "parameters": ["Bo", "a lot"]}
        heed.act("send_with_suppression", sender=sender, number=two, template=in_order)
    texts = {number: [h.text for h in provider.handoffs() if h.to == number] for number in (one, two)}
    assert texts == {one: ["Ada: 20 % Rabatt"], two: ["Bo: a lot off"]}


def test_d12_what_is_wrong_with_a_template_is_said_before_anything_is_sent(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    heed.post("/v1/templates", {"name": "sale", "text": "{{ first_name }}: {{ discount }} off"})
    send = {"sender": heed.sender(provider.url)["id"], "number": person}
    path = "/v1/actions/send_with_suppression"
    cases = [
        ({"name": "nothing"}, {"/template/name": "unknown_template"}),
        ({"name": "sale", "language": "fr"}, {"/template/name": "unknown_template"}),
        ({"name": "sale", "parameters": {"percent": 1}}, {"/template/parameters": "unknown_field"}),
        ({"name": "sale", "parameters": 7}, {"/template/parameters": "wrong_type"}),
        ({"name": "sale", "parameters": {"discount": 1}}, {"/attributes": "missing_attribute"}),
    ]
    for template, faults in cases:
        assert heed.faults(path, {**send, "template": template}) == faults
    both = {**send, "template": {"name": "sale"}, "text": "Hello"}
    assert heed.faults(path, both).keys() >= {"/text"}
    assert [h for h in provider.handoffs() if h.to == person] == []


def test_d12_a_campaign_keeps_the_text_it_was_made_with(heed: Heed, provider: Running) -> None:
    (person,) = numbers(1)
    template = heed.post("/v1/templates", {"name": "hello", "text": "Hello {{ first_name }}"})["id"]
    use = {"name": "hello", "parameters": {"first_name": "dear {{ first_name }}"}}
    steps = [{"template": use}]
    body = {"kind": "broadcast", "name": "May", "sender": heed.sender(provider.url)["id"], "steps": steps}
    made = heed.post("/v1/campaigns", body)
    assert made["steps"][0]["template"] == {**use, "language": "en"}
    heed.call("PATCH", f"/v1/templates/{template}", {"text": "Bye"})
    enrolled = heed.post(
        f"/v1/campaigns/{made['id']}/enrol",
        {"recipients": [{"number": person}, {"number": person, "attributes": {"first_name": "Ada"}}]},
    )
    assert [row["status"] for row in enrolled["results"]] == ["rejected", "enrolled"]
    heed.post(f"/v1/campaigns/{made['id']}/start")
    heed.work()
    assert [h.text for h in provider.handoffs() if h.to == person] == ["Hello dear Ada"]


def test_d12_a_parameter_that_nobody_can_read_is_named_when_it_is_saved(heed: Heed) -> None:
    heed.post("/v1/templates", {"name": "sale", "text": "{{ first_name }}: {{ discount }} off"})
    sender, chat = heed.sender()["id"], heed.sender(channel="whatsapp")["id"]
    broken, sound = "{{ percent", "{{ percent }} %"
    campaign = {"kind": "broadcast", "name": "May", "sender": sender}
    cases = [
        ({"name": "sale", "parameters": {"first_name": sound, "discount": broken}}, "discount", sender),
        ({"name": "sale", "parameters": [sound, broken]}, "1", sender),
        ({"name": "metas_own", "language": "en", "parameters": {"a/b": broken, "n": 7}}, "a~1b", chat),
    ]
    for template, name, by in cases:
        body = {**campaign, "sender": by, "steps": [{"template": template}]}
        assert heed.faults("/v1/campaigns", body) == {f"/steps/0/template/parameters/{name}": "bad_expression"}
        send = {"sender": by, "number": "+14155550123", "template": template}
        assert heed.faults("/v1/actions/send_with_suppression", send) == {
            f"/template/parameters/{name}": "bad_expression"
        }
    assert heed.get("/v1/campaigns")["items"] == []
