"""The tools that judge the tests are judged too: what they change, how they put it in, and when they say no."""

import ast
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.proof import branches
from tests.proof.mutation.grafting import grafted
from tests.proof.mutation.nursery import in_child
from tests.proof.mutation.operators import mutants
from tests.proof.mutation.plan import PARTS

ROOT = Path(__file__).parents[2]

# source of a function's body, and what it is changed to
CHANGES = {
    "return a < b": ["return a <= b", "return a >= b", "return None"],
    "return a == b": ["return a != b", "return None"],
    "return a and b": ["return a or b", "return b", "return a", "return None"],
    "return not a": ["return a", "return None"],
    "return True": ["return False"],
    "return 3": ["return 4"],
    "return ''": ["return 'x'"],
    "return 'Prose is for people'": [],
    "if a:\n    pass": ["if not a:\n    pass"],
    "if a > 0:\n    pass": ["if a >= 0:\n    pass", "if a <= 0:\n    pass", "if a > 1:\n    pass"],
    "a.close()": ["if False:\n    a.close()"],
    "raise ValueError": ["if False:\n    raise ValueError"],
    "for x in a:\n    pass": ["if False:\n    for x in a:\n        pass"],
    "a += b": ["a -= b", "if False:\n    a += b"],
    "b = a if b else a": ["b = a if not b else a"],
    "b = sorted(a, key=b)": ["b = list(a)", "b = sorted(a)"],
    "b = any(a)": ["b = all(a)"],
    "b = f(a, k=b)": ["b = f(a)"],
    "b = [x for x in a if x]": ["b = [x for x in a]", "b = [x for x in a if not x]"],
}


def function(body: str) -> str:
    return "def f(a: int, b: 'x'):\n" + "\n".join("    " + line for line in body.splitlines())


@pytest.mark.parametrize("body", CHANGES)
def test_every_small_change_is_made_once(body: str) -> None:
    made = []
    for number in range(len(mutants(ast.parse(function(body))))):
        tree = ast.parse(function(body))
        mutants(tree)[number].apply()
        made.append(ast.unparse(tree))

    assert sorted(made) == sorted(function(one) for one in CHANGES[body])


def test_the_same_change_twice_has_two_names() -> None:
    names = [one.name for one in mutants(ast.parse("def f():\n    g(1)\n    g(1)\n"))]

    assert "f: `1` becomes `2`" in names
    assert "f: `1` becomes `2` (2)" in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.module)
def test_what_is_said_to_change_no_promise_is_a_mutant_of_today(part) -> None:
    path = ROOT / (part.module.replace(".", "/") + ".py")

    assert set(part.equivalent) <= {one.name for one in mutants(ast.parse(path.read_text()))}
    assert all((ROOT / one.partition("::")[0]).exists() for one in part.tests)


def test_a_change_reaches_whoever_holds_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "class C:\n    def m(self, n=1):\n        return n\n    @property\n    def p(self):\n        return 1\nx = 1\n"
    )
    old = ModuleType("planted")
    exec(compile(source, "planted.py", "exec"), old.__dict__)  # noqa: S102 - the line above
    monkeypatch.setitem(sys.modules, "planted", old)
    method, one = old.C.m, old.C()
    changed = compile(source.replace("n=1", "n=2").replace("return 1", "return 5"), "planted.py", "exec")

    assert grafted("planted", "C.m", changed)
    assert (method(one), one.p) == (2, 1)
    assert grafted("planted", "C.p", changed)
    assert one.p == 5
    assert not grafted("planted", "", changed)
    assert not grafted("planted", "C", changed)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_mutant_that_does_not_end_is_ended_and_a_fault_of_ours_is_no_kill() -> None:
    def for_ever() -> None:
        while True:
            pass

    def broken() -> None:
        raise LookupError("ours")

    assert in_child(lambda: {"a": [1]}, 20.0) == {"a": [1]}
    assert in_child(for_ever, 0.2) is None
    with pytest.raises(RuntimeError, match="LookupError: ours"):
        in_child(broken, 20.0)


def test_coverage_below_the_mark_is_named_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    def file(branches: int, lines: int) -> dict:
        summary = {"num_branches": 100, "covered_branches": branches, "num_statements": 100, "covered_lines": lines}
        return {"summary": summary, "missing_lines": [7], "missing_branches": [[3, 5], [4, -1]]}

    whole = {f"{package}/a.py": file(96, 96) for package in branches.PACKAGES}
    assert branches.judge(whole) == 0
    assert "a.py" not in capsys.readouterr().out
    assert branches.judge(whole | {"connector/store/b.py": file(95, 95)}) == 0
    assert branches.judge(whole | {"connector/store/b.py": file(80, 99)}) == 1
    told = capsys.readouterr().out
    assert "connector/store/b.py: 80.0 % of branches, 99.0 % of lines; missing 7 3->5 4->exit" in told
    assert "connector/store: 88.0 % of branches, 97.5 % of lines" in told
    assert branches.judge(whole | {"connector/store/b.py": file(100, 80)}) == 1
