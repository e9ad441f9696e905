"""Put people on their way through a sequence campaign."""

from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Add to sequence",
    icon="list-plus",
    scope="send",
    examples=[
        {
            "title": "Start the welcome series",
            "input": {
                "sequence": "cmp_0123456789ab",
                "number": "+14155550123",
                "attributes": {"first_name": "Ada"},
            },
        }
    ],
)
def add_to_sequence(
    ctx: Context, sequence: v.Sequence_, recipients: v.Recipients, attributes: v.Attributes = None
) -> v.Enrolled:
    """Enrol one person or many in a sequence. Who opted out is not enrolled; each step asks again before it sends."""
    return ctx.sequences.enrol(sequence, recipients, attributes)
