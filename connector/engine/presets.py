"""What the columns of other tools' suppression exports are called, and which of their rows say "no"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Preset:
    """Their names of our columns, in small letters with underscores; and what their states mean ("" is no word)."""

    columns: Mapping[str, tuple[str, ...]]
    #: Their value to our state, in small letters; a row with another value is rejected. Empty: every row is a "no".
    states: Mapping[str, str] = field(default_factory=dict)


PRESETS: Mapping[str, Preset] = {
    # Consent Management API (contact_id, status opt-in/opt-out, date_of_consent) and the console's message and
    # opt-out logs, whose columns are To/From or PhoneNumber: twilio.com/docs/messaging/features/consent-api
    "twilio": Preset(
        {
            "number": ("contact_id", "phone_number", "phonenumber", "recipient", "number", "from", "to"),
            "occurred_at": ("date_of_consent", "opt_out_date", "date_created", "date_updated", "timestamp", "date"),
            "state": ("status", "opt_out_type", "consent_status"),
            "reason": ("source", "body"),
        },
        {"opt-out": "out", "opted-out": "out", "opted_out": "out", "stop": "out",
         "opt-in": "", "opted-in": "", "opted_in": "", "start": "", "help": "", "re-opt-in": ""},
    ),
    # Suppressions API and its CSV downloads: unsubscribes (email, created), bounces (status, reason, email, created),
    # spam reports (email, created, ip); created is seconds: sendgrid.com/docs/api-reference/suppressions
    "sendgrid": Preset({"email": ("email",), "occurred_at": ("created", "created_at"), "reason": ("reason",)}),
    # Unsubscribes (address, tag(s), created_at), bounces (address, code, error, created_at), complaints (address,
    # created_at); RFC 2822 dates: documentation.mailgun.com, Suppressions
    "mailgun": Preset({"email": ("address", "recipient", "email"), "occurred_at": ("created_at",),
                       "reason": ("error", "reason")}),
    # Suppressions API (EmailAddress, SuppressionReason, Origin, CreatedAt) and its CSV download ("Email Address"):
    # postmarkapp.com/developer/api/suppressions-api
    "postmark": Preset({"email": ("emailaddress", "email_address", "email", "recipient"),
                        "occurred_at": ("createdat", "created_at", "date"),
                        "reason": ("suppressionreason", "suppression_reason", "reason")}),
    # SESv2 ListSuppressedDestinations (EmailAddress, Reason, LastUpdateTime) and End User Messaging
    # DescribeOptedOutNumbers (OptedOutNumber, OptedOutTimestamp): docs.aws.amazon.com
    "aws": Preset({"email": ("emailaddress", "email_address", "email"),
                   "number": ("optedoutnumber", "opted_out_number", "phonenumber", "phone_number"),
                   "occurred_at": ("lastupdatetime", "last_update_time", "optedouttimestamp", "opted_out_timestamp"),
                   "reason": ("reason",)}),
    # Subscribers, Export (uuid, email, name, attributes, status, created_at, updated_at); enabled means subscribed:
    # github.com/knadh/listmonk, cmd/subscribers.go
    "listmonk": Preset({"email": ("email",), "occurred_at": ("updated_at",),
                        "state": ("status", "subscription_status")},
                       {"blocklisted": "out", "unsubscribed": "out", "enabled": "", "disabled": "", "confirmed": "",
                        "unconfirmed": ""}),
    # Reports on contacts' "do not contact" entries: table lead_donotcontact (channel, reason, date_added, comments)
    # beside the contact's fields: github.com/mautic/mautic, LeadBundle/Entity/DoNotContact.php
    "mautic": Preset({"email": ("email",), "number": ("mobile", "phone"), "channel": ("channel", "dnc_channel"),
                      "occurred_at": ("date_added", "dnc_date_added"),
                      "reason": ("comments", "dnc_comments", "reason", "dnc_reason")}),
}  # fmt: skip
