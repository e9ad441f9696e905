"""The question every flow asks before it speaks."""

from connector.domain.words import Channel, Purpose
from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Check consent",
    icon="shield-question",
    scope="read",
    read_only=True,
    examples=[
        {"title": "May this number get an SMS offer?", "input": {"number": "+14155550123", "channel": "sms"}},
        {
            "title": "Which of these people may be mailed?",
            "input": {"recipients": [{"email": "ada@example.com"}, {"email": "bo@example.com"}], "channel": "email"},
        },
    ],
)
def check_consent(
    ctx: Context,
    recipients: v.Recipients,
    channel: v.Channel = Channel.ALL,
    lists: v.Lists = ("default",),
    purpose: v.PurposeWord = Purpose.MARKETING,
    require_opt_in: v.RequireOptIn = False,
    bypass_groups: v.BypassGroups = (),
) -> v.Verdict:
    """Ask whether a message may go to one person or many, and if not, every reason with the list that says so."""
    return ctx.consent.ask(
        recipients, channel, lists, purpose=purpose, require_opt_in=require_opt_in, bypass_groups=bypass_groups
    )
