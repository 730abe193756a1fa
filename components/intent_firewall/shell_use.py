"""What a parsed script does: the intent of its commands, the paths it uses, the SQL in it."""

import re

from components.actions import Intent
from components.intent_firewall.paths import PathUse, canonical_path, looks_like_path
from components.intent_firewall.shell_model import Command, Script
from components.intent_firewall.sql import looks_like_sql

MAX_PATHS = 2_000
"""So many different paths of one script are told."""

_PROGRAMS: dict[Intent, str] = {
    "delete": "rm unlink shred rmdir srm wipefs mkfs del erase rd remove-item clear-content userdel"
    " groupdel dropdb trash fdisk parted sgdisk cipher format clear-eventlog",
    "grant": "chmod chown chgrp setfacl usermod useradd adduser passwd chpasswd visudo icacls"
    " takeown setcap gpasswd addgroup",
    "send": "scp sftp ftp nc ncat netcat mail mailx sendmail mutt telnet socat rclone rsync ssh",
    "write": "cp mv tee touch mkdir ln install dd truncate sed patch tar unzip zip gzip set-content"
    " add-content out-file copy-item move-item new-item copy xcopy robocopy move ren mklink attrib"
    " ed ex split",
    "read": "ls cat less more head tail grep egrep fgrep rg ag find fd locate wc sort uniq cut tr"
    " awk gawk stat file du df pwd echo printf which whereis whoami id groups date cal uptime ps"
    " top free uname hostname env printenv history diff cmp comm md5sum sha1sum sha256sum tree"
    " basename dirname realpath readlink seq expr test true false sleep man help type xxd od"
    " hexdump strings jq yq column nl tac rev paste join fold tput get-content get-childitem"
    " select-string get-item get-process write-output write-host dir cd bc lsof netstat ss ip"
    " ifconfig ping dig nslookup host traceroute [ [[ set export declare local readonly unset read"
    " return exit break continue shift getconf lscpu lsblk vmstat iostat w who last wget curl cd",
}
_INTENT_OF = {name: intent for intent, names in _PROGRAMS.items() for name in names.split()}
_NEUTRAL = frozenset(
    {"sudo", "doas", "env", "nohup", "time", "nice", "timeout", "xargs", "command"}
)
_GRAVITY: tuple[Intent, ...] = ("delete", "grant", "send", "execute", "write", "read", "other")
_FIRST_WRITES = frozenset(
    {"tee", "touch", "mkdir", "truncate", "chmod", "chown", "chattr", "mv", "rmdir", "set-content",
     "add-content", "out-file", "new-item", "patch", "visudo", "icacls", "takeown", "attrib",
     "vim", "vi", "nano", "emacs", "ed", "nvim", "pico"}
)  # fmt: skip
_LAST_WRITES = frozenset(
    {
        "cp",
        "install",
        "rsync",
        "scp",
        "copy",
        "copy-item",
        "xcopy",
        "ln",
        "mv",
        "move",
        "move-item",
        "robocopy",
        "mklink",
    }
)
_WRITING_OPTIONS = frozenset(
    {"-o", "--output", "-out", "-keyout", "-outfile", "-destination", "-destinationpath",
     "-outputfile", "-filepath"}
)  # fmt: skip
_SQL_CLIENTS = frozenset({"psql", "mysql", "mariadb", "sqlite3", "sqlcmd", "sqlite", "duckdb"})


def script_intent(script: Script) -> Intent:
    """The gravest intent among the commands of a script; unknown programs execute."""
    intents = {command_intent(one) for one in script.commands if one.program not in _NEUTRAL}
    return min(intents, key=_GRAVITY.index, default="execute")


def command_intent(command: Command) -> Intent:
    """What one command does, by its program, its options and its redirections."""
    program = command.program
    intent = _INTENT_OF.get(program, "delete" if program.startswith("mkfs.") else "execute")
    if program in {"curl", "wget"} and any(
        word in _UPLOADS or word.startswith("-X") for word in command.words
    ):
        return "send"
    if program == "find" and "-delete" in command.words:
        return "delete"
    if program == "sed" and not any(
        word.startswith(("-i", "--in-place")) for word in command.words
    ):
        intent = "read"
    if (
        intent == "read"
        and command.redirects
        and any(_writes_file(one.operator, one.target) for one in command.redirects)
    ):
        return "write"
    return intent


_ROOTED = re.compile(r"^(?:file:)?(?:/|~/|\$\{?HOME|[A-Za-z]:\\|%\w+%\\|\$env:)")
_PATH_SIGNS = frozenset("~./\\$*")  # what looks like a path, or is `*`, holds one of them
_UPLOADS = frozenset(
    {"-d", "--data", "--data-binary", "--data-raw", "--data-urlencode", "-F", "--form", "-T",
     "--upload-file", "--post-data", "--post-file", "-XPOST", "-XPUT"}
)  # fmt: skip


def _writes_file(operator: str, target: str) -> bool:
    return ">" in operator and target not in {"/dev/null", "/dev/stderr", "/dev/stdout"} and (
        not target.isdigit()
    )  # fmt: skip


def script_paths(script: Script, where: str, workspace: str) -> list[PathUse]:
    """The paths that a script names, with what it does to each; one more than `MAX_PATHS` at most.

    What is done again to the same path in one command is not told again.
    """
    found: list[PathUse] = []
    for command in script.commands:
        told: set[tuple[str, str]] = set()
        for redirect in command.redirects:
            access = "write" if redirect.writes else "read"
            if redirect.target and not redirect.target.isdigit():
                found.append(_use(redirect.target, access, where, command, workspace))
        if command.path:
            found.append(_use(command.path, "execute", where, command, workspace))
        final = next((word for word in reversed(command.words) if word[:1] != "-"), None)
        for index, word in enumerate(command.words):
            raw = _path_in(word)
            if raw:
                last = word is final
                access = _access(command, word, last, command.words[index - 1] if index else "")
                if (raw, access) not in told:
                    told.add((raw, access))
                    found.append(_use(raw, access, where, command, workspace))
        if len(found) > MAX_PATHS:
            break
    return found[: MAX_PATHS + 1]


def _use(raw: str, access: str, where: str, command: Command, workspace: str) -> PathUse:
    return PathUse(canonical_path(raw, workspace), access, where, command.span, raw)


def _path_in(word: str) -> str:
    """The path that a word is or holds: `of=/dev/sda`, `@file`, `--output=/x`, `name=@file`."""
    if _PATH_SIGNS.isdisjoint(word) or (word.startswith("-") and "=" not in word):
        return ""
    if (
        len(word) > 1024
        or ("://" in word and not word.startswith("file://"))
        or (" " in word.strip() and not _ROOTED.match(word))
    ):
        return ""
    word = word.removeprefix("file://").removeprefix("file:").partition("?immutable=")[0]
    if "=" in word:
        word = word.rpartition("=")[2]
    word = word.lstrip("@")
    if word.startswith("-"):
        return ""
    return word if looks_like_path(word) or word in {"/", "~", "*", "."} else ""


def _access(command: Command, word: str, last: bool, before: str) -> str:
    intent = _INTENT_OF.get(command.program)
    if intent == "delete" or command.program.startswith("mkfs."):
        return "delete"
    if word.startswith("of="):
        return "write"
    if before.lower() in _WRITING_OPTIONS or word.startswith("--output="):
        return "write"
    if command.program in _FIRST_WRITES or (last and command.program in _LAST_WRITES):
        return "write"
    if command.program == "sed" and any(one.startswith("-i") for one in command.words):
        return "write"
    return "read"


def script_sql(script: Script) -> list[tuple[str, tuple[int, int]]]:
    """The SQL that a script hands to a database client, with the command's span."""
    return [
        (word, command.span)
        for command in script.commands
        if command.program in _SQL_CLIENTS
        for word in command.words
        if looks_like_sql(word)
    ][:20]
