"""What stands in the decision's place while no agent has asked for anything: how one can."""

from widgets.cells import fit, wrap
from widgets.lines import Face

_TITLE = "No agent has asked for anything since this node started. Where it runs:"
_WAYS = (
    ("assent ask --tool NAME --arguments JSON", "one action, from a shell"),
    ("assent exec -- COMMAND", "a command, run once allowed"),
    ("assent hook claude-code install", "gates the tools of Claude Code"),
    ("from assent_client import gated", "in Python, before a function"),
    ("assent run --demo", "four agents, to try the keys"),
)
_END = "? lists the keys; assent COMMAND --help explains each command."
_WAY = max(len(way) for way, _ in _WAYS)
_USE = max(len(use) for _, use in _WAYS)


def guide_faces(width: int) -> list[Face]:
    """The ways to connect an agent, one a line, with what each is for where there is room."""
    told = width >= 4 + _WAY + 2 + _USE
    ways: list[Face] = [
        ((f"    {fit(way, _WAY)}", "strong"), (f"  {use}" if told else "", "dim"))
        for way, use in _WAYS
    ]
    return [*_sentence(_TITLE, width, "text"), *ways, *_sentence(_END, width, "dim")]


def _sentence(text: str, width: int, ink: str) -> list[Face]:
    return [((f"  {part}", ink),) for part in wrap(text, width - 2)]
