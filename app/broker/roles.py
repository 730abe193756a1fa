"""What each kind of principal may publish and receive, as mosquitto's access control list."""

from collections.abc import Iterable
from typing import Literal, get_args

Role = Literal["agent", "operator", "node", "observer"]
ROLES: tuple[Role, ...] = get_args(Role)

_EVERYONE = (
    "read assent/1/+/events/+",
    "read assent/1/+/metrics/+",
    "read assent/1/+/alerts/+",
    "read assent/1/+/status",
    "read assent/1/+/checkpoint",
)
_OWN: dict[Role, tuple[str, ...]] = {
    "agent": ("write assent/1/+/req/{name}", "read assent/1/+/res/{name}"),
    "operator": (
        "read assent/1/+/op/{name}/item",
        "write assent/1/+/op/{name}/ans",
        "read assent/1/+/op/{name}/res",
    ),
    "node": ("readwrite assent/1/{name}/#", "read assent/1/+/cosign/{name}"),
    "observer": (),
}

_HEAD = """\
# Who may publish and receive what. Written by `assent broker`, which writes it again whole:
# changes made here are lost. Every name has one role and no topics but those of its role. So an
# agent that is called like a node elsewhere is an agent still, and a name without a section,
# such as a revoked one, reads and writes nothing.
"""


def access_list(principals: Iterable[tuple[str, Role]]) -> str:
    """The file for names and their roles.

    Each name is written out. mosquitto's `pattern` lines with `%u` would hold for everybody who
    connects: an observer could submit as an agent, and any name own the topics of a node.
    """
    return _HEAD + "".join(_section(name, role) for name, role in principals)


def _section(name: str, role: Role) -> str:
    rights = (*(right.format(name=name) for right in _OWN[role]), *_EVERYONE)
    return f"\n# {role}\nuser {name}\n" + "".join(f"topic {right}\n" for right in rights)
