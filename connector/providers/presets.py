"""Providers that ``http_api`` can be by name: what stands here is what somebody would else write into its settings.

``{name}`` is a setting of the sender; ``{{ expression }}`` is about the message. In a URL, ``{to}`` and ``{uuid}``
are the recipient and a name of the send that is the same at every hand-over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.words import Channel


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider's API."""

    url: str
    body: Mapping[str, Any]
    #: The expression under which its answer names the message.
    id: str
    #: The expression that says yes; null where the answer is of another shape.
    accepted: str
    #: What it reaches people by; on any other it would reach them by a channel that nobody asked about.
    channels: tuple[Channel, ...] = (Channel.SMS,)
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Settings it needs beside ``base_url``; those that are never read back.
    needs: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    #: Settings it can do without.
    may: tuple[str, ...] = ()
    #: Settings with what they are where nobody says otherwise.
    usual: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[tuple[str, str], ...] = ()
    #: Two settings that become the user and password of HTTP's basic login.
    login: tuple[str, str] | None = None
    #: A service account of Google's instead of a key: the settings hold its file.
    google: bool = False


_DIGITS, _FROM = "{{ digits(to) }}", "{{ replace(from, '+', '') }}"

PRESETS: Mapping[str, Preset] = {
    "vonage": Preset(
        url="{base_url}/v1/messages",
        usual={"base_url": "https://api.nexmo.com"},
        channels=(Channel.SMS, Channel.WHATSAPP, Channel.RCS),
        needs=("api_key", "api_secret"),
        secrets=("api_secret",),
        login=("api_key", "api_secret"),
        body={
            "channel": "{{ channel }}", "message_type": "text", "to": _DIGITS, "from": _FROM, "text": "{{ text }}",
            "client_ref": "{{ send_id }}",
        },
        id="message_uuid",
        accepted="message_uuid",
    ),
    "sinch": Preset(
        url="{base_url}/xms/v1/{service_plan_id}/batches",
        usual={"base_url": "https://us.sms.api.sinch.com"},
        needs=("service_plan_id", "api_token"),
        secrets=("api_token",),
        headers={"Authorization": "Bearer {api_token}"},
        body={
            "from": _FROM, "to": [_DIGITS], "body": "{{ text }}", "delivery_report": "per_recipient",
            "client_reference": "{{ send_id }}",
        },
        id="id",
        accepted="id",
    ),
    "infobip": Preset(
        # Every account has a base URL of its own.
        url="{base_url}/sms/3/messages",
        needs=("base_url", "api_key"),
        secrets=("api_key",),
        headers={"Authorization": "App {api_key}"},
        body={
            "messages": [
                {
                    "sender": _FROM, "destinations": [{"to": _DIGITS, "messageId": "{{ send_id }}"}],
                    "content": {"text": "{{ text }}"},
                }
            ]
        },
        id="messages[0].messageId",
        accepted="messages[0].status.groupName && (messages[0].status.groupName == 'PENDING'"
        " || messages[0].status.groupName == 'ACCEPTED' || messages[0].status.groupName == 'DELIVERED')",
    ),
    "cm": Preset(
        url="{base_url}/v1.0/message",
        usual={"base_url": "https://gw.messaging.cm.com"},
        needs=("product_token",),
        secrets=("product_token",),
        headers={"X-CM-PRODUCTTOKEN": "{product_token}"},
        body={
            "messages": {
                "msg": [
                    {
                        "allowedChannels": ["SMS"], "from": "{{ from }}",
                        "to": [{"number": "00{{ digits(to) }}"}],
                        "body": {"type": "auto", "content": "{{ text }}"}, "reference": "{{ send_id }}",
                    }
                ]
            }
        },
        id="messages[0].reference",
        accepted="messages[0].status && (errorCode == `0` && messages[0].messageErrorCode == `0`"
        " && messages[0].status != 'Rejected')",
    ),
    "messagebird": Preset(
        url="{base_url}/messages",
        usual={"base_url": "https://rest.messagebird.com"},
        needs=("access_key",),
        secrets=("access_key",),
        headers={"Authorization": "AccessKey {access_key}"},
        body={"originator": _FROM, "recipients": [_DIGITS], "body": "{{ text }}", "reference": "{{ send_id }}"},
        id="id",
        accepted="id",
        errors=(
            ("errors[0].code == `2`", "auth"),
            ("recipients.items[0].status == 'delivery_failed'", "provider"),
        ),
    ),
    "telnyx": Preset(
        url="{base_url}/v2/messages",
        usual={"base_url": "https://api.telnyx.com"},
        needs=("api_key",),
        secrets=("api_key",),
        may=("public_key",),
        headers={"Authorization": "Bearer {api_key}"},
        body={"from": "{{ from }}", "to": "{{ to }}", "text": "{{ text }}"},
        id="data.id",
        accepted="data.id",
        errors=(
            ("errors[0].code == '40300'", "opted_out"),
            ("data.to[0].status == 'sending_failed' || data.to[0].status == 'delivery_failed'", "provider"),
        ),
    ),
    "rcs": Preset(
        # Google's RCS for Business: the same messageId a second time is ignored.
        url="{base_url}/v1/phones/{to}/agentMessages?messageId={uuid}&agentId={agent_id}",
        usual={"base_url": "https://rcsbusinessmessaging.googleapis.com"},
        channels=(Channel.RCS,),
        needs=("agent_id", "service_account"),
        may=("client_token",),
        secrets=("service_account", "client_token"),
        google=True,
        body={"contentMessage": {"text": "{{ text }}"}, "messageTrafficType": "PROMOTION"},
        id="name",
        accepted="name",
        errors=(("error.code == `404`", "invalid_recipient"),),  # no RCS at this number
    ),
    "truecaller": Preset(
        # Verified Campaigns: what is shown with a call or as a message; nobody can answer it.
        url="{base_url}/organisations/{organisation_id}/campaigns/bulk-upload",
        usual={"base_url": "https://enterprise-portal-noneu.truecaller.com", "display_unit": "mid"},
        channels=(Channel.TRUECALLER,),
        needs=("organisation_id", "campaign_id", "api_token"),
        secrets=("api_token",),
        headers={"Authorization": "Bearer {api_token}"},
        body={
            "campaigns": [
                {
                    "profile": {"campaign_id": "{campaign_id}", "receiver_number": _DIGITS},
                    "contents": [
                        {
                            "display_unit": "{display_unit}", "title": "{{ text }}",
                            "deeplink": "{{ attributes.deeplink }}", "image_url": "{{ attributes.image_url }}",
                        }
                    ],
                }
            ]
        },
        id="id",
        accepted="@ && !(errors || error)",
    ),
}  # fmt: skip
