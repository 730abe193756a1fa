"""The words that class a call: rarer verbs, what undoes itself, whom it reaches, what is left open.

Everyday words, whatever the trade; what is at stake has its own table (`stakes`).
"""

from collections.abc import Iterable

from components.actions import Intent
from components.intent_firewall.globs import Pattern
from components.intent_firewall.stakes import ALL_STAKES, STAKES, Stake
from components.intent_firewall.words import stem, word_set

# Verbs too rare, or too often nouns, to stand in `words`: here they count where no other does.
RARER: dict[str, Intent] = {
    **dict.fromkeys(word_set(
        "manage redirect allocate control reassign reroute mute silence snooze swap migrate"
        " increase decrease raise reduce extend shorten lower upgrade downgrade block unblock"
        " blacklist whitelist quarantine encrypt decrypt calibrate tune admit discharge triage"),
        "write"),
    **dict.fromkeys(word_set(
        "request hand give deliver prescribe issue file report sue appeal petition vote cast"
        " respond disclose reveal claim escalate"), "send"),
    # an assent that binds whoever gives it
    **dict.fromkeys(word_set(
        "sign countersign accept agree consent ratify endorse appoint nominate waive"), "grant"),
    # who is put out, and what is put out of use, is seldom taken back
    **dict.fromkeys(word_set(
        "ban evict expel suspend dismiss kick reject deny scrap decommission demolish void freeze"
        " bypass override disarm deregister empty"), "delete"),
    **dict.fromkeys(word_set(
        "refill renew reorder bid bet wager stake lend borrow rent lease hire reimburse compensate"
        " repay gift pledge liquidate mint settle"), "pay"),
    **dict.fromkeys(word_set(
        "apply operate activate press engage open close lock turn switch drive fly spray dispense"
        " administer inject grab pick go steer pause resume hover cool ignite arm detonate fumigate"
        " irrigate inflate drill mow bake boil eject flush reboot"), "execute"),
}  # fmt: skip
NOUN_LIKE = word_set(
    "dispatch order call record book post trade transfer share message mail email text comment"
    " return exchange log label charge command contact report"
)
GENTLE = word_set(
    "trash archive draft drafts cart watchlist wishlist bookmark favourite favorite cache filter"
    " label tag subscription alarm reminder"
)
OPERATION = word_set("operation operations action command")
CALLED_BACK = word_set("order orders book booking ticket tickets cart refund return shop product")
CHANGING = word_set(
    "update edit modify change set rename move replace cancel merge restore adjust append exchange"
    " return reschedule put patch redirect manage reassign reroute mute silence snooze swap migrate"
    " increase decrease raise reduce extend shorten lower upgrade downgrade"
)
PUBLIC = word_set(
    "tweet retweet publish public publicly broadcast announce press everyone anyone review reviews"
    " forum blog petition"
)
ACCOUNT = word_set(
    "account accounts profile settings setting identity billing user password credential plan"
)
EVERY = word_set("all everything everyone everybody bulk mass entire every any")
EVERY_STEMS = frozenset(map(stem, EVERY | {"each", "both"}))
RECURRING = word_set(
    "recurring recurs repeat repeats daily weekly monthly yearly annually subscription subscribe"
    " autopay standing"
)
RECURRING_STEMS = frozenset(
    map(stem, RECURRING | {"every", "each", "regular", "month", "week", "year", "rent", "salary"})
)
TO_PEOPLE = word_set("human humans agent agents operator supervisor support")
# Flags that pass over a check, or agree to terms.
WAIVING = word_set(
    "skip bypass override ignore force forced waive unattended unverified unrestricted accept agree"
    " consent"
)
WAIVING_STEMS = frozenset(map(stem, WAIVING))
SIGNING_IN = word_set("in up out on")
SECURING = word_set("brake brakes lock close shut stop halt secure")
OPENING = word_set("unlock open release start disable off")
VAGUE = Pattern(
    r"\b(?:un(?:necessary|needed|wanted|important|used)|irrelevant|suspicious|appropriate"
    r"|suitable|necessary|proper(?:ly)?|some(?:how|where|time| time)|whatever"
    r"|handle|take care of|deal with|sort out|fix|optimi[sz]e|improve|maximi[sz]e|boost|enhance"
    r"|best|duplicates?|junk|redundant|obsolete|outdated)\b"
)


def any_of(words: frozenset[str]) -> Pattern:
    """A pattern for any of some words, where `_` and digits end a word."""
    return Pattern(f"(?:^|[^a-z])(?:{'|'.join(sorted(words))})(?:[^a-z]|$)")


def told_by(stakes: Iterable[Stake]) -> Pattern | None:
    """A pattern for the words of some stakes; None where there are none."""
    words = frozenset[str]().union(*(STAKES[stake] for stake in stakes))
    return any_of(words) if words else None


# What a word can tell: where none of these stands, there is nothing to take apart.
TELLING = PUBLIC | ACCOUNT | EVERY | OPENING | RECURRING | ALL_STAKES
TELLS = any_of(TELLING)
TELLS_STAKES = any_of(ALL_STAKES)
