"""All pieces of work in the middle of which somebody dies, by name."""

from collections.abc import Mapping

from tests.proof.crash_calls import Cancelling, Enrolling, Erasing, OptingOut, Replying, SendingDirectly, Stopping
from tests.proof.crash_scene import Scene
from tests.proof.crash_workers import Broadcast, Gathering, Importing, Reaping, Sequence, Telling

_ALL: tuple[type[Scene], ...] = (
    Broadcast, Sequence, Gathering, Reaping, Importing, Telling,
    OptingOut, Stopping, Replying, Erasing, Enrolling, Cancelling, SendingDirectly,
)  # fmt: skip
SCENES: Mapping[str, type[Scene]] = {one.name: one for one in _ALL}
