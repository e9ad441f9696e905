"""Settings from the environment: each fault is told by the name of its variable, and all of them at once."""

from pathlib import Path

import pytest

from connector.settings import BadSettings, load


def faults(monkeypatch: pytest.MonkeyPatch, home: Path, **given: str) -> list[str]:
    for name, value in {"HOME": str(home), **given}.items():
        monkeypatch.setenv(f"HEED_{name}", value)
    try:
        load()
    except BadSettings as error:
        return [line.partition(":")[0] for line in str(error).splitlines()]
    return []


@pytest.mark.parametrize("threads", ["0", "1", "-2", "many"])
def test_too_few_threads_to_answer_anybody_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, threads: str
) -> None:
    assert faults(monkeypatch, tmp_path, THREADS=threads) == ["HEED_THREADS"]


def test_every_fault_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = faults(monkeypatch, tmp_path, THREADS="x", TRUSTED_PROXIES="y", DEFAULT_REGION="Narnia", LOG_LEVEL="loud")

    assert set(told) == {"HEED_THREADS", "HEED_TRUSTED_PROXIES", "HEED_DEFAULT_REGION", "HEED_LOG_LEVEL"}


def test_what_is_right_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert faults(monkeypatch, tmp_path, THREADS="2", TRUSTED_PROXIES="1", DEFAULT_REGION="us") == []
