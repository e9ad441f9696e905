"""The receiver's process as the soak of webhooks starts and kills it."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.hook_watch import until
from connector.embedded import tied_to_parent


@dataclass
class Receiver:
    """The receiver's process, at one address and over one record however often it is killed."""

    record: Path
    #: It takes its time, twice so long, so that a kill meets deliveries on their way.
    pause_ms: int
    secret: str = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as line:
                self.port = line.getsockname()[1]
        own = ["--port", str(self.port), "--record", str(self.record), "--pause-ms", str(self.pause_ms)]
        self.process = subprocess.Popen(
            tied_to_parent([sys.executable, "-m", "bench.hook_receiver", *own]),
            env={**os.environ, "WEBHOOK_SECRET": self.secret}, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        until(self._listens, 20, "the receiver listens")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
