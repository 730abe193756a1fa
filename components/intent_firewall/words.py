"""Tool names as words, and what those words say a tool does."""

import re
from functools import lru_cache

from components.actions import Intent
from components.intent_firewall.tongues import DEEDS

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


_VERBS: dict[Intent, str] = {
    "read": "get read list find search fetch show view query lookup look check describe browse"
    " retrieve count scan inspect download preview summarize analyse analyze calculate compute"
    " compare validate verify parse convert translate think print display monitor status estimate"
    " cat ls head tail glob grep select load watch open navigate ask tell detect identify measure"
    " recommend explore discover track diff sort wc du pwd echo",
    "write": "write create add update edit modify set append insert save store change rename move"
    " copy put patch make mkdir touch book reserve schedule reschedule upload import register"
    " enroll fill log record draft assign exchange return cancel archive label tag mark sync"
    " configure enable restore build generate reply comment replace merge commit transplant adjust",
    "delete": "delete remove erase wipe purge drop destroy clear truncate unlink rm rmdir discard"
    " uninstall revert reset terminate deactivate disable kill shutdown format unsubscribe leave",
    "execute": "execute exec run shell bash sh terminal command cmd script eval invoke launch"
    " powershell python ipython console start trigger deploy install restart call dispatch",
    "send": "send post email mail message sms text tweet publish forward notify submit broadcast"
    " dm contact share announce transmit export push",
    "pay": "pay transfer purchase buy order checkout withdraw donate refund trade sell wire deposit"
    " remit invest tip charge",
    "grant": "grant revoke permit authorize authorise invite allow approve share unlock promote"
    " delegate chmod chown",
}
_INTENT_OF: dict[str, Intent] = {
    verb: intent for intent, verbs in _VERBS.items() for verb in verbs.split()
}
_VERBS_TOLD: dict[Intent, frozenset[str]] = {
    told: frozenset(verb for verb, intent in _INTENT_OF.items() if intent == told)
    | word_set(DEEDS[told])
    for told in _VERBS
}
_MONEY = word_set(
    "money payment payments fund funds transaction transactions bitcoin crypto cash invoice bill"
    " bills salary btc eth coin coins stock order orders purchase purchases"
)
_PAYING = word_set("send make schedule create place update request issue initiate submit")
_HANDED_OVER = word_set("human call chat agent agents support operator ownership file files")
_ACCESS = word_set(
    "access permission permissions role roles privilege privileges admin guest sharing"
)
_GRANTING = word_set("add create give set update change share modify assign manage")
_MESSAGES = word_set("message messages email emails mail sms dm tweet post reply webhook")


@lru_cache(maxsize=4096)
def tool_words(tool: str) -> tuple[str, ...]:
    """The words of a tool's name, lower case: `GmailSendEmail` is gmail, send, email."""
    return tuple(word.lower() for word in _WORD.findall(tool[:200]))


@lru_cache(maxsize=4096)
def tool_intent(tool: str) -> Intent:
    """What a tool does, by its name: its first verb, corrected by what that verb is about."""
    words = tool_words(tool)
    verbs = [(index, _INTENT_OF[word]) for index, word in enumerate(words) if word in _INTENT_OF]
    if not verbs:
        return "other"
    position, intent = verbs[0]
    objects = set(words[position + 1 :])
    if intent == "read":
        return "read"
    if words[position] in _PAYING and objects & (_MONEY - {"order", "orders"}):
        return "pay"
    if words[position] in _PAYING and words[position] == "place" and objects & {"order", "trade"}:
        return "pay"
    if words[position] == "transfer" and objects & _HANDED_OVER:
        return "write"
    if words[position] in _GRANTING and objects & _ACCESS:
        return "grant"
    if words[position] == "order" and len(verbs) > 1:
        return verbs[1][1]
    if (
        intent == "write"
        and words[position] in {"create", "reply", "draft"}
        and objects & _MESSAGES
    ):
        return "send" if words[position] != "draft" else "write"
    return intent


def intent_of_word(word: str) -> Intent | None:
    """The intent that a verb alone tells; None for other words."""
    return _INTENT_OF.get(word)


def verbs_told(intent: Intent) -> frozenset[str]:
    """The verbs that tell an intent in a sentence, in all languages known here."""
    return _VERBS_TOLD.get(intent, frozenset())


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its commonest endings: `shares`, `shared` and `sharing` are one.

    Only ever a beginning of the word, of three letters at least.
    """
    for ending in ("ing", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word if word.endswith("ss") else word[: -len(ending)]
            break
    for ending in ("ie", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
