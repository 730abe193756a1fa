"""From what single benches found to one run: what is missing is named, with the reason."""

from collections.abc import Iterable, Mapping

from bench.figures import Figure, Skipped

NO_BENCH = "no bench of this run measures it"
INTERRUPTED = "interrupted before it was measured"


class Found:
    """What the benches of a run have found up to now."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.skipped: list[Skipped] = []
        self._open: dict[str, None] = {}

    def expect(self, names: Iterable[str]) -> None:
        """These are to be measured."""
        self._open |= dict.fromkeys(names)

    def add(self, figures: Iterable[Figure]) -> None:
        """These were."""
        for figure in figures:
            self.figures.append(figure)
            self._open.pop(figure.name, None)

    def skip(self, names: Iterable[str], why: str) -> None:
        """These were not, for a reason; of several reasons the first is told."""
        told = {one.name for one in self.skipped}
        for name in names:
            self._open.pop(name, None)
            if name not in told:
                self.skipped.append(Skipped(name, why))

    def missing(self, limits: Iterable[str], *, whole: bool, complete: bool) -> list[Skipped]:
        """What has no figure and no reason yet; of a whole run, everything that has a limit."""
        told = {one.name for one in self.figures} | {one.name for one in self.skipped}
        wanted = dict.fromkeys((*self._open, *(limits if whole else ())))
        return [
            Skipped(name, NO_BENCH if name not in self._open or complete else INTERRUPTED)
            for name in wanted
            if name not in told
        ]


def in_order(figures: Iterable[Figure], limits: Mapping[str, object]) -> tuple[Figure, ...]:
    """Figures that have limits in the order of these, then the rest as they came."""
    places = {name: at for at, name in enumerate(limits)}
    return tuple(sorted(figures, key=lambda figure: places.get(figure.name, len(places))))


def reason(error: BaseException | str, *, last: bool = False) -> str:
    """One line of why something was not measured: the first, or the `last` of a traceback."""
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[-1 if last else 0].removeprefix("E").strip()[:200]
