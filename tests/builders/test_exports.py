"""Packages of flow builders: whole, the same each time, made for one service, and to be had in two ways."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector import bootstrap
from connector.builders.archive import tgz, zipped
from connector.builders.exports import EXPORTS
from connector.cli import main
from tests.heed import Heed
from tests.oracles import key_with

CATALOGUE = bootstrap.pack().publish()


def unpacked(content: bytes, form: str) -> dict[str, bytes]:
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {one.filename: archive.read(one) for one in archive.infolist()}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return {one.name.removeprefix("package/"): archive.extractfile(one).read() for one in archive.getmembers()}


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda one: one.name)
def test_a_package_is_a_pure_function_of_the_catalogue_and_an_address(export):
    before = json.dumps(CATALOGUE)

    first, second = (export.archive(CATALOGUE, "https://heed.example") for _ in range(2))

    assert first == second
    assert json.dumps(CATALOGUE) == before
    assert unpacked(first, export.form) == export.make(CATALOGUE, "https://heed.example")
    assert export.make(CATALOGUE, "https://other.example") != export.make(CATALOGUE, "https://heed.example")


@pytest.mark.parametrize("export", EXPORTS.values(), ids=lambda one: one.name)
def test_a_package_holds_only_plain_paths_and_names_no_other_service(export):
    content = export.make(CATALOGUE, "https://heed.example")

    assert [path for path in content if path.startswith("/") or ".." in path or "__pycache__" in path] == []
    assert any(b"https://heed.example" in part for part in content.values())
    for path, part in content.items():
        if path.endswith(".json"):
            json.loads(part)


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_an_archive_holds_what_was_put_in(pack):
    content = {"a.txt": b"a", "deep/er/b.bin": bytes(range(256)), "ü.txt": "ü".encode()}

    assert unpacked(pack(content), "zip" if pack is zipped else "tgz") == content
    assert pack(content) == pack(dict(reversed(content.items())))


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_the_service_offers_each_package_with_its_own_address(heed: Heed):
    listed = heed.get("/v1/builders")["builders"]

    assert [one["name"] for one in listed] == list(EXPORTS)
    for one in listed:
        answer = heed.call("GET", one["links"]["download"], Accept="application/gzip")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{one["file"]}"'
        assert answer.data == EXPORTS[one["name"]].archive(heed.get("/v1/actions"), "http://heed.test")


@pytest.mark.parametrize("heed", ["sqlite"], indirect=True)
def test_an_unknown_builder_is_a_404_and_a_key_that_may_only_send_a_403(heed: Heed):
    assert heed.call("GET", "/v1/builders/toaster").status_code == 404
    assert heed.call("GET", "/v1/builders/node-red", key=key_with(heed, "send")).status_code == 403


@pytest.mark.parametrize("name", EXPORTS)
def test_the_command_writes_the_same_package_without_a_database(name: str, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("HEED_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HEED_PUBLIC_URL", "https://heed.example")
    folder = tmp_path / "out"

    done = CliRunner().invoke(main, ["export-builder", name, str(folder)])

    assert done.exit_code == 0, done.output
    written = {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()}
    assert written == EXPORTS[name].make(CATALOGUE, "https://heed.example")


def test_the_command_leaves_a_folder_with_something_in_it_alone(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")

    done = CliRunner().invoke(main, ["export-builder", "node-red", str(tmp_path)])

    assert done.exit_code == 1
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
