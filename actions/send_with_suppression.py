"""Send, unless the person said no."""

from connector.domain.words import Purpose
from connector.sdk import Context, action
from schemas import vocabulary as v


@action(
    title="Send with suppression",
    icon="send",
    scope="send",
    idempotent=False,
    examples=[
        {
            "title": "An offer to one number",
            "input": {
                "sender": "sdr_0123456789ab",
                "number": "+14155550123",
                "text": "Hi, our sale starts today. Reply STOP to opt out.",
            },
        }
    ],
)
def send_with_suppression(
    ctx: Context,
    sender: v.Sender,
    recipients: v.Recipients,
    text: v.Text = None,
    subject: v.Subject = None,
    html: v.Html = None,
    template: v.Template = None,
    lists: v.Lists = ("default",),
    purpose: v.PurposeWord = Purpose.MARKETING,
    require_opt_in: v.RequireOptIn = False,
    bypass_groups: v.BypassGroups = (),
    reference: v.Reference = None,
    send_at: v.SendAt = None,
    async_: v.Async = False,
) -> v.Delivery:
    """Send a message to one person or many. Who opted out is left out and reported as "Optout Number".

    Consent is looked up at the last moment, in the worker that hands the message over.
    """
    content = {"text": text, "subject": subject, "html": html, "template": template}
    return ctx.sending.send(
        sender, recipients, content, lists=lists, purpose=purpose, require_opt_in=require_opt_in,
        bypass_groups=bypass_groups, reference=reference, send_at=send_at, wait=not async_,
    )  # fmt: skip
