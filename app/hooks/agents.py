"""The agents whose hooks we are."""

from app.hooks.claude_code import CLAUDE_CODE
from app.hooks.codex import CODEX

CONTRACTS = {contract.name: contract for contract in (CLAUDE_CODE, CODEX)}
