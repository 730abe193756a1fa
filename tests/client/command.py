"""Runs `assent ask` and `assent exec` as programs of their own, against a home folder."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any

from msgspec import Struct

_MAIN = """
import argparse, sys
from app.cli import ask, exec_
parser = argparse.ArgumentParser()
commands = parser.add_subparsers(required=True)
ask.add(commands)
exec_.add(commands)
args = parser.parse_args()
sys.exit(args.run(args))
"""
ROOT = Path(__file__).parents[2]


class Ended(Struct):
    status: int
    out: str
    err: str


async def start(home: Path, *words: str, **more: Any) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _MAIN,
        *words,
        env={**os.environ, "ASSENT_HOME": str(home), "PYTHONPATH": str(ROOT)},
        **{"stdin": PIPE, "stdout": PIPE, "stderr": PIPE, **more},
    )


async def assent(home: Path, *words: str, stdin: bytes = b"") -> Ended:
    process = await start(home, *words)
    out, err = await process.communicate(stdin)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())
