"""``python -m tests.proof.twilio_mock``: our requests before a mock made from Twilio's own OpenAPI; as JSON.

The description is the one that Twilio's command line ships (``@twilio/cli-core`` on npm), cut to the call that sends a
message; the mock is Prism. It ends with 1 where the mock refuses a request of ours, or lets a wrong one pass, which
would prove nothing; with 2 where the packages can't be had. ``make twilio-mock`` installs them into `var/twilio-mock`.
"""

import base64
import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from connector.domain.messages import Accepted, Message, Template
from connector.domain.words import Channel
from connector.providers.twilio import Twilio
from tests.providers.factories import a_message, a_permit
from tests.providers.test_twilio import ACCOUNT, SERVICE, SETTINGS, TOKEN

PLACE = Path("var") / "twilio-mock"
PRISM = PLACE / "node_modules" / ".bin" / "prism"
SPEC = PLACE / "node_modules" / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"
_PATH = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
_STARTS_S = 60.0

#: What we send: each kind of message that the provider knows.
OURS: dict[str, tuple[Message, dict[str, Any]]] = {
    "text": (a_message(), {}),
    "text of many letters": (a_message(text="ストップ 🛑 & = + %" * 20), {}),
    "by a messaging service": (a_message(), {"messaging_service_sid": SERVICE}),
    "whatsapp": (a_message(channel=Channel.WHATSAPP), {}),
    "rcs": (a_message(channel=Channel.RCS), {"messaging_service_sid": SERVICE}),
    "approved content": (a_message(template=Template("HX" + "a" * 32, "en", ("Ada", "7 %"))), {}),
    "with a callback": (a_message(send_id="msg_7", inbound_path="/in/token"), {}),
}
#: What Twilio's description forbids, and how the mock has to answer: else it looks at nothing.
WRONG: dict[str, tuple[dict[str, str], str, bool, int]] = {
    "without a recipient": ({"From": "+15550199", "Body": "x"}, ACCOUNT, True, 422),
    "without a login": ({"To": "+15550100", "Body": "x"}, ACCOUNT, False, 401),
    "of an account with another name": ({"To": "+15550100", "Body": "x"}, "AC1", True, 422),
    "by a service with another name": ({"To": "+15550100", "MessagingServiceSid": "MG1"}, ACCOUNT, True, 422),
}


def main() -> int:
    """Ask the mock everything, and judge."""
    if not (PRISM.exists() and SPEC.exists()):
        print("twilio-mock: the packages are not there; run `make twilio-mock` with npm on PATH", file=sys.stderr)
        return 2
    with mock() as port:
        ours = {name: _sent(port, *one) for name, one in OURS.items()}
        wrong = {name: _answered(port, *one[:3]) for name, one in WRONG.items()}
    faults = [f"{name}: {outcome}" for name, outcome in ours.items() if not isinstance(outcome, Accepted)]
    vacuous = [f"{name}: {status}" for name, status in wrong.items() if status != WRONG[name][3]]
    report = {"holds": not faults and not vacuous, "accepted": len(ours) - len(faults), "refused": len(wrong),
              "faults": faults, "vacuous": vacuous}  # fmt: skip
    print(json.dumps(report, indent=2))
    return 0 if report["holds"] else 1


@contextlib.contextmanager
def mock() -> Iterator[int]:
    """The port of a mock that answers for Twilio; RuntimeError where it does not come up."""
    cut = PLACE / "messages.json"
    cut.write_text(json.dumps(_only_messages(json.loads(SPEC.read_text(encoding="utf-8")))), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(cut)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _until_it_listens(port, process)
            yield port
        finally:
            process.terminate()


def _only_messages(spec: dict[str, Any]) -> dict[str, Any]:
    """The whole description takes three times as long to load."""
    sends = {name: part for name, part in spec["paths"][_PATH].items() if name in ("post", "parameters")}
    return {**spec, "servers": [{"url": "http://127.0.0.1"}], "paths": {_PATH: sends}}


def _until_it_listens(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTS_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("the mock did not start")


def _sent(port: int, message: Message, settings: dict[str, Any]) -> object:
    twilio = Twilio(allow_private=True, public_url="https://heed.example")
    return twilio.deliver(message, a_permit(), {**SETTINGS, **settings, "base_url": f"http://127.0.0.1:{port}"})


def _answered(port: int, form: dict[str, str], account: str, has_login: bool) -> int:
    login = {"Authorization": "Basic " + base64.b64encode(f"{account}:{TOKEN}".encode()).decode()} if has_login else {}
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **login}
    line.request("POST", _PATH.format(AccountSid=account), urlencode(form), headers)
    status = line.getresponse().status
    line.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
