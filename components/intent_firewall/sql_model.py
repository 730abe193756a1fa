"""What a parsed SQL statement says of itself."""

from msgspec import Struct

MAX_STATEMENTS = 100
"""So many statements are read of a text."""


class Statement(Struct, frozen=True):
    """One SQL statement. `what` is the kind of thing a DROP, CREATE or ALTER is about.

    `unbounded` says that an UPDATE or DELETE takes every row: no WHERE, join or LIMIT, or one that
    is always true; `tautology` that some condition is always true by its letters (`OR 1=1`).
    """

    kind: str
    what: str = ""
    tables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    unbounded: bool = False
    tautology: bool = False
    parsed: bool = True
    text: str = ""
