"""A backup is whole though messages leave while it is made, and where it is used nothing is sent twice."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli import main
from connector.demo.launch import Running
from tests.engine.scenes import campaign, enrol, numbers, seen, turn
from tests.heed import Heed


def backed_up(heed: Heed, monkeypatch: pytest.MonkeyPatch, to: Path) -> tuple[int, str]:
    for name, value in {
        "HEED_HOME": str(heed.home), "HEED_DATABASE_URL": heed.url, "HEED_SECRET": heed.settings.secret,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    answer = CliRunner().invoke(main, ["db", "backup", str(to)])
    return answer.exit_code, answer.output


def test_a_backup_knows_every_opt_out_and_sends_nothing_until_confirmed(
    heed: Heed, provider: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    to = tmp_path / "elsewhere" / "heed.db"
    to.parent.mkdir()
    if not heed.house.database.is_sqlite:
        code, told = backed_up(heed, monkeypatch, to)
        assert (code, "pg_basebackup" in told, to.exists()) == (1, True, False)
        return
    gone, people = numbers(1)[0], numbers(60)
    name = campaign(heed, provider)
    enrol(heed, name, [gone, *people])
    heed.act("add_to_opt_out", number=gone)
    turn(heed, name, "start")
    with heed.working():
        assert backed_up(heed, monkeypatch, to)[0] == 0
    heed.work()
    assert len(seen(provider, people)) == 60

    restored = Heed(f"sqlite:///{to}", to.parent)
    try:
        restored.work()
        assert restored.app.test_client().get("/readyz").json["status"] == "held"
        assert restored.act("check_consent", number=gone)["allowed"] is False
        assert restored.house.history.verify_all()["breaches"] == []
        assert len(seen(provider, people)) == 60, "what was sent after the backup is not sent again by itself"
        turn(restored, name, "cancel")
        restored.post("/v1/database/confirm")
        restored.work()
        assert len(seen(provider, people)) == 60
    finally:
        restored.close()


def test_a_backup_overwrites_nothing(heed: Heed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not heed.house.database.is_sqlite:
        pytest.skip("PostgreSQL has tools of its own")
    to = tmp_path / "kept"
    to.write_text("something dear")

    assert backed_up(heed, monkeypatch, to)[0] == 1
    assert to.read_text() == "something dear"
