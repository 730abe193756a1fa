from io import StringIO

import pytest

from bench.progress import Progress, line


class Screen(StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("share", "elapsed", "text"),
    [
        (0.0, 0, "bench 0%"),
        (0.25, 20, "bench 25%, about 60 s left"),
        (0.5, 600, "bench 50%, about 10 min left"),
        (0.1, 1200, "bench 10%, about 3.0 h left"),
        (1.0, 9, "bench 100%"),
    ],
)
def test_the_line_says_how_much_and_how_long(share, elapsed, text):
    assert line("bench", share, elapsed) == text


def test_in_a_log_lines_are_few():
    out = StringIO()
    progress = Progress("bench", out)
    for at in range(100):
        progress.tell(at / 100, "x")
    progress.tell(1.0)
    progress.clear()
    assert out.getvalue().splitlines() == ["bench 0%: x", "bench 100%"]


def test_on_a_terminal_the_line_is_replaced_and_taken_away():
    out = Screen()
    progress = Progress("bench", out)
    progress.tell(0.0, "a")
    progress.tell(0.01, "b")
    progress.clear()
    assert "\n" not in out.getvalue()
    assert out.getvalue().endswith("\r\033[K")
