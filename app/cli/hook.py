"""`assent hook`: what coding agents run before a tool, and its place in their settings."""

import argparse
import os
from pathlib import Path
from typing import NamedTuple

from app.cli.ask import agent_name, seconds

_TIMEOUT_S = 540.0


class _About(NamedTuple):
    """What the help tells of an agent's hook."""

    title: str
    told: str
    file: str


_CLAUDE_CODE = """\
The hook of Claude Code: reads an event on standard input and answers it.

It answers PreToolUse and PermissionRequest; after PostToolUse and PostToolUseFailure it tells
the node what came of the call. It says `allow` only where a person, or a standing grant of
theirs, allowed the call. Where no rule objects it says {}: Claude Code's own permissions decide.
Arguments that the operator changed replace the agent's."""

_CODEX = """\
The hook of Codex: reads an event on standard input and answers it.

It answers PreToolUse with {} or a denial, as Codex takes nothing else; after PostToolUse it tells
the node what came of the call. A call whose arguments the operator changed is denied, with those
that they would allow."""

_AGENTS = {
    "claude-code": _About(
        "Claude Code", _CLAUDE_CODE, "~/.claude/settings.json, or in CLAUDE_CONFIG_DIR"
    ),
    "codex": _About("Codex", _CODEX, "~/.codex/hooks.json, or in CODEX_HOME"),
}

_EPILOG = """\
exit status: 0 answered, in JSON on standard output; 2 blocked, with the reason on standard error:
no node, no verdict in time, an event that cannot be read, whatever else goes wrong.

The agent waits while a person decides. The node must run (`assent run`): without one every tool
call is blocked.

examples:
  assent hook {name} install                      for all your projects
  assent hook {name} install --project . --matcher 'Bash|Edit|Write'
  assent hook {name} install --dry-run
  assent hook {name} status --json
  assent hook {name} uninstall
"""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    hook = subparsers.add_parser(
        "hook",
        help="ask the gate before the tools of Claude Code or Codex run",
        description="What a coding agent runs before each of its tools: the call is screened, "
        "asked about where it should be, recorded, and answered in the agent's own form.",
    )
    agents = hook.add_subparsers(title="agents", metavar="AGENT", required=True)
    for name, about in _AGENTS.items():
        agent = agents.add_parser(
            name,
            help=f"the hook of {about.title}, and its place in the settings",
            description=about.told,
            epilog=_EPILOG.format(name=name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_common(agent, name)
        agent.set_defaults(run=run, contract=name)
        verbs = agent.add_subparsers(
            title=f"its place in the settings of {about.title}", metavar="COMMAND"
        )
        install = _add_verb(verbs, "install", f"put the hooks into {about.title}'s settings", about)
        _add_common(install, name)
        install.add_argument(
            "--matcher", default="*", metavar="TOOLS",
            help="for which tools, as the agent matches their names (default: * for all)",
        )  # fmt: skip
        _add_verb(verbs, "uninstall", f"take the hooks out of {about.title}'s settings", about)
        _add_verb(verbs, "status", f"tell whether {about.title} runs the hooks", about)


def _add_common(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument(
        "--agent", default=name, type=agent_name, metavar="NAME",
        help=f"who asks, as the node knows it (default: {name})",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", default=_TIMEOUT_S, type=seconds, metavar="SECONDS",
        help=f"the hook answers within that time, by a block at last (default: {_TIMEOUT_S:.0f})",
    )  # fmt: skip


def _add_verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    verb: str,
    told: str,
    about: _About,
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(
        verb,
        help=told,
        description=f"{told[:1].upper()}{told[1:]} ({about.file}; with --project those of a "
        "project). All else in the file stays as it is, to the byte.",
        epilog="exit status: 0 done, or there; 1 not installed (status), or the file cannot be "
        "written; 2 usage, or a file that is not as settings are",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--project", type=Path, metavar="DIR", help="of the project in that folder")
    where.add_argument("--user", action="store_true", help="of the user (the default)")
    if verb != "status":
        parser.add_argument(
            "--dry-run", action="store_true", help="show the change and write nothing"
        )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run_verb, verb=verb)
    return parser


def run(args: argparse.Namespace) -> int:
    """Answer one event. Whatever happens ends as a block, so that the agent runs nothing."""
    try:
        from app.hooks.agents import CONTRACTS
        from app.hooks.running import run_hook

        run_hook(CONTRACTS[args.contract], args.agent, args.timeout)
    except BaseException as error:
        os.write(2, f"Assent: failed: {type(error).__name__}\n".encode())
        os._exit(2)


def run_verb(args: argparse.Namespace) -> int:
    """Install, uninstall or tell the status; what is refused is told in a sentence."""
    from app.cli.hook_actions import ACTIONS, Usage
    from app.cli.saying import refuse, why

    try:
        return ACTIONS[args.verb](args)
    except Usage as error:
        reason, status = str(error), 2
    except OSError as error:
        reason, status = why(error), 1
    return refuse(f"assent hook {args.contract} {args.verb}", reason, status, as_json=args.json)
