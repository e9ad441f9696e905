"""A message, a permit and an inbound call, each with what most tests do not care about."""

from connector.domain.messages import InboundRequest, Message, Permit
from connector.domain.words import Channel
from connector.uptime import uptime


def a_message(**changes):
    return Message(
        **{
            "send_id": "snd_1",
            "channel": Channel.SMS,
            "to": "+15550100",
            "sender": "+15550199",
            "text": "Hello",
            **changes,
        }
    )


def a_mail(**changes):
    return a_message(
        **{
            "channel": Channel.EMAIL,
            "to": "ann@people.example",
            "sender": "news@shop.example",
            "subject": "News",
            **changes,
        }
    )


def a_permit(seconds=5.0):
    return Permit(send_id=1, token=1, deadline=uptime() + seconds)


def a_call(body=b"", headers=None, url="https://heed.example/in/token"):
    return InboundRequest("POST", url, headers or {}, body)
