"""The word "no": nothing more is sent to these people, on these lists and this channel."""

from connector.domain.words import Channel, State
from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Add to opt-out",
    icon="circle-minus",
    examples=[
        {
            "title": "A support agent takes somebody off every channel",
            "input": {"number": "+14155550123", "reason": "asked on the phone"},
        }
    ],
)
def add_to_opt_out(
    ctx: Context,
    recipients: v.Recipients,
    channel: v.Channel = Channel.ALL,
    lists: v.Lists = ("default",),
    reason: v.Reason = None,
    occurred_at: v.OccurredAt = None,
    evidence: v.Evidence = None,
) -> v.OptOutChanges:
    """Stop messages to a number or an email on one or many opt-out lists. It holds before the answer comes."""
    return ctx.consent.record(
        State.OUT, recipients, channel, lists, reason=reason, occurred_at=occurred_at, evidence=evidence
    )
