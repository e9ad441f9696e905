"""Settings from HEED_* variables, a ``.env`` file, or both (variables win); everything wrong is named at once."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from environs import Env, EnvValidationError

#: Characters of HEED_SECRET at least.
SHORTEST_SECRET = 16
#: Threads of a web process for callers whose bodies are on their way or who wait for one of HEED_THREADS seats.
CALLERS = 1_024
LEVELS = ("debug", "info", "warning", "error")


class BadSettings(Exception):
    """Some settings can't be used; the message has a line for each."""


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days what is over is kept; 0: for ever. The history of consent is always kept."""

    #: Messages that were sent, suppressed, failed, cancelled or are unknown, of campaigns that are over.
    sends: int = 730
    #: Webhooks that were delivered or given up.
    deliveries: int = 30
    #: Answers for repeats of a call with the same Idempotency-Key.
    answers: int = 1
    #: What people wrote and somebody has dealt with.
    texts: int = 90
    #: Files of imports and the reports of their rejected rows.
    files: int = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process is set up."""

    home: Path
    host: str
    port: int
    public_url: str
    database_url: str
    #: None where ``heed up`` is to bring its own queue server.
    redis_url: str | None
    secret: str
    region: str | None
    bootstrap_key: str | None
    allow_private_targets: bool
    allow_unsafe_database: bool
    threads: int
    web_processes: int
    workers: int
    #: How long an opt-out waits for a hand-off in progress before it answers 202, seconds.
    wait_s: float
    #: Proxies in front, each of which adds one address to X-Forwarded-For; 0 where callers come straight here.
    trusted_proxies: int = 0
    log_level: str = "info"
    #: What /metrics asks for; None where anybody who reaches it may read it.
    metrics_token: str | None = None
    keep: Keep = Keep()


def load(env_file: Path | None = None) -> Settings:
    """The settings of this process. BadSettings names every problem at once."""
    env = Env(eager=False, prefix="HEED_")
    env.read_env(str(env_file or Path(".env")), recurse=False)
    home = Path(env.str("HOME", "var")).absolute()
    host, port = env.str("HOST", "127.0.0.1"), env.int("PORT", 8080)
    url, secret = _driver(env.str("DATABASE_URL", "")), env.str("SECRET", "")
    read = Settings(
        home=home,
        host=host,
        port=port,
        public_url=(env.str("PUBLIC_URL", "") or f"http://{host}:{port}").rstrip("/"),
        database_url=url or f"sqlite:///{home / 'heed.db'}",
        redis_url=env.str("REDIS_URL", "") or None,
        secret=secret,
        region=env.str("DEFAULT_REGION", "").upper() or None,
        bootstrap_key=env.str("BOOTSTRAP_KEY", "") or None,
        allow_private_targets=env.bool("ALLOW_PRIVATE_TARGETS", False),
        allow_unsafe_database=env.bool("ALLOW_UNSAFE_DATABASE", False),
        threads=env.int("THREADS", 16),
        web_processes=env.int("WEB_PROCESSES", 1),
        workers=env.int("WORKERS", 1),
        wait_s=env.float("WAIT_S", 10.0),
        trusted_proxies=env.int("TRUSTED_PROXIES", 0),
        log_level=env.str("LOG_LEVEL", "info").lower(),
        metrics_token=env.str("METRICS_TOKEN", "") or None,
        keep=Keep(
            sends=env.int("KEEP_SENDS_DAYS", 730),
            deliveries=env.int("KEEP_DELIVERIES_DAYS", 30),
            answers=env.int("KEEP_ANSWERS_DAYS", 1),
            texts=env.int("KEEP_TEXTS_DAYS", 90),
            files=env.int("KEEP_FILES_DAYS", 30),
        ),
    )
    if faults := _sealed(env) + _faults(read):
        raise BadSettings("\n".join(faults))
    return read if secret else replace(read, secret=_kept_secret(home))


def environment(settings: Settings) -> dict[str, str]:
    """The variables that make a child process see the same settings."""
    values = {
        "HOME": settings.home, "HOST": settings.host, "PORT": settings.port, "PUBLIC_URL": settings.public_url,
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url or "", "SECRET": settings.secret,
        "DEFAULT_REGION": settings.region or "", "THREADS": settings.threads, "WORKERS": settings.workers,
        "WEB_PROCESSES": settings.web_processes, "WAIT_S": settings.wait_s,
        "TRUSTED_PROXIES": settings.trusted_proxies,
        "ALLOW_PRIVATE_TARGETS": int(settings.allow_private_targets),
        "ALLOW_UNSAFE_DATABASE": int(settings.allow_unsafe_database),
        "LOG_LEVEL": settings.log_level, "METRICS_TOKEN": settings.metrics_token or "",
        **{f"KEEP_{name.upper()}_DAYS": days for name, days in asdict(settings.keep).items()},
    }  # fmt: skip
    counts = settings.home / "metrics" / socket.gethostname()
    counts.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = {f"HEED_{name}": str(value) for name, value in values.items()}
    return {**os.environ, **ours, "PROMETHEUS_MULTIPROC_DIR": str(counts)}


def _sealed(env: Env) -> list[str]:
    try:
        env.seal()
    except EnvValidationError as error:
        messages: Any = error.error_messages
        return [f"{name}: {text}" for name, text in messages.items()]
    return []


def _faults(read: Settings) -> list[str]:
    key, region = read.bootstrap_key or "heed_id_secret", read.region or "US"
    known = ("sqlite:///", "postgresql+psycopg://")
    # What can't be read is None here, and told by the reader.
    checks = (
        (not (len(region) == 2 and region.isalpha()), "HEED_DEFAULT_REGION: must be two letters, such as US"),
        (not key.startswith("heed_") or key.count("_") < 2, "HEED_BOOTSTRAP_KEY: must look like heed_<keyid>_<secret>"),
        (not read.database_url.startswith(known), "HEED_DATABASE_URL: must begin with sqlite:/// or postgresql://"),
        (0 < len(read.secret) < SHORTEST_SECRET, f"HEED_SECRET: must have at least {SHORTEST_SECRET} characters"),
        (read.log_level not in LEVELS, f"HEED_LOG_LEVEL: must be one of {', '.join(LEVELS)}"),
        (min(days or 0 for days in asdict(read.keep).values()) < 0, "HEED_KEEP_…_DAYS: must be 0 (for ever) or more"),
        (read.keep.answers == 0, "HEED_KEEP_ANSWERS_DAYS: must be at least 1"),
        ((read.trusted_proxies or 0) < 0, "HEED_TRUSTED_PROXIES: must be how many proxies are in front, 0 or more"),
        (read.threads in (0, 1) or (read.threads or 0) < 0, "HEED_THREADS: must be at least 2"),
    )
    return [fault for holds, fault in checks if holds]


def _driver(url: str) -> str:
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _kept_secret(home: Path) -> str:
    """The secret kept in the state folder, made on first use: losing it would lose every suppression."""
    path = home / "secret"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        os.fsync(file.fileno())
    return path.read_text().strip()
