"""A package's public face of which each name is imported when it is first asked for.

For packages of which some need one small part, at a time at which the rest would be in the way.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package: `names` has its modules, each with the names that it gives.

    No name may be a module's too: an import of the module would put that in the name's place.
    """
    modules = {name: module for module, given in names.items() for name in given.split()}

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return get
