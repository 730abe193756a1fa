"""What a request asks, as words; a task has many calls, so what was read of it is remembered."""

from functools import cached_property

from components.love_engine.harmful_requests import DOUBTFUL
from components.love_engine.passage_model import Likeness, PassageModel
from components.love_engine.prefilter import Prefilter
from components.love_engine.words import distinct, stems

LONGEST = 1_000
"""Characters; what longer requests say is not remembered."""
REMEMBERED = 256
"""So many requests are remembered."""


class Asked:
    """The words of a request; `telling` is whether the lexicon may have something about them.

    Calls share it: nobody changes it.
    """

    def __init__(self, text: str, prefilter: Prefilter, harmful: PassageModel) -> None:
        self.words = distinct(text)
        self.telling = prefilter.may_hold(self.words, "request")
        self._text, self._harmful = text, harmful

    @cached_property
    def stems(self) -> set[str]:
        """The distinct stems of the words."""
        return stems(self.words)

    @cached_property
    def harmful(self) -> Likeness | None:
        """What in it is like a harmful request, if that is at least in doubt."""
        return self._harmful.find(self._text, DOUBTFUL) if self.words else None
