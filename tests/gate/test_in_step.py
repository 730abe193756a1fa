"""Work side by side: in stages, each with its own end."""

from collections.abc import Generator

from components.gate.in_step import in_step


def test_nobody_goes_on_before_all_are_there() -> None:
    heard: list[str] = []

    def work(name: str, stages: int) -> Generator[None, None, str]:
        for stage in range(stages):
            heard.append(f"{name}{stage}")
            yield
        return name

    assert in_step([work("a", 3), work("b", 1), work("c", 2)]) == ["a", "b", "c"]
    assert heard == ["a0", "b0", "c0", "a1", "c1", "a2"]


def test_what_fails_stops_only_itself() -> None:
    def work(fails: bool) -> Generator[None, None, int]:
        yield
        if fails:
            raise ValueError("broken")
        yield
        return 1

    first, failed, last = in_step([work(False), work(True), work(False)])
    assert (first, last) == (1, 1)
    assert isinstance(failed, ValueError)


def test_nothing_takes_no_turn() -> None:
    nothing: list[Generator[None, None, int]] = []
    assert in_step(nothing) == []
