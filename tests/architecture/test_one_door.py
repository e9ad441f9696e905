"""One way out: a message is handed over in one place, with a permit that is made in one place."""

import ast

import pytest

from tests.architecture.sources import called_name, module_name, production_files, read

DELIVER = "connector/engine/send.py"
PERMIT = "connector/engine/claim.py"
LONGEST_MODULE = 220
LONGEST_WORKER = 40


def deliveries(source: str) -> int:
    """How often something's `deliver` is reached for: to call it, or to hand it to a thread that will."""
    return sum(isinstance(node, ast.Attribute) and node.attr == "deliver" for node in ast.walk(ast.parse(source)))


def permits(source: str) -> int:
    """How often a `Permit` is made, or given another name under which it could be."""
    return sum(
        (isinstance(node, ast.Call) and called_name(node) == "Permit")
        or (isinstance(node, ast.alias) and node.name == "Permit" and node.asname is not None)
        for node in ast.walk(ast.parse(source))
    )


def places(count) -> list[str]:
    """The production files where something happens, once for each time it does."""
    return [str(file) for file in production_files() for _ in range(count(read(file)))]


def is_written_by_hand(module: str) -> bool:
    return not module.startswith(("connector.store.migrations", "connector.data"))


def test_a_message_is_handed_over_in_one_place():
    assert places(deliveries) == [DELIVER]


def test_a_permit_is_made_in_one_place():
    assert places(permits) == [PERMIT]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("provider.deliver(message, permit)", 1),
        ("self._providers[name].deliver(message, permit)", 1),
        ("super().deliver(message, permit)", 1),
        ("pool.submit(provider.deliver, message, permit)", 1),
        # to define it is a provider's work
        ("class Sms:\n    def deliver(self, message, permit): ...", 0),
        ("deliver = provider.name", 0),
        ("delivered = provider.delivered", 0),
    ],
)
def test_the_search_for_deliveries_bites(source, count):
    assert deliveries(source) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("permit = Permit(send_id, token, deadline)", 1),
        ("from connector.domain import messages\npermit = messages.Permit(send_id, token, deadline)", 1),
        ("from connector.domain.messages import Permit as Pass", 1),
        ("class Permit: ...", 0),
        ("def deliver(message: Message, permit: Permit) -> Receipt: ...", 0),
    ],
)
def test_the_search_for_permits_bites(source, count):
    assert permits(source) == count


def test_the_worker_fits_on_one_page():
    lines = [len(read(file).splitlines()) for file in production_files() if str(file) == "worker.py"]

    assert len(lines) == 1
    assert lines[0] <= LONGEST_WORKER


def test_no_module_outgrows_its_reader():
    lengths = {
        str(file): len(read(file).splitlines()) for file in production_files() if is_written_by_hand(module_name(file))
    }

    assert {file: length for file, length in lengths.items() if length > LONGEST_MODULE} == {}
