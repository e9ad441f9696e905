"""Take people off their way through a sequence campaign."""

from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Remove from sequence",
    icon="list-minus",
    destructive=True,
    examples=[{"title": "A customer has bought", "input": {"sequence": "cmp_0123456789ab", "number": "+14155550123"}}],
)
def remove_from_sequence(ctx: Context, sequence: v.Sequence_, recipients: v.Recipients) -> v.Enrolled:
    """End a sequence for one person or many: steps that have not gone out are cancelled."""
    return ctx.sequences.remove(sequence, recipients)
