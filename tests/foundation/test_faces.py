"""A package whose names are imported when they are asked for has all of them, and no others."""

from importlib import import_module

import pytest

LAZY = ["components.audit_system", "components.hitl", "components.monitor"]


@pytest.mark.parametrize("name", LAZY)
def test_every_name_of_a_lazy_face_is_there(name: str) -> None:
    package = import_module(name)
    for public in package.__all__:
        assert getattr(package, public) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        package.nonsense  # noqa: B018 - to be asked for is all


@pytest.mark.parametrize("name", LAZY)
def test_no_name_is_a_modules_too(name: str) -> None:
    package = import_module(name)
    for public in package.__all__:
        found = getattr(package, public)
        assert type(found).__name__ != "module"
