"""An agent that tidies a folder: what it does to files is asked about first.

assent run --demo           # a node on this machine, in another terminal
python agent.py ~/Downloads
"""

import sys
from pathlib import Path

from assent_client import Denied, gated

REQUEST = "put my downloads in order"


@gated("list_files", agent="tidy", request=REQUEST)
def files(folder: str) -> list[str]:
    """The names of the files in a folder."""
    return sorted(path.name for path in Path(folder).iterdir() if path.is_file())


@gated("move_file", agent="tidy", request=REQUEST, consume=True)
def move(source: str, target: str) -> None:
    """Move a file to where nothing is yet."""
    Path(target).parent.mkdir(exist_ok=True)
    if Path(target).exists():
        raise FileExistsError(target)
    Path(source).rename(target)


def main(folder: str) -> None:
    """Move each file into a folder named after its ending."""
    for name in files(folder):
        ending = Path(name).suffix.lstrip(".") or "other"
        try:
            move(f"{folder}/{name}", f"{folder}/{ending}/{name}")
            print(f"{name}: moved")
        except (Denied, OSError) as why:
            print(f"{name}: stays, {why}")


if __name__ == "__main__":
    main(sys.argv[1])
