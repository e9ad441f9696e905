"""Every call of the service beside the actions, one row each. A route of the web without a row turns a test red."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.builders.openapi_agents import AGENTS
from connector.builders.openapi_answers import ref
from connector.builders.openapi_contacts import CONTACTS
from connector.builders.openapi_desk import ACCOUNTS, ENTRIES, FLAGS
from connector.builders.openapi_exports import EXPORT_ROUTES
from connector.builders.openapi_files import FILES
from connector.builders.openapi_hooks import HOOKS
from connector.builders.openapi_inbox import INBOX
from connector.builders.openapi_proof import PROOF
from connector.builders.openapi_public import FORMS, PAGES, PERSON_LINKS
from connector.builders.openapi_route import CSV, FILE, FORM, JSON, Route
from connector.builders.openapi_staff import PANEL, USERS
from schemas import campaigns as of_campaigns
from schemas import inbox as of_inbox
from schemas import resources

_PAGE = ("limit", "cursor")
_PERSON = ("number", "email", "whatsapp_id")
_PARTIAL: Any = resources.OptOutList(partial=True, exclude=("key",))
_MAPPED = {"mapping": {"number": "{{ contact.phone }}"}, "data": {"contact": {"phone": "+14155550123"}}}
_LIST = {"name": "Newsletter", "keywords": ["STOP NEWS"], "opt_in_keywords": ["START NEWS"]}
_SENDER = {"provider": "console", "channel": "sms", "number": "+14155550100"}
_BINDING = {"name": "Helpdesk", "action": "add_to_opt_out", "mapping": {"number": "{{ ticket.phone }}"}}
_REPLY = {"keywords": ["hours"], "match": "contains", "reply": "We are open from 9 to 5."}
_CAMPAIGN = {
    "kind": "sequence", "name": "Welcome", "sender": "sdr_0123456789ab",
    "steps": [{"text": "Welcome, {{ first_name }}!"}, {"delay": "P3D", "text": "Did it work out?"}],
}  # fmt: skip
_TEMPLATE = {"name": "welcome", "language": "en", "text": "Welcome, {{ first_name }}! {{ opt_out }}"}
_UPLOAD = {"type": "object", "properties": {"file": {"type": "string"}}, "required": ["file"]}
_OUTPUT: Mapping[str, Any] = {"answers": "ActionOutput", "statuses": (200, 202), "followed": True}

TABLE: Mapping[str, tuple[Route, ...]] = {
    "Mapping": (
        Route("POST /v1/actions/{action}/mapped", "run_mapped_action", "Make the input from data, and run", "",
              resources.Mapped(), **_OUTPUT, query=("version",), example=_MAPPED),
        Route("POST /v1/actions/{action}/preview", "preview_action", "Make the input, without effect", "",
              resources.Mapped(), "Preview", query=("version",), example=_MAPPED, keyed=False),
        Route("POST /v1/attributes", "list_attributes", "What a sample of data offers to a picker", "",
              resources.Data(), "Attributes", example={"data": _MAPPED["data"]}, keyed=False),
        Route("GET /v1/bindings", "list_bindings", "Saved mappings", "read", answers="BindingPage", query=_PAGE),
        Route("POST /v1/bindings", "create_binding", "Save a mapping, checked whole", "write",
              resources.Binding(), "Binding", (201,), example=_BINDING),
        Route("GET /v1/bindings/{binding}", "get_binding", "One saved mapping", "read", answers="Binding"),
        Route("PATCH /v1/bindings/{binding}", "change_binding", "Change some of its fields", "write",
              resources.Binding(partial=True), "Binding", example={"name": "Helpdesk (EU)"}),
        Route("DELETE /v1/bindings/{binding}", "delete_binding", "Delete it", "write", answers="Deleted"),
        Route("POST /v1/bindings/{binding}/run", "run_binding", "Run it: the whole body is the data", "",
              {JSON: {}, FORM: {"type": "object"}, FILE: {"type": "object"}}, **_OUTPUT,
              example={"ticket": {"phone": "+14155550123"}}),
    ),
    "Catalogue": (
        Route("GET /v1/me", "get_me", "Whose key this is: the connection test", "", answers="Me"),
        Route("GET /v1/actions", "list_actions", "Every action with its schemas", "",
              answers="Catalogue", statuses=(200, 304)),
        Route("GET /v1/actions/{action}", "get_action", "One action with its schemas", "",
              answers="Action", statuses=(200, 304), query=("version",)),
        Route("GET /v1/options/{source}", "list_options", "What a dropdown offers", "",
              answers={"anyOf": [ref("Options"), ref("ZapierOptions")]}, query=("q", "cursor", "shape")),
        *EXPORT_ROUTES,
    ),
    "Lists": (
        Route("GET /v1/lists", "list_lists", "Every opt-out list", "read or lists:read",
              answers="OptOutListPage"),
        Route("POST /v1/lists", "create_list", "Make a list", "write", resources.OptOutList(),
              "OptOutList", (201,), example=_LIST),
        Route("GET /v1/lists/{list}", "get_list", "One list", "read or lists:read", answers="OptOutList"),
        Route("PATCH /v1/lists/{list}", "change_list", "Change some of its fields", "write", _PARTIAL,
              "OptOutList", also=(409,), example={"description": "The weekly letter"}),
        Route("DELETE /v1/lists/{list}", "delete_list", "Delete a list that nothing needs", "write",
              answers="Deleted", also=(409,)),
        *ENTRIES,
        *FILES,
    ),
    "People": (
        Route("GET /v1/profiles", "get_profile", "All that is known of one person", "read",
              answers="Profile", query=_PERSON),
        Route("PUT /v1/profiles/block", "block_profile", "Block somebody everywhere, or lift the block", "write",
              resources.Block(), "Profile", (200, 202),
              example={"number": "+14155550123", "blocked": True, "reason": "threatened us"}),
        *FLAGS,
        PERSON_LINKS,
        Route("GET /v1/history", "list_history", "What somebody said, newest first", "read",
              answers="EventPage", query=(*_PERSON, *_PAGE)),
        PROOF,
        Route("GET /v1/settlements/{token}", "get_settlement", "Whether an opt-out's last hand-offs are over", "",
              answers="Settlement"),
        Route("GET /v1/sends", "list_sends", "Messages, newest first", "read", answers="SendPage",
              query=(*_PERSON, "campaign", "status", *_PAGE)),
        Route("GET /v1/sends/{send}", "get_send", "Why a message was or was not sent", "read or send",
              answers={"anyOf": [ref("Delivery"), ref("Send")]}),
    ),
    "Contacts": CONTACTS,
    "Campaigns": (
        Route("GET /v1/campaigns", "list_campaigns", "Every campaign", "read", answers="CampaignPage",
              query=_PAGE),
        Route("POST /v1/campaigns", "create_campaign", "Make a draft", "send",
              of_campaigns.CampaignResource(), "Campaign", (201,), example=_CAMPAIGN),
        Route("GET /v1/campaigns/{campaign}", "get_campaign", "One campaign", "read", answers="Campaign"),
        Route("PATCH /v1/campaigns/{campaign}", "change_campaign", "Change it, while it runs too", "send",
              of_campaigns.CampaignChange(partial=True), "Campaign", (200, 202), also=(409,),
              example={"lists": ["default", "news"]}),
        Route("POST /v1/campaigns/{campaign}/start", "start_campaign", "Start a draft", "send",
              of_campaigns.Start(), "Campaign", (200, 202), also=(409,), example={"skip_incomplete": True}),
        Route("POST /v1/campaigns/{campaign}/enrol", "enrol_in_campaign", "Take people in, once each", "send",
              {JSON: ref("PeopleInput"), CSV: {"type": "string"}, FILE: _UPLOAD},
              {"anyOf": [ref("Enrolled"), ref("EnrolledFile")]}, query=("map",), also=(409,), keyed=False,
              example={"recipients": [{"number": "+14155550123", "attributes": {"first_name": "Ada"}}]}),
        *(
            Route(f"POST /v1/campaigns/{{campaign}}/{turn}", f"{turn}_campaign", summary, "send",
                  answers="Campaign", statuses=(200, 202))
            for turn, summary in (
                ("pause", "Pause: afterwards nothing of it is in flight"),
                ("resume", "Go on after a pause"), ("cancel", "End it for good"),
            )
        ),
        Route("GET /v1/campaigns/{campaign}/report", "get_campaign_report", "What became of everybody", "read",
              answers="Report"),
        Route("GET /v1/campaigns/{campaign}/report.csv", "get_campaign_report_csv", "The same, a row each",
              "export or read", answers={"type": "string"}, media=CSV),
    ),
    "Templates": (
        Route("GET /v1/templates", "list_templates", "Every saved text", "read", answers="TemplatePage", query=_PAGE),
        Route("POST /v1/templates", "create_template", "Save a text under a name and a language", "write",
              resources.TemplateResource(), "Template", (201,), also=(409,), example=_TEMPLATE),
        Route("GET /v1/templates/{template}", "get_template", "One saved text", "read", answers="Template"),
        Route("PATCH /v1/templates/{template}", "change_template", "Change it; what is on its way keeps its text",
              "write", resources.TemplateResource(partial=True), "Template", also=(409,), example={"text": "Hello!"}),
        Route("DELETE /v1/templates/{template}", "delete_template", "Delete it", "write", answers="Deleted"),
    ),
    "Senders": (
        Route("GET /v1/senders", "list_senders", "Every sender, without secrets", "read", answers="SenderPage"),
        Route("POST /v1/senders", "create_sender", "Make a sender", "admin", resources.SenderResource(),
              "Sender", (201,), example=_SENDER),
        Route("GET /v1/senders/{sender}", "get_sender", "One sender", "read", answers="Sender"),
        Route("PATCH /v1/senders/{sender}", "change_sender", "Change it; unnamed settings stay", "admin",
              resources.SenderChange(partial=True), "Sender", example={"channel_id": 101}),
    ),
    "Smart replies": (
        Route("GET /v1/replies", "list_replies", "Every smart reply", "read", answers="SmartReplyPage",
              query=_PAGE),
        Route("POST /v1/replies", "create_reply", "Make a smart reply", "write",
              of_inbox.SmartReply(), "SmartReply", (201,), example=_REPLY),
        Route("GET /v1/replies/{reply}", "get_reply", "One smart reply", "read", answers="SmartReply"),
        Route("PATCH /v1/replies/{reply}", "change_reply", "Change some of its fields", "write",
              of_inbox.SmartReply(partial=True), "SmartReply", example={"priority": 10}),
        Route("DELETE /v1/replies/{reply}", "delete_reply", "Delete it", "write", answers="Deleted"),
        *INBOX,
    ),
    "Webhooks": HOOKS,
    "Forms": FORMS,
    "Pages": PAGES,
    "Accounts": ACCOUNTS,
    "Users": (*USERS, *PANEL),
    "Keys": (
        Route("GET /v1/keys", "list_keys", "Every key, without its secret", "admin", answers="KeyInfoPage"),
        Route("POST /v1/keys", "create_key", "Make a key; its text is shown once", "admin",
              resources.KeyResource(), "Key", (201,), keyed=False, example={"name": "n8n", "scopes": ["read"]}),
        Route("DELETE /v1/keys/{key}", "revoke_key", "Revoke it", "admin", answers="Deleted"),
        Route("POST /v1/organisations", "create_organisation", "Make an organisation", "platform",
              resources.OrganisationResource(), "Organisation", (201,), keyed=False, example={"name": "Acme"}),
    ),
    "Agents": AGENTS,
    "Service": (
        Route("POST /in/{token}", "receive", "A provider's call: what people write, signed as it signs", None,
              {"*/*": {}}, "Received", (200, 202, 204), also=(401, 404, 413, 422, 503), keyed=False),
        Route("GET /in/{token}", "challenge", "A provider asks whether this address is ours: its number back", None,
              answers={"type": "string"}, also=(403, 404, 422, 503), media="text/plain"),
        Route("GET /healthz", "is_alive", "The process runs", None, answers="Health"),
        Route("GET /readyz", "is_ready", "Calls can be answered; what else is out of order", None, answers="Health",
              statuses=(200, 503)),
        Route("GET /metrics", "get_metrics", "Counts and ages for Prometheus; HEED_METRICS_TOKEN locks it", None,
              answers={"type": "string"}, also=(401,), media="text/plain"),
        Route("GET /v1/database", "get_database", "Whether messages leave, or this is a copy that waits", "read",
              answers="Database"),
        Route("POST /v1/database/confirm", "confirm_database", "Say that nothing else sends from it", "admin",
              answers="Database"),
        Route("GET /openapi.json", "get_description", "This document", None, answers={"type": "object"}),
        Route("GET /docs", "get_docs", "This document, to read", None, answers={"type": "string"},
              media="text/html"),
    ),
}  # fmt: skip
