"""What the document says of answers is what Heed answers: every call of it is made here."""

import re

import pytest
from sqlalchemy import select

from connector.domain.ids import row_number
from connector.store.tables import metadata
from schemas.resources import SCOPES
from tests.builders.described import Described, operations
from tests.heed import Heed
from tests.oracles import key_with

NUMBER = "+14155550123"
ASKED = "?number=%2B14155550123"


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_every_answer_is_as_described(heed: Heed, provider) -> None:
    described = Described(heed)
    call = described.call

    the_catalogue(call)
    sender = the_senders(call, provider.url)
    the_lists(call, sender)
    the_files(call, heed)
    with heed.working():
        the_actions(call, sender)
        the_campaigns(call, sender)
    what_is_known_of_somebody(call)
    the_contacts(call)
    the_templates(call)
    the_mappings(call)
    the_replies(call)
    the_webhooks(call, heed)
    the_forms(call, heed)
    the_accounts(call)
    the_users(call)
    the_keys(call)
    the_agents(call)
    the_service(call, heed)

    assert set(described.operations) - described.called == set()


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_the_scopes_are_those_that_are_asked_for(heed: Heed) -> None:
    document = heed.get("/openapi.json")
    checked = 0
    for id, (method, path, operation) in operations(document).items():
        scopes = {scope for way in operation.get("security", []) for scope in way["key"]}
        address = re.sub(r"{(\w+)}", "nothing", path)
        if scopes:
            checked += 1
            others = key_with(heed, *(scope for scope in SCOPES if scope not in scopes))
            assert (id, heed.call(method, address, {}, key=others).status_code) == (id, 403)
        for scope in scopes:
            only = key_with(heed, scope)
            assert (id, heed.call(method, address, {}, key=only).status_code) != (id, 403)
    assert checked > 25


def the_catalogue(call) -> None:
    call("get_me")
    call("list_actions")
    call("get_action", action="check_consent")
    call("get_action", action="check_consent", query="?version=99", status=404)
    call("get_action_form", action="check_consent")
    call("get_action_form", action="nobody", status=404)
    for source in ("lists", "channels", "senders", "templates", "groups", "sequences"):
        call("list_options", source=source)
    call("list_options", source="lists", query="?shape=zapier")
    call("list_builders")
    call("get_builder_package", builder="node-red")
    call("get_builder_package", builder="toaster", status=404)
    call("list_attributes", {"data": {"contacts": [{"phone": NUMBER, "age": 3, "tags": []}], "none": None}})


def the_users(call) -> None:
    made = call("create_user", {"name": "Anna", "role": "agent"})["id"]
    call("get_user", user=made)
    call("change_user", {"role": "viewer", "password": None}, user=made)
    call("list_users")
    call("create_user", {"name": "anna", "role": "viewer"}, status=409)
    call("delete_user", user=made)
    call("set_panel_origins", {"origins": ["https://inbox.example"]})
    call("get_panel_origins")
    call("create_panel_ticket", {"agent": "Anna"})


def the_senders(call, url: str) -> str:
    sender = call(
        "create_sender", {"provider": "http_api", "channel": "sms", "number": "+14155550100", "settings": {"url": url}}
    )["id"]
    call("get_sender", sender=sender)
    call("change_sender", {"channel_id": 7}, sender=sender)
    call("list_senders")
    call("create_sender", {"provider": "pigeon", "channel": "sms", "number": "+14155550100"}, status=422)
    return sender


def the_lists(call, sender: str) -> None:
    messages = {"first_opt_out": {"text": "You are out.", "description": None}, "first_opt_in": None}
    named = call("create_list", {"name": "News", "keywords": ["STOP NEWS"], "messages": messages, "sender": sender})[
        "id"
    ]
    call("get_list", list="default")
    call("change_list", {"description": "The letter", "webhook_url": "https://hooks.example/x"}, list=named)
    call("list_lists")
    call("change_list", {"name": "Other"}, list="default", status=409)
    call("delete_list", list="default", status=409)
    call("add_entry", {"number": NUMBER, "channel": "sms"}, list=named)
    call("add_entry", {"number": NUMBER, "channel": "email"}, list=named, status=422)
    call("list_entries", list=named, query="?q=0123&channel=sms&limit=1")
    call("list_entries", list=named, query="?kind=x", status=422)
    call("remove_entries", {"entries": [{"number": NUMBER}, {"number": "12"}, {"id": "ent_x"}]}, list=named)
    call("delete_list", list=named)
    call("get_list", list=named, status=404)


def the_actions(call, sender: str) -> None:
    both = {"recipients": [{"number": NUMBER}, {"email": "ada@example.com"}, {"number": "12"}]}
    call("record_opt_in", {"number": NUMBER, "channel": "sms", "evidence": {"form": "shop"}})
    call("add_to_opt_out", {**both, "channel": "all", "reason": "asked"})
    call("check_consent", {"number": NUMBER})
    call("check_consent", both)
    call("get_consent_history", {"number": NUMBER})
    call("remove_from_opt_out", {"email": "ada@example.com"})
    call("add_to_opt_out", {"lists": ["nowhere"], "number": NUMBER}, status=422)
    for more in ({}, {"async": True}, {"send_at": "2099-01-01T00:00:00Z"}):
        people = [{"number": NUMBER}, {"number": "+14155550124"}]
        sent = call("send_with_suppression", {"sender": sender, "recipients": people, "text": "Hello", **more})
        call("get_send", send=sent["id"])


def the_campaigns(call, sender: str) -> None:
    steps = [{"text": "Hello {{ first_name }}"}, {"delay": "P1D", "text": "Again"}]
    made = call("create_campaign", {"kind": "sequence", "name": "Welcome", "sender": sender, "steps": steps})["id"]
    call("list_campaigns")
    call("get_campaign", campaign=made)
    people = [{"number": "+14155550125", "attributes": {"first_name": "Ada"}}, {"number": "12"}, {"number": NUMBER}]
    call("enrol_in_campaign", {"recipients": people}, campaign=made)
    call(
        "enrol_in_campaign",
        f"Phone,first_name\n+14155550127,Cy\n12,Di\n{NUMBER},Ed,\n",
        campaign=made,
        query="?map=Phone:number",
    )
    call("start_campaign", {"skip_incomplete": True}, campaign=made)
    for turn in ("pause", "resume"):
        call(f"{turn}_campaign", {}, campaign=made)
    call("change_campaign", {"lists": ["default"], "timezone": "Europe/Rome"}, campaign=made)
    call("change_campaign", {"timezone": "Europe/Atlantis"}, campaign=made, status=422)
    call("start_campaign", {}, campaign=made, status=200)
    call("add_to_sequence", {"sequence": made, "number": "+14155550126", "attributes": {"first_name": "Bo"}})
    call("remove_from_sequence", {"sequence": made, "number": "+14155550126"})
    call("cancel_campaign", {}, campaign=made)
    call("get_campaign_report", campaign=made)
    call("get_campaign_report_csv", campaign=made)


def what_is_known_of_somebody(call) -> None:
    call("block_profile", {"number": NUMBER, "blocked": True, "reason": "threats"})
    call("set_channel_flag", {"number": NUMBER, "channel": "sms", "state": "out"})
    call("change_memberships", {"number": NUMBER, "remove": ["default"]})
    call("get_defaults")
    call("change_defaults", {"voice": "out"})
    call("change_defaults", {}, status=422)
    call("get_profile", query=ASKED)
    call("get_profile", status=422)
    call("get_proof", query=ASKED)
    call("get_proof", query=f"{ASKED}&format=html")
    call("get_proof", query=f"{ASKED}&format=pdf", status=422)
    call("list_history", query=f"{ASKED}&limit=1")
    call("list_sends", query=ASKED)
    sends = call("list_sends", query="?limit=2")
    call("list_sends", query=f"?limit=2&cursor={sends['next_cursor']}")
    call("get_send", send=sends["items"][0]["id"])
    call("list_sends", query="?status=thrown", status=422)


def the_contacts(call) -> None:
    made = call("create_contact", {"number": "+14155550166", "attributes": {"first_name": "Ada"}})["id"]
    call("create_contact", {"number": "+14155550166"}, status=409)
    call("create_contact", {"email": "none"}, status=422)
    call("get_contact", contact=made)
    group = call("create_group", {"name": "Readers", "bypass": True})["id"]
    call("change_contact", {"email": "ada@example.com", "groups": [group]}, contact=made)
    call("list_contacts", query="?group=readers&limit=1")
    call("list_contacts", query="?email=ada%40example.com")
    call("list_contacts", query="?group=nobody", status=422)
    people = {"recipients": [{"number": "+14155550167", "attributes": {"city": "Turin"}}, {"number": "12"}]}
    call("add_members", people, group=group)
    call("get_sendable", group=group, query="?channel=sms&lists=default")
    call("get_sendable", group=group, query="?channel=pigeon", status=422)
    call("remove_members", people, group=group)
    call("change_group", {"bypass": False}, group=group)
    call("get_group", group=group)
    call("list_groups")
    call("delete_group", group=group)
    call("delete_contact", contact=made)
    call("erase_profile", {"number": "+14155550167"})


def the_templates(call) -> None:
    text = {"name": "welcome", "language": "en", "text": "Hi {{ first_name }}"}
    made = call("create_template", text)["id"]
    call("create_template", text, status=409)
    call("create_template", {"name": "x", "text": "{{ ("}, status=422)
    call("get_template", template=made)
    call("change_template", {"text": "Hello {{ first_name }}"}, template=made)
    call("list_templates", query="?limit=1")
    call("delete_template", template=made)


def the_mappings(call) -> None:
    mapped = {"mapping": {"number": "{{ contact.phone }}"}, "data": {"contact": {"phone": NUMBER}}}
    call("run_mapped_action", mapped, action="add_to_opt_out")
    call("preview_action", mapped, action="add_to_opt_out")
    call("preview_action", {**mapped, "mapping": {"nummer": "{{ ( }}"}}, action="add_to_opt_out")
    binding = {"name": "Desk", "action": "add_to_opt_out", "mapping": mapped["mapping"], "sample": mapped["data"]}
    made = call("create_binding", binding)["id"]
    call("get_binding", binding=made)
    call("change_binding", {"name": "Help desk"}, binding=made)
    call("list_bindings", query="?limit=1")
    call("list_bindings", query="?limit=0", status=422)
    call("run_binding", mapped["data"], binding=made)
    call("delete_binding", binding=made)


def the_replies(call) -> None:
    actions = [{"action": "add_to_opt_out", "mapping": {"number": "{{ contact.number }}"}}]
    made = call("create_reply", {"keywords": ["hours"], "reply": "9 to 5", "actions": actions})["id"]
    call("get_reply", reply=made)
    call("change_reply", {"priority": 3}, reply=made)
    call("list_replies")
    call("delete_reply", reply=made)
    rule = call("create_rule", {"begins_with": "no thanks", "state": "out"})["id"]
    call("create_rule", {"begins_with": "!", "state": "out"}, status=422)
    call("get_rule", rule=rule)
    call("change_rule", {"channel": "sms"}, rule=rule)
    call("list_rules", query="?limit=1")
    (sender, *_) = call("list_senders")["items"]
    call("try_message", {"sender": sender["id"], "number": NUMBER, "text": "No thanks, really"})
    call("delete_rule", rule=rule)
    call("list_keyword_packs")
    call(
        "receive",
        {"id": "m-unclear", "from": NUMBER, "text": "leave me alone"},
        token=sender["inbound_url"].rpartition("/")[2],
    )
    (review,) = call("list_reviews", query="?status=open")["items"]
    call("get_review", review=review["id"])
    call("decide_review", {"decision": "dismiss"}, review=review["id"])
    call("decide_review", {"decision": "dismiss"}, review=review["id"], status=409)


def the_webhooks(call, heed: Heed) -> None:
    made = call("create_webhook", {"url": "http://127.0.0.1:9/hook"}, status=201)["id"]
    call("create_webhook", {"url": "nowhere"}, status=422)
    call("list_webhooks")
    call("get_webhook", webhook=made)
    call("change_webhook", {"format": "flat"}, webhook=made)
    call("get_webhook_sample", event="contact.opted_in")
    call("add_to_opt_out", {"number": "+14155550188"})
    heed.house.notify.work(5.0)
    (delivery,) = call("list_deliveries", webhook=made)["items"]
    call("replay_delivery", webhook=made, delivery=delivery["id"])
    call("delete_webhook", webhook=made)


def the_files(call, heed: Heed) -> None:
    call("import_into_list", f"number\n{NUMBER}\n", list="default", query="?preview=1")
    text = "number,reason\n+14155550177,asked\n12,\n"
    made = call("import_into_list", text, list="default", query="?async=1")["id"]
    call("undo_import", **{"import": made}, status=409)
    call("import_into_list", "a,b\n", list="default", status=422)
    heed.work()
    call("get_import", **{"import": made})
    call("get_rejected_rows", **{"import": made})
    call("export_list", list="default", query="?state=out")
    with heed.working():
        call("undo_import", **{"import": made})


def the_forms(call, heed: Heed) -> None:
    form = {"channel": "sms", "description": "Yes, send me offers.", "double_opt_in": True}
    made = call("create_form", {**form, "allowed_origins": ["https://shop.example"]})
    call("create_form", {**form, "allowed_origins": ["https://shop.example/page"]}, status=422)
    call("list_forms")
    call("get_form", form=made["id"])
    call("show_form", form=made["id"])
    call("preview_form", form)
    call("change_form", {"button_text": "Go"}, form=made["id"])
    the_pages(call, heed, made["url"].rpartition("/")[2])
    call("delete_form", form=made["id"])
    call("get_form", form=made["id"], status=404)


def the_pages(call, heed: Heed, form: str) -> None:
    links = call("create_links", {"number": "+14155550177", "channel": "sms"})
    out, preferences = (links[name].rpartition("/")[2] for name in ("unsubscribe_url", "preferences_url"))
    page = call("show_opt_in_form", token=form)
    call("send_opt_in_form", {}, token=form, status=422)
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)[1]
    heed.app.test_client().post(f"/f/{form}", data={"stamp": stamp, "number": "+14155550177"})
    with heed.house.database.read() as db:
        code = db.execute(select(metadata.tables["confirmations"].c.code)).scalar_one()
    call("ask_confirmation", code=code)
    call("confirm_opt_in", {}, code=code)
    call("ask_preferences", token=preferences)
    call("save_preferences", {}, token=preferences, status=422)
    call("ask_unsubscribe", token=out)
    call("unsubscribe", {}, token=out)
    call("ask_short_link", code="nothing", status=404)
    call("use_short_link", {}, code="nothing", status=404)


def the_accounts(call) -> None:
    made = call("create_account", {"name": "Shop", "region": "GB"})["id"]
    call("list_accounts")
    call("get_account", account=made)
    call("change_account", {"own_lists": True}, account=made)
    call("delete_account", account=made, status=409)
    call("change_account", {"own_lists": False}, account=made)
    call("delete_account", account=made)


def the_keys(call) -> None:
    made = call("create_key", {"name": "n8n", "scopes": ["read"], "expires_at": "2099-01-01T00:00:00Z"})["id"]
    call("list_keys")
    call("revoke_key", key=made)
    call("create_organisation", {"name": "Acme"})


def the_agents(call) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    call("speak_mcp", asked)
    call("speak_mcp", {**asked, "method": "resources/list"}, status=200)
    call("speak_mcp", {**asked, "id": None}, status=400)
    used = {"name": "check_consent", "arguments": {"number": NUMBER}}
    call("speak_mcp", {**asked, "method": "tools/call", "params": used})


def the_service(call, heed: Heed) -> None:
    inbound = call("create_sender", {"provider": "http_api", "channel": "sms", "number": "+14155550101",
                                     "settings": {"url": "https://gateway.example/"}})["inbound_url"]  # fmt: skip
    organisation = row_number("organisation", call("get_me")["organisation"]["id"])
    settlement = heed.house.secrets.serializer("settlement").dumps([organisation, "00" * 16])
    call("get_settlement", token=settlement)
    call("get_settlement", token="nobody", status=404)
    token = inbound.rpartition("/")[2]
    call("receive", {"id": "m1", "from": NUMBER, "to": "+14155550101", "text": "hello"}, token=token)
    call("receive", {"id": "m1"}, token=token, status=422)
    call("receive", {}, token="nobody", status=404)
    meta = {"phone_number_id": "1", "access_token": "t", "verify_token": "ours"}
    made = {"provider": "whatsapp_cloud", "channel": "whatsapp", "number": "+14155550102", "settings": meta}
    token = call("create_sender", made)["inbound_url"].rpartition("/")[2]
    asked = "?hub.mode=subscribe&hub.challenge=42&hub.verify_token="
    assert call("challenge", query=f"{asked}ours", token=token) == "42"
    call("challenge", query=f"{asked}theirs", token=token, status=403)
    call("challenge", token=token, status=422)
    call("challenge", token="nobody", status=404)
    call("is_alive")
    call("is_ready")
    call("get_database")
    call("confirm_database")
    call("get_database")
    call("confirm_database")
    call("get_description")
    call("get_docs")
    call("get_metrics")
