"""What stretch of time a plot shows: one of a few spans, followed or further back. Pure."""

from msgspec import Struct, structs

_S = 1_000_000


class Span(Struct, frozen=True):
    """A length of time in seconds, its name, and how often its newest end is looked at again."""

    seconds: int
    name: str
    every_s: int


SPANS = (
    Span(600, "10 min", 1),
    Span(3600, "1 h", 2),
    Span(6 * 3600, "6 h", 10),
    Span(86_400, "24 h", 30),
    Span(7 * 86_400, "7 d", 60),
    Span(30 * 86_400, "30 d", 300),
    Span(92 * 86_400, "92 d", 600),
)


class Range(Struct, frozen=True):
    """The place of a span in `SPANS`, and where it ends in µs; 0 follows the newest."""

    place: int = 1
    until: int = 0

    @property
    def span(self) -> Span:
        """How long it is."""
        return SPANS[self.place]

    def bounds(self, now: int, steps: int) -> tuple[int, int]:
        """(since, until) in µs, on multiples of one of `steps` equal parts.

        So the plot stands still until the next part begins.
        """
        step = max(self.span.seconds * _S // max(steps, 1), _S)
        until = -(-(self.until or now) // step) * step
        return until - self.span.seconds * _S, until

    def panned(self, by: float, now: int) -> "Range":
        """Moved by a share of the span; not beyond the newest end."""
        until = (self.until or now) + round(by * self.span.seconds * _S)
        return self._ending(self.place, until, now)

    def zoomed(self, by: int, now: int) -> "Range":
        """The next shorter (-1) or longer (1) span about the same middle."""
        place = max(min(self.place + by, len(SPANS) - 1), 0)
        if not self.until:
            return structs.replace(self, place=place)
        middle = self.until - self.span.seconds * _S // 2
        return self._ending(place, middle + SPANS[place].seconds * _S // 2, now)

    def newest(self) -> "Range":
        """The same span at the newest end."""
        return structs.replace(self, until=0)

    def _ending(self, place: int, until: int, now: int) -> "Range":
        least = SPANS[place].seconds * _S
        return Range(place, 0 if until >= now else max(until, least))
