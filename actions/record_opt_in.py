"""The word "yes", with what proves it."""

from connector.domain.words import Channel, State
from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Record opt-in",
    icon="circle-check",
    destructive=True,
    examples=[
        {
            "title": "A customer ticked the box in the shop",
            "input": {
                "number": "+14155550123",
                "channel": "sms",
                "evidence": {"text_shown": "Yes, send me offers by SMS", "form": "checkout-7"},
            },
        },
        {
            "title": "A purchase in Canada: implied consent, for two years",
            "input": {
                "email": "ada@example.com",
                "basis": "casl_purchase",
                "occurred_at": "2026-11-02T15:00:00Z",
                "evidence": {"order": "4711"},
            },
        },
    ],
)
def record_opt_in(
    ctx: Context,
    recipients: v.Recipients,
    channel: v.Channel = Channel.ALL,
    lists: v.Lists = ("default",),
    reason: v.Reason = None,
    occurred_at: v.OccurredAt = None,
    evidence: v.Evidence = None,
    expires_at: v.ExpiresAt = None,
    basis: v.Basis = None,
) -> v.OptInChanges:
    """Write down that a person agreed to messages, when and how. It lifts an earlier opt-out on those lists.

    Implied consent (basis) ends by itself, lifts no opt-out and shortens no consent that lasts longer. An earlier
    expires_at wins over the basis; a later one is a fault.
    """
    return ctx.consent.record(
        State.IN, recipients, channel, lists,
        reason=reason, occurred_at=occurred_at, evidence=evidence, expires_at=expires_at,
        basis=basis,
    )  # fmt: skip
