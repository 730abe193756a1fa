"""Who a text speaks to: places where it addresses the machine that reads it, or would rule it.

Found by build: other instructions are set aside (in several tongues), the reader is called an
assistant, a rôle of the conversation is forged, something is to be kept from the user. Ordinary
texts say none of this, whatever they ask of a person.
"""

from components.intent_firewall.globs import Pattern

_MACHINE = (
    r"(?:ai|llms?|(?:large )?language models?|chat ?bots?|(?:ai |virtual |digital )?assistants?"
    r"|(?:ai |autonomous )?agents?|chatgpt|gpt(?:-?\d\w*)?|claude|gemini|copilot|llama)"
)
_RULES = (
    r"(?:instructions?|prompts?|directives?|guidelines?|commands?|rules|orders|constraints"
    r"|programming)"
)
_EARLIER = (
    r"(?:previous|prior|above|earlier|preceding|former|initial|original|existing|current|your"
    r"|system|developer|given|safety)"
)
_SET_ASIDE = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass(?:ing)?|discard"
    r"|neglect|set aside|pay no attention to|stop following|do not follow)"
)
_TASK = r"(?:task|question|request|prompt)"
_HIDDEN = r"(?:password|passphrase|passcode|secret(?: key)?|access code|api key)"
_TELL = (
    r"(?:what(?:'s|\s+is|\s+was)|tell me|reveal|share|give me|show me|disclose|provide|print|spell"
    r"|repeat|encode|confirm|write|(?:poem|story|song|hint) about)"
)


def _any_of(*alternatives: str) -> Pattern:
    return Pattern("|".join(alternatives))


SETS_ASIDE = _any_of(
    rf"\b{_SET_ASIDE}\s+(?:\w+\s+){{0,4}}?{_EARLIER}\s+(?:[\w']+\s+){{0,3}}?{_RULES}\b",
    rf"\b{_SET_ASIDE}\s+(?:all|any|every|the|these|those)\s+(?:of\s+|about\s+)?"
    rf"(?:(?:the|your|these|those)\s+)?(?:{_RULES}|what\s+you\s+(?:were|have been)\s+told)"
    r"(?:\s+(?:above|before|you|given|that)\b|\s*[.,;:!\n]|\s*$)",
    r"\b(?:forget|ignore|disregard)\s+(?:about\s+)?(?:everything|anything|all|what)\s+(?:that\s+)?"
    r"(?:you(?:'ve|\s+were|\s+have)?\s+(?:been\s+)?(?:told|instructed|learned|know)"
    r"|i\s+(?:said|told)|before|above|was said)",
    r"\b(?:forget|ignore|disregard)\s+(?:\w+\s+)?you(?:'ve|\s+were|\s+have)\s+(?:been\s+)?told\b",
    r"\b(?:ignore|disregard|forget)\s+(?:all |everything )?(?:of )?(?:the )?above"
    r"(?:\s*[.,;:!\n]|\s*$|\s+(?:and|ignore|instead)\b)",
    rf"\b{_SET_ASIDE}\s+(?:the|this|that)\s+(?:\w+\s+){{1,3}}and\s+(?:just\s+|instead\s+)?"
    r"(?:say|state|respond|reply|claim|tell)\b",
    r"ignor\w{0,6}[^.\n]{0,40}(?:instrucciones|istruzioni|instruções|anweisungen|consignes)",
    r"(?:olvid|oubli|vergiss|vergessen|dimentic|esque[cç])\w{0,6}[^.\n]{0,40}"
    r"(?:instruc|instruç|istruz|anweisung|consigne)\w*",
    r"忽略[^。\n]{0,20}(?:指示|指令|说明|提示)|無視[^。\n]{0,20}指示|(?:指示|命令)[^。\n]{0,6}無視",
    r"(?:지시|명령|지침)[^.\n]{0,8}무시|игнорир\w{1,6}[^.\n]{0,40}(?:инструкц|указан)\w*",
    r"निर्देशों[^।\n]{0,20}(?:अनदेखा|अनदेखी|नज़रअंदाज़)|تجاهل[^.\n]{0,30}(?:التعليمات|الأوامر)",
)
"""A text that wants other instructions forgotten."""

CALLS_MACHINE = _any_of(
    rf"\b(?:dear|hey|hello|hi|attention|to(?: the)?|note to(?: the)?|you,)[,: ]+{_MACHINE}\s*[,:!]",
    rf"\bif\s+you(?:'re|\s+are)\s+(?:an?|the)\s+(?:\w+\s+)?{_MACHINE}\b",
    r"\b(?:message|note|instructions?|notice|attention|command)\s+(?:\w+,?\s+){0,8}?(?:to|for)\s+"
    rf"(?:you,\s+|the\s+|any\s+|all\s+){{0,2}}{_MACHINE}\b",
    rf"\b(?:any|every|all)\s+{_MACHINE}\s+(?:that|who|which|reading|processing)\b",
    r"\bas\s+(?:an?|the)\s+(?:\w+\s+)?(?:ai|language model|assistant)\b[^.!?]{0,20}"
    r"\byou\s+(?:must|should|need|will|have to|are)\b",
    r"\b(?:don't|do\s+not|never|without)\s+(?:tell|mention|inform|reveal|show|let|alert|notify)"
    r"(?:ing)?\b[^.!?]{0,40}\bthe\s+user\b",
    rf"\bbefore\s+you\s+(?:can\s+|may\s+)?(?:\w+\s+){{1,4}}the\s+(?:\w+\s+)?{_TASK}\b"
    r"[^.!?]{0,60}\b(?:first|must|please|do|need)\b",
    r"\byour\s+(?:new|next|real|actual|updated|only)\s+(?:task|instructions?|objective|goal)\s+"
    r"(?:is|are)\b",
    r"\b(?:new|updated|additional|revised)\s+(?:system\s+)?(?:instructions?|prompt|directive)s?\s*:",
)
"""A text that speaks to the assistant, or about its user and task."""

FORGES_ROLE = _any_of(
    r"<\|(?:im_start|im_end|system|assistant|end_?of_?text)\|?>|\[/?INST\]|<</?SYS>>",
    r"[<\[]/?\s*(?:system|admin|developer|root)[ _-]?(?:mode|message|prompt|override"
    r"|instructions?|note)\s*[>\]]",
    r"(?:^|\n)\s*#{2,}\s*(?:new |system )?instructions?\s*:?\s*(?:\n|$)",
    r"(?:^|\n)\s*system\s*(?:message|prompt|override|note)\s*:",
)
"""A text that passes itself off as another rôle of the conversation."""

LIFTS_LIMITS = _any_of(
    r"\bdo[- ]anything[- ]now\b|\bjail ?broken\b|\bjail ?break (?:mode|yourself)\b",
    r"\b(?:developer|god) mode\b|\bsystem override\b|\b(?:override code|admin override)\b",
    r"\bsafety (?:protocols?|filters?) (?:are )?(?:off|disabled)\b",
    r"\byou\b[^.\n]{0,80}\b(?:have no|without|free (?:of|from)|not bound by|br(?:eak|oken) free"
    r"|(?:do not|don't) have to (?:abide|follow))\s+(?:\w+\s+){0,4}?(?:filter\w*|restrictions?"
    r"|guidelines?|rules|ethic\w*|moral\w*|censorship|limitations|polic(?:y|ies))\b",
    r"\b(?:pretend|imagine|act as|you are(?: now)?)\b[^.\n]{0,80}"
    r"\b(?:un(?:censored|filtered|restricted)|no (?:special )?filter\w*)\b",
)
"""A request that would free the assistant of what binds it."""

ASKS_SECRETS = _any_of(
    r"\b(?:your|the)\s+(?:system|initial|hidden|developer)\s+(?:prompt|instructions?)\b",
    r"\b(?:what|tell|share|give|reveal|show|disclose|confirm|say|write|need|know|guess|if|want)\b"
    rf"[^.?\n]{{0,60}}\byour\s+(?:\w+\s+)?{_HIDDEN}\b",
    rf"\b{_TELL}\s+(?:\w+\s+){{0,3}}?(?:the|ours?)\s+{_HIDDEN}"
    r"(?:\s*[.?!,]|\s*$|\s+(?:in|as|backwards|letter|with|using)\b)",
    r"\b(?:repeat|print|show|output|reveal)\s+(?:\w+\s+){0,4}?(?:text|words|everything"
    r"|instructions|prompt)\s+(?:above|before this)\b",
    r"(?:cuál es la|quel est le|qual è la|qual é a|was ist das|wie lautet das)\s+"
    r"(?:contraseña|mot de passe|password|senha|passwort)",
    r"\bthe user's\s+(?:\w+\s+){0,2}?(?:name|initials|e-?mail|address|birth\w*|phone|location|iban"
    r"|bank|card|salary|transactions?|contacts?|social security)\b",
    r"\b(?:where|who)\s+(?:does|is)\s+the\s+user\b",
)
"""A request for what the assistant was given to keep, or for what it knows of its user."""
