"""`@gated` keeps a function's signature; the package knows nothing of the node's code."""

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "clients/python"

SNIPPET = """
from assent_client import gated

@gated()
def send(to: str, *, times: int = 1) -> bytes:
    return to.encode() * times

@gated("fetch")
async def fetch(url: str) -> list[int]:
    return [len(url)]

async def use() -> None:
    reveal_type(send)
    reveal_type(await fetch("x"))
    send(1)
    send("x", 2)
    await fetch()
"""


def test_a_gated_function_keeps_its_signature(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(SNIPPET)
    said = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "agent.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(PACKAGE), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    ).stdout
    assert 'Revealed type is "def (to: str, *, times: int =) -> bytes"' in said, said
    assert re.search(r'Revealed type is "(builtins\.)?list\[(builtins\.)?int\]"', said), said
    assert said.count(": error:") == 3, said
    for wrong in ("arg-type", "Too many positional", "Missing positional"):
        assert wrong in said, said


def test_it_imports_nothing_of_the_nodes() -> None:
    for path in (PACKAGE / "assent_client").rglob("*.py"):
        assert not re.search(
            r"^\s*(from|import) (app|components|storage|widgets)\b", path.read_text(), re.MULTILINE
        ), path
