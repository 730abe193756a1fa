"""Takes the README's pictures: a real node, the demo agents at work, the console as it runs.

`pictures.py [SECONDS]`: SECONDS of work first (default 200), then SVG files in docs/. A baseline
is set of the first part of them, where there was enough work for one.
"""

import asyncio
import contextlib
import re
import sys
import tempfile
from pathlib import Path

from app.console.app import Console
from app.desk import DeskError
from app.node.local_desk import LocalDesk
from app.node.node import Node
from app.session import demo_agents, tune_interpreter
from app.settings import Settings
from components.clock import SystemClock

DOCS = Path(__file__).parents[1] / "docs"
FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
SHOTS = (
    ("watch", (160, 44), "dark", ()),
    ("watch-80x24", (80, 24), "dark", ()),
    ("watch-light", (120, 40), "light", ()),
    ("watch-colour-blind", (120, 40), "colour-blind", ()),
    ("audit", (120, 40), "dark", ("2",)),
    ("learning", (120, 40), "dark", ("3",)),
    ("agents", (120, 40), "dark", ("4",)),
    ("alerts", (120, 40), "dark", ("5",)),
    ("trends", (120, 40), "dark", ("6", "plus")),
    ("report", (120, 40), "dark", ("7",)),
    ("help", (120, 40), "dark", ("question_mark",)),
)


async def shoot(
    node: Node, name: str, size: tuple[int, int], theme: str, keys: tuple[str, ...]
) -> None:
    """Open the console at one size, press the keys, keep what it shows."""
    console = Console(LocalDesk(node), node.clock, theme=theme, plain=False)
    async with console.run_test(size=size) as pilot:
        await pilot.pause(1.5)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(1.0)
        await pilot.pause(0.5)
        picture = console.export_screenshot(title=f"assent · {name}")
    # The page's own monospace font will do: a picture must not fetch anything. Some programs trim
    # each piece of text, no-break spaces too, unless they are told not to.
    picture = FONT_FACE.sub("", picture).replace("<svg ", '<svg xml:space="preserve" ', 1)
    (DOCS / f"{name}.svg").write_text(picture, "utf-8")
    print(f"docs/{name}.svg")


def main() -> None:
    """Take every picture."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 200.0
    DOCS.mkdir(exist_ok=True)
    tune_interpreter()
    with tempfile.TemporaryDirectory() as home:
        node = Node(Path(home), Settings(), SystemClock())
        node.start()
        try:
            with demo_agents(node):
                asyncio.run(asyncio.sleep(seconds * 3 / 4))
                with contextlib.suppress(DeskError):
                    LocalDesk(node).set_baseline("calm", minutes=5)
                asyncio.run(asyncio.sleep(seconds / 4))
                for name, size, theme, keys in SHOTS:
                    asyncio.run(shoot(node, name, size, theme, keys))
        finally:
            node.stop()


if __name__ == "__main__":
    main()
