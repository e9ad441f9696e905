"""The n8n package without an n8n: its own rules, and its nodes in Node.js with what n8n would hand them."""

import subprocess
from pathlib import Path

import pytest

from connector import bootstrap
from connector.builders.exports import EXPORTS
from tests.builders_live.n8n_source import complaints, lay_out
from tests.builders_live.packages import place, program


@pytest.fixture
def content() -> dict[str, bytes]:
    return EXPORTS["n8n"].make(bootstrap.pack().publish(), "https://heed.example")


def test_the_rules_of_n8n_have_nothing_to_say(content: dict[str, bytes], tmp_path: Path) -> None:
    lay_out(content, tmp_path)

    assert complaints(tmp_path) == []


#: A part of the package, what is done to it, and the rule that must notice.
BROKEN = [
    ("package.json", b'"peerDependencies"', b'"dependencies"', "no-runtime-dependencies"),
    ("dist/nodes/Heed/Heed.node.js", b"usableAsTool: true,", b"", "node-usable-as-tool"),
    (
        "dist/nodes/HeedTrigger/HeedTrigger.node.js",
        b"async checkExists()",
        b"async looks()",
        "webhook-lifecycle-complete",
    ),
    ("dist/nodes/Heed/Heed.node.js", b"pairedItem: { item: itemIndex }", b"", "missing-paired-item"),
    ("dist/credentials/HeedApi.credentials.js", b"test = ", b"tested = ", "credential-test-required"),
]


@pytest.mark.parametrize(("path", "part", "instead", "rule"), BROKEN, ids=[one[3] for one in BROKEN])
def test_the_rules_are_really_applied(
    content: dict[str, bytes], tmp_path: Path, path: str, part: bytes, instead: bytes, rule: str
) -> None:
    assert part in content[path]
    lay_out({**content, path: content[path].replace(part, instead)}, tmp_path)

    assert any(rule in one for one in complaints(tmp_path))


def test_the_nodes_do_what_they_promise(content: dict[str, bytes], tmp_path: Path) -> None:
    """``n8n_nodes.test.js``, run by Node.js itself."""
    for path, part in content.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(part)
    (tmp_path / "node_modules").symlink_to(place("n8n-lint") / "node_modules")
    suite = (Path(__file__).parent / "n8n_nodes.test.js").read_text()
    (tmp_path / "nodes.test.js").write_text(suite)

    command = [program("node"), "--test", "nodes.test.js"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout
