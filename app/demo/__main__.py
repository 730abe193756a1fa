"""`python -m app.demo --home HOME`: the four agents, until stdin closes or SIGTERM comes."""

import argparse
import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from random import Random

from app.demo.agent import Worker
from app.demo.crafts import ANALYST, BUILDER, FETCHER, KEEPER, repertoire
from app.demo.database import database_tools
from app.demo.files import file_tools
from app.demo.office import office_tools
from app.demo.planning import Craft, Mind
from app.demo.sandbox import Sandbox
from app.demo.shell import shell_tools
from app.demo.site import serving
from app.demo.tools import Tool
from app.demo.web import web_tools
from app.intake.client import Client

CRAFTS = (KEEPER, ANALYST, FETCHER, BUILDER)


def make_tools(craft: Craft, sandbox: Sandbox, site: str, seed: int) -> dict[str, Tool]:
    """The tools of one agent: only its own."""
    if craft is KEEPER:
        return {**file_tools(sandbox), **office_tools(sandbox)}
    if craft is ANALYST:
        return {**database_tools(sandbox, seed), **office_tools(sandbox)}
    if craft is FETCHER:
        return {**web_tools(site), **office_tools(sandbox)}
    return shell_tools(sandbox, repertoire(site))


async def work(home: Path, seed: int, pace: float) -> None:
    """Let the agents work until the process is told to end."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    threading.Thread(target=_await_end, args=(loop, ended), daemon=True).start()
    with serving() as site:
        tasks = [
            asyncio.create_task(_worker(craft, home, site, seed).run(pace)) for craft in CRAFTS
        ]
        end = asyncio.create_task(ended.wait())
        await asyncio.wait([*tasks, end], return_when=asyncio.FIRST_COMPLETED)
        broken = [task for task in tasks if task.done()]
        for task in (*tasks, end):
            task.cancel()
        await asyncio.gather(*tasks, end, return_exceptions=True)
        for task in broken:
            task.result()


def _worker(craft: Craft, home: Path, site: str, seed: int) -> Worker:
    sandbox = Sandbox(home / "demo" / craft.name)
    rng = Random(f"{seed} {craft.name}")  # noqa: S311 - a demonstration, no secret
    tools = make_tools(craft, sandbox, site, seed)
    return Worker(Client(home, craft.name), Mind(craft, rng, site), tools, sandbox, rng)


def _await_end(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Read stdin to its end: whoever started this process holds the other side."""
    with suppress(OSError):
        while sys.stdin is not None and os.read(sys.stdin.fileno(), 4096):
            pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(ended.set)


def main() -> None:
    """Read the command line and work."""
    parser = argparse.ArgumentParser(prog="python -m app.demo", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the node's home folder")
    parser.add_argument("--seed", type=int, default=1, help="the same seed plans the same work")
    parser.add_argument("--pace", type=float, default=1.0, help="2 is twice as fast")
    args = parser.parse_args()
    if not 0 < args.pace <= 1000:
        parser.error("--pace is above 0 and at most 1000")
    asyncio.run(work(args.home, args.seed, args.pace))


if __name__ == "__main__":
    main()
