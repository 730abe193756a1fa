"""An action taken apart for judging it, each part when it is first needed."""

from collections.abc import Callable, Iterable, Iterator

from components.actions import Action
from components.love_engine.asked import Asked
from components.love_engine.fields import MAX_CHARACTERS, leaves, within
from components.love_engine.lexicon import Lexicon
from components.love_engine.words import distinct, name_tokens

_EFFECTS = ("delete_effect", "send_effect", "pay_effect", "grant_effect")


class Deed:
    """What is asked and what is done, as words; most actions are never looked at more closely.

    `asked` is the request as words, `done` are those of the tool, the narrative and the texts
    in the arguments. `cut` tells whether something beyond `MAX_CHARACTERS` was left unread.
    `read` reads a request, or remembers it.
    """

    def __init__(self, action: Action, lexicon: Lexicon, read: Callable[[str], Asked]) -> None:
        self.action = action
        self.tool = name_tokens(action.tool)
        self.leaves = leaves(action.arguments)
        texts = [action.request, action.narrative]
        texts += [value for _, _, value in self.leaves if isinstance(value, str)]
        self.cut = sum(map(len, texts)) > MAX_CHARACTERS
        if self.cut:
            texts = list(within(texts, MAX_CHARACTERS))
        self.request, self.narrative = texts[:2]
        self.asked = read(self.request)
        self.done = distinct("\n".join(texts[1:]))
        self.done.update(self.tool)
        self._groups = lexicon.words

    def group(self, name: str) -> frozenset[str]:
        """The words of a lexicon group."""
        return self._groups[name]

    def changes(self) -> list[str]:
        """The groups of effects that the tool's words announce: to delete, send, pay or grant."""
        return [name for name in _EFFECTS if not self._groups[name].isdisjoint(self.tool)]

    def doing(self) -> Iterator[Iterable[str]]:
        """`done`, and the words of the arguments' names and of their values that are no texts."""
        yield self.done
        for _, name, value in self.leaves:
            yield name_tokens(name)
            if not isinstance(value, str):
                yield (str(value).lower(),)
