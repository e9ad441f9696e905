"""Take a "no" back. It does not say "yes": that is "Record opt-in"."""

from connector.domain.words import Channel, State
from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Remove from opt-out",
    icon="circle-plus",
    destructive=True,
    examples=[
        {
            "title": "A person was opted out by mistake",
            "input": {"email": "ada@example.com", "lists": ["default"], "reason": "added by mistake"},
        }
    ],
)
def remove_from_opt_out(
    ctx: Context,
    recipients: v.Recipients,
    channel: v.Channel = Channel.ALL,
    lists: v.Lists = ("default",),
    reason: v.Reason = None,
    occurred_at: v.OccurredAt = None,
    evidence: v.Evidence = None,
) -> v.RemovalChanges:
    """Take a number or an email off one or many opt-out lists. A protected list may refuse without evidence."""
    return ctx.consent.record(
        State.CLEARED, recipients, channel, lists, reason=reason, occurred_at=occurred_at, evidence=evidence
    )
