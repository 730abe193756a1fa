"""Every numbered fault of this program's first form has a test that carries its number."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
EXPECTED = set(range(1, 91))
_MARK = re.compile(r"mark\.fault\(([0-9, ]+)\)")


def test_each_fault_is_proved_by_a_test_that_names_it() -> None:
    found = {
        int(number)
        for path in TESTS.rglob("test_*.py")
        for numbers in _MARK.findall(path.read_text("utf-8"))
        for number in numbers.split(",")
        if number.strip()
    }
    assert EXPECTED - found == set()
