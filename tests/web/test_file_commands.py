"""``heed import`` and ``heed export`` (L07)."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli import main
from tests.heed import KEY, Heed


@pytest.fixture
def run(heed: Heed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    for name, value in {"HOME": heed.home, "DATABASE_URL": heed.url, "SECRET": "s" * 32, "BOOTSTRAP_KEY": KEY}.items():
        monkeypatch.setenv(f"HEED_{name}", str(value))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return call


def test_l07_a_file_goes_in_and_out_by_the_command(heed: Heed, run, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Phone;Why\n+14155550101;asked\n12;\n+14155550102;\n")
    tried = json.loads(run("import", "default", str(people), "--map", "Why:reason", "--dry-run", "--json").stdout)
    assert (tried["dry_run"], tried["imported"]) == (True, 2)
    done = run("import", "default", str(people), "--map", "Why:reason")
    assert done.exit_code == 0
    assert "imported=2 already=0 superseded=0 refused=0 rejected=1" in done.stdout
    assert run("export", "default", str(tmp_path / "out.csv")).exit_code == 0
    assert run("export", "default", "--format", "csv").stdout.splitlines() == (tmp_path / "out.csv").read_text().split()
    assert "+14155550101,,,all,out," in (tmp_path / "out.csv").read_text()
    assert not heed.act("check_consent", number="+14155550101", channel="sms")["allowed"]


def test_l07_the_command_says_what_is_wrong(heed: Heed, run, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("name,city\nAda,London\n")
    wrong = run("import", "default", str(people))
    assert wrong.exit_code == 1
    assert "no column holds numbers" in wrong.stderr
    assert run("import", "nowhere", str(people)).exit_code == 1
    assert run("export", "nowhere").exit_code == 1
