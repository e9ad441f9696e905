"""The scenes of the story, each over HTTP as a builder, an operator or a provider would call."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.demo.check import OptOut, Row, Told
from connector.demo.client import CallFailed, Client
from connector.demo.contacts import COLUMNS, Contact, ContactFile
from connector.demo.show import Show
from connector.demo.stage import Stage

BROADCAST = {"Winter news": 1}
STEPS = {"(1 of 3)": 1, "(2 of 3)": 2, "(3 of 3)": 3}
#: How long a person waits for the next step, seconds.
DELAY_S = 4
#: Nothing takes longer than this, a killed worker's messages included.
PATIENCE_S = 60.0
_LOOK_S = 0.25


@dataclass
class Plot:
    """What the scenes share."""

    stage: Stage
    show: Show
    file: ContactFile
    sender: dict[str, Any] = field(default_factory=dict)
    opted: list[OptOut] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    @property
    def client(self) -> Client:
        return self.stage.client

    def expect(self, found: Any, wanted: Any, what: str) -> None:
        if found != wanted:
            self.faults.append(f"{what}: {found!r} instead of {wanted!r}")


def make_sender(plot: Plot) -> None:
    """A sender whose provider is the recorder."""
    settings = {"url": plot.stage.provider.url}
    body = {"provider": "http_api", "channel": "sms", "number": "+12025550199", "settings": settings}
    plot.sender = plot.client.post("/v1/senders", body)


def opt_out_mapped(plot: Plot, people: Sequence[Contact]) -> None:
    """A builder's call: one mapping, and the flow's data as they are."""
    mapping = {"recipients": "{{ contacts[*].{number: phone, email: mail} }}", "reason": "{{ form.name }}"}
    contacts = [{"phone": one.row(index)[1], "mail": one.email, "name": one.name} for index, one in enumerate(people)]
    data = {"form": {"name": "Preference page"}, "contacts": contacts}
    at = plot.client.settled("/v1/actions/add_to_opt_out/mapped", {"mapping": mapping, "data": data})
    plot.opted += [OptOut(one.number, at, "mapped action") for one in people]


def opt_out_bound(plot: Plot, people: Sequence[Contact]) -> None:
    """A saved mapping with a URL of its own, fed with whatever the builder posts."""
    mapping = {
        "number": "{{ payload.answers[?kind == 'phone'] | [0].value }}", "email": "{{ payload.answers[?kind == "
        "'email'] | [0].value }}", "reason": "Form {{ payload.form_title }}",
    }  # fmt: skip
    body = {
        "name": "Goodbye form", "action": "add_to_opt_out", "mapping": mapping, "sample": _submission(people[0], 0),
    }  # fmt: skip
    binding = plot.client.post("/v1/bindings", body)
    for index, one in enumerate(people):
        at = plot.client.settled(binding["run_url"], _submission(one, index))
        plot.opted.append(OptOut(one.number, at, "binding"))


def broadcast(plot: Plot) -> Told:
    """Everybody in the file is written to, except those who said no."""
    text = f"Hello {{{{ first_name }}}}! {next(iter(BROADCAST))}: everything is warm. Reply STOP to end."
    campaign = make_campaign(plot, "broadcast", "Winter news", [{"text": text}])
    enrol(plot, campaign, skipped=0)
    start(plot, campaign)
    with plot.show.bar("Broadcast", len(plot.file.people)) as tell:
        report = until_done(plot, campaign, tell)
    plot.show.say(f"The report says: {report['summary']}")
    plot.expect(report["summary"], f"{len(plot.file.opted_out)} contacts skipped (opted-out)", "broadcast")
    told = Told("broadcast", {one.number for one in plot.file.people}, BROADCAST, rows_of(plot, campaign), report)
    skipped = {row.recipient for row in told.rows if row.error == "Optout Number"}
    plot.expect(skipped, {one.number for one in plot.file.opted_out}, "rows named Optout Number")
    return told


def make_campaign(plot: Plot, kind: str, name: str, steps: Sequence[dict[str, Any]]) -> str:
    body = {"kind": kind, "name": name, "sender": plot.sender["id"], "steps": list(steps)}
    return f"/v1/campaigns/{plot.client.post('/v1/campaigns', body)['id']}"


def enrol(plot: Plot, campaign: str, skipped: int) -> None:
    """The CSV; ``skipped`` is how many are refused at the door because they had opted out."""
    renamed = "&".join(f"map={theirs}:{ours}" for theirs, ours in COLUMNS.items())
    before = plot.client.repeats
    answer = plot.client.upload(f"{campaign}/enrol?{renamed}", plot.file.text)
    people, twice, broken = len(plot.file.people), plot.file.twice, plot.file.broken
    plot.show.say(
        f"{answer['rows']} rows: {answer['enrolled']} enrolled, {answer['already']} there already, "
        f"{answer['opted_out']} opted out, {answer['rejected']} refused"
    )
    for row in answer["rejected_rows"] if not skipped else ():
        plot.show.ask_for_patience(f"    line {row['line']}: {row['detail']}")
    plot.expect([(row["line"], row["code"]) for row in answer["rejected_rows"]], list(broken), "refused rows")
    plot.expect(answer["opted_out"], skipped, "refused at the door")
    plot.expect(answer["enrolled"] + answer["already"], people + twice - skipped, "enrolled and there already")
    if plot.client.repeats == before:  # a repeated call finds people whom the first one took in
        plot.expect(answer["already"], twice, "there already")


def start(plot: Plot, campaign: str) -> None:
    try:
        plot.client.post(f"{campaign}/start")
    except CallFailed as error:
        # The service died between starting it and saying so.
        if error.status != 409 or plot.client.get(campaign)["status"] != "running":
            raise


def until_done(plot: Plot, campaign: str, tell: Callable[[int], None]) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_S
    while (report := progress(plot, campaign, tell, end))["due"] + report["scheduled"]:
        time.sleep(_LOOK_S)
    return report


def progress(plot: Plot, campaign: str, tell: Callable[[int], None], end: float) -> dict[str, Any]:
    """The report; CallFailed where it is not finished in time."""
    report: dict[str, Any] = plot.client.get(f"{campaign}/report")
    tell(report["total"] - report["due"] - report["scheduled"])
    if time.monotonic() > end:
        raise CallFailed(f"{campaign} does not end: {report['due']} messages are due. {plot.stage.last_words()}")
    return report


def rows_of(plot: Plot, campaign: str) -> list[Row]:
    rows = csv.DictReader(io.StringIO(plot.client.text(f"{campaign}/report.csv"), newline=""))
    return [Row(row["recipient"], int(row["step"]), row["status"], row["error"], row["reasons"]) for row in rows]


def _submission(one: Contact, index: int) -> dict[str, Any]:
    """A form builder's payload, as raw as it comes."""
    answers = [
        {"ref": "a1", "kind": "text", "value": one.name}, {"ref": "a2", "kind": "phone", "value": one.row(index)[1]},
        {"ref": "a3", "kind": "email", "value": one.email},
    ]  # fmt: skip
    payload = {"form_title": "Goodbye {{ not evaluated }}", "answers": answers, "score": 3.5, "tags": []}
    return {"event": "form.submitted", "attempt": 1, "payload": payload}
