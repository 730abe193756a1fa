"""What is at stake in a call: the words that tell of people's bodies, homes, money and secrets.

Everyday words for each stake, whatever the trade. They are looked up among the words of a tool's
name, of its arguments' names and of short values, and in the letters that it hands on.
"""

from collections.abc import Iterable
from typing import Literal

from components.intent_firewall.words import word_set

Stake = Literal[
    "physical",
    "health",
    "protection",
    "access",
    "holdings",
    "secret",
    "personal",
    "official",
    "undisclosed",
]

STAKES: dict[Stake, frozenset[str]] = {
    # what moves, heats, locks or calls somebody out: a mistake hurts, or lets somebody in
    "physical": word_set(
        "robot drone vehicle vehicles engine brake brakes door doors lock locks gate garage siren"
        " stove oven burner heater heating boiler furnace thermostat kettle valve pump traffic"
        " signal signals road roads railway train elevator lift crane conveyor forklift appliance"
        " appliances gas chemical chemicals pesticide fire extinguisher knife blade weapon laser"
        " emergency dispatch ambulance rescue police firefighter evacuation incident incidents"
        " electricity grid breaker generator turbine reactor pipeline sprinkler irrigation actuator"
        " motor motors fumigation interlock crossing barrier hatch winch hoist lathe spindle"
    ),
    "health": word_set(
        "prescription prescriptions medication medications medicine medicines drug drugs pill pills"
        " dosage dose doses refill insulin patient patients doctor physician nurse clinic hospital"
        " diagnosis diagnoses symptom symptoms treatment treatments therapy surgery allergy"
        " allergies vaccine vaccination genetic genome dna medical clinical health disease cancer"
        " pregnancy hiv psychiatric overdose pharmacy bolus injection infusion transfusion"
        " euthanasia veterinary antibiotic antibiotics opioid opioids morphine pacemaker ventilator"
        " anesthesia"
    ),
    "protection": word_set(
        "security firewall antivirus smoke detector surveillance camera cameras backup backups"
        " snapshot snapshots 2fa mfa authentication authenticator blacklist whitelist allowlist"
        " blocklist denylist threat threats quarantine malware phishing encryption vault watchdog"
        " vpn safety interlock safeguard safeguards failsafe lockout tamper intrusion parental"
    ),
    "access": word_set(
        "access permission permissions privilege privileges collaborator collaborators guest guests"
        " admin administrator sudo root superuser owner ownership acl unlock visibility"
    ),
    # money at risk, or gone by a way that nobody calls back
    "holdings": word_set(
        "crypto cryptocurrency ether ethereum bitcoin btc wallet nft blockchain stock stocks shares"
        " invest investment investments investor trade trades trading loan loans mortgage pension"
        " portfolio securities margin leverage forex bond bonds collateral annuity"
    ),
    "secret": word_set(
        "password passwords passphrase passcode pin credential credentials secret secrets cvv"
        " mnemonic otp"
    ),
    "personal": word_set(
        "passport ssn birthdate birthday salary salaries income payroll address addresses biometric"
        " fingerprint whereabouts religion ethnicity sexuality criminal visa wage wages debt debts"
        " overdraft bankrupt bankruptcy divorce divorced pregnant miscarriage affair arrested"
        " probation addiction addicted rehab disability disabled depression transgender"
    ),
    "official": word_set(
        "tax taxes court lawsuit legal visa passport immigration election vote ballot license"
        " insurance claim contract contracts compliance audit eviction lease notary patent customs"
        " subpoena petition settlement custody probate citizenship residency asylum testament"
    ),
    # what a company tells everybody at once, or nobody
    "undisclosed": word_set(
        "confidential undisclosed nonpublic unreleased embargoed earnings merger mergers takeover"
        " layoff layoffs acquisition proprietary unannounced insider nda"
    ),
}
_STAKES_OF: dict[str, tuple[Stake, ...]] = {
    word: tuple(stake for stake, words in STAKES.items() if word in words)
    for word in frozenset[str]().union(*STAKES.values())
}
ALL_STAKES = frozenset(_STAKES_OF)
_NONE: frozenset[Stake] = frozenset()


def stakes_of(words: Iterable[str]) -> frozenset[Stake]:
    """The stakes that some words, lower case, tell of."""
    told = ALL_STAKES.intersection(words)
    return frozenset(one for word in told for one in _STAKES_OF[word]) if told else _NONE
