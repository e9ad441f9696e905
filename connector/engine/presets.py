"""What the columns of other tools' suppression exports are called, and which of their rows say "no"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What every other value of a state column means.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Preset:
    """Their names of our columns, in small letters with underscores; and what their states mean ("" is no word)."""

    columns: Mapping[str, tuple[str, ...]]
    #: Their value to our state, in small letters; a row with another value is rejected. Empty: every row is a "no".
    states: Mapping[str, str] = field(default_factory=dict)
    #: Their names of channels, in small letters, where they are not ours.
    channels: Mapping[str, str] = field(default_factory=dict)

    def state(self, theirs: str) -> str:
        """Our state, or "" where the row is no opt-out."""
        return self.states.get(theirs, self.states.get(ANY, ""))


PRESETS: Mapping[str, Preset] = {
    # Consents, as the Consent Management API takes and gives them: contact_id, correlation_id, sender_id, status
    # (opt-in, opt-out), source, date_of_consent: twilio.com/docs/messaging/features/bulk-upsert-consents-api.
    # Logged messages of Advanced Opt-Out: From and OptOutType (STOP, START, HELP):
    # twilio.com/docs/messaging/tutorials/advanced-opt-out. Twilio itself has no export of opted-out numbers.
    "twilio": Preset(
        {
            "number": ("contact_id", "from"),
            "occurred_at": ("date_of_consent",),
            "state": ("status", "optouttype"),
            "reason": ("source", "body"),
        },
        {"opt-out": "out", "stop": "out", "opt-in": "", "start": "", "help": "", "re-opt-in": ""},
    ),
    # The CSV downloads: unsubscribes (email, created), bounces (with status and reason), invalid emails (with reason),
    # spam reports (with ip): github.com/SparkPost/sparkpost-cli, sendgrid-suppressions.md. created is in seconds:
    # docs.sendgrid.com/api-reference/suppressions-global-suppressions/retrieve-all-global-suppressions
    "sendgrid": Preset({"email": ("email",), "occurred_at": ("created",), "reason": ("reason",)}),
    # Unsubscribes (address, tags, created_at), bounces (address, code, error, created_at), complaints (address,
    # created_at), in RFC 2822 dates; a tag's unsubscribe counts for all: documentation.mailgun.com, send/mailgun,
    # post-v3--domainid--unsubscribes-import; the same by github.com/mailgun/scripts, get_suppressions.py
    "mailgun": Preset({"email": ("address",), "occurred_at": ("created_at",), "reason": ("error",)}),
    # The suppression dump: EmailAddress, SuppressionReason, Origin, CreatedAt:
    # postmarkapp.com/developer/api/suppressions-api. What the columns of the app's own download are called is not
    # documented; the same words set apart are understood too.
    "postmark": Preset({"email": ("emailaddress", "email_address"), "occurred_at": ("createdat", "created_at"),
                        "reason": ("suppressionreason", "suppression_reason")}),
    # SES: EmailAddress, LastUpdateTime, Reason: docs.aws.amazon.com/ses/latest/APIReference-V2/
    # API_SuppressedDestinationSummary.html. End User Messaging: OptedOutNumber, OptedOutTimestamp, EndUserOptedOut:
    # docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_OptedOutNumberInformation.html
    "aws": Preset({"email": ("emailaddress", "email_address"), "number": ("optedoutnumber", "opted_out_number"),
                   "occurred_at": ("lastupdatetime", "last_update_time", "optedouttimestamp", "opted_out_timestamp"),
                   "reason": ("reason",)}),
    # Subscribers, Export: uuid, email, name, attributes, status (enabled, disabled, blocklisted), created_at,
    # updated_at, with times as Go prints them: github.com/knadh/listmonk, cmd/subscribers.go. Who left one list only is
    # "enabled" there: an export of a list's unsubscribed goes in without this preset.
    "listmonk": Preset({"email": ("email",), "occurred_at": ("updated_at",), "state": ("status",)},
                       {"blocklisted": "out", "enabled": "", "disabled": ""}),
    # Report "Do Not Contact", or its table lead_donotcontact: reason, comments, date_added, channel beside the
    # contact's fields: github.com/mautic/mautic, app/bundles/LeadBundle/EventListener/ReportDNCSubscriber.php. Reason
    # 0 is "contactable", and such rows exist (its issue 9175); 1 to 3, or their names in any language, are a "no". The
    # channel is named as the screen names it: "Text Message" by app/bundles/SmsBundle/Translations/en_US/messages.ini.
    "mautic": Preset({"email": ("email",), "number": ("mobile", "phone"), "channel": ("channel", "dnc_channel"),
                      "occurred_at": ("date_added", "dnc_date_added"), "state": ("reason", "dnc_reason"),
                      "reason": ("comments", "comment", "dnc_comments", "dnc_comment")},
                     {"0": "", "contactable": "", ANY: "out"}, {"text message": "sms"}),
}  # fmt: skip
