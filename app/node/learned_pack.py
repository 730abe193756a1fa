"""The home's own pack of learned rules: a file that people may read and edit.

It is only ever added to, and exchanged whole. A rule is written beside it first, and takes its
place once the acceptance is in the audit log.
"""

from pathlib import Path

from app.beside import write_beside
from app.node.policy import file_state
from app.rule_text import rule_text
from app.toml_text import toml_value
from components.evolution_core.learned import PACK
from components.intent_firewall import BadPack, Rule, load_pack, parse_pack
from components.keys.private import sync_folder

_HEAD = f"""\
# What people rejected again and again, and accepted to have blocked. Each rule was proposed by
# this node and accepted by an operator: the audit log says by whom, and what it would have done.
# Edit it as you like, or delete a rule: the node takes up changes by itself, and refuses a file
# that does not hold. `assent rules check` tries every rule on its examples.

[pack]
name = {toml_value(PACK.name)}
description = {toml_value(PACK.description)}
"""


class CannotLearn(Exception):  # noqa: N818 - named as its fellow CannotSet
    """The rule was not written; the text says why."""


class Written:
    """A pack with one rule more, beside the one in force. `place` or `drop` it."""

    def __init__(self, path: Path, beside: Path, seen: object) -> None:
        self._path, self._beside, self._seen = path, beside, seen

    def place(self) -> None:
        """Exchange the file. Raises `CannotLearn` where somebody changed it meanwhile."""
        try:
            if file_state(self._path) != self._seen:
                raise CannotLearn(f"{self._path} was edited meanwhile; look again")
            self._beside.replace(self._path)
            sync_folder(self._path.parent)
            sync_folder(self._path.parent.parent)  # which may not have had it
        except OSError as error:
            raise CannotLearn(f"{self._path} cannot be written: {error.strerror}") from error
        finally:
            self.drop()

    def drop(self) -> None:
        """Leave no trace of it."""
        self._beside.unlink(missing_ok=True)


def with_rule(path: Path, rule: Rule) -> Written:
    """The pack at `path` with a rule added, durable and checked. Raises `CannotLearn`."""
    seen = file_state(path)
    try:
        text = path.read_bytes().decode() if seen else _HEAD
        if seen and any(known.id == rule.id for known in load_pack(path).rules):
            raise CannotLearn(f"{rule.id} is in {path} already")
        whole = f"{text.rstrip()}\n\n{rule_text(rule)}"
        if parse_pack(whole, str(path)).rules[-1] != rule:
            raise CannotLearn("the rule cannot be written down as it is")
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return Written(path, write_beside(path, whole.encode()), seen)
    except BadPack as problem:
        raise CannotLearn(str(problem)) from problem
    except (OSError, UnicodeError, ValueError) as error:
        raise CannotLearn(f"{path} cannot be written: {error}") from error
