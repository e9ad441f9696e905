"""What a person said, when, and how we know."""

from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Get consent history",
    icon="history",
    scope="read",
    read_only=True,
    examples=[{"title": "The last words of a customer", "input": {"number": "+14155550123", "limit": 20}}],
)
def get_consent_history(ctx: Context, recipients: v.Recipients, limit: v.Limit = 50) -> v.Trail:
    """List every opt-in and opt-out of a person, newest first, with the flags per channel and the lists they are on."""
    return ctx.consent.history(recipients, limit)
