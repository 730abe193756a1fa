"""What a command runs in turn: the command behind `sudo`, the script behind `bash -c`, and more."""

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from components.intent_firewall.normalise import from_base64
from components.intent_firewall.shell_tools import COMPUTED, TOOLS, behind, bounded, run_by
from components.intent_firewall.shell_words import (
    ASSIGNS,
    CODE_OPTIONS,
    SHELLS,
    WINDOWS_SHELLS,
)

_SYSTEM_CALL = re.compile(
    r"\b(?:os\.execute|system|popen|exec|execSync|spawn|spawnSync|call|check_call|check_output|run|shell_exec"
    r"|passthru|getoutput|Popen)\s*+(?:\(\s*+)?(?:\[\s*+)?(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"((?:\s*+,\s*+(?:\"[^\"\n]*\"|'[^'\n]*'))*)"
)
_MOST_CALLS = 256
_BACKQUOTED = re.compile(r"`([^`\n]{1,400})`|%x[({\[]([^)}\]\n]{1,400})[)}\]]")
_ENCODED = re.compile(r"[-/](?:e|ec|en[a-z]*)")
_APPLE_SCRIPT = re.compile(r"do shell script \"([^\"\n]*)\"")
_RUN_BY_OPTION = re.compile(
    r"(?:--checkpoint-action=exec=|--to-command=|--use-compress-program=|--rsh=|(?:-o)?ProxyCommand=)"
    r"(.+)",
    re.DOTALL,
)
_AWK_PIPE = re.compile(r"\"([^\"\n]+)\"\s*\|&?\s*getline|\|&?\s*\"([^\"\n]+)\"")
_STRING = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")


class _Wrapper(Struct, frozen=True):
    """A program that runs another: options that take a value, positionals before the command."""

    values: str = ""
    positionals: int = 0
    privileged: bool = False


_WRAPPERS = {
    "sudo": _Wrapper("ugphCrtUDRT", privileged=True),
    "doas": _Wrapper("uC", privileged=True),
    "pkexec": _Wrapper(privileged=True),
    "env": _Wrapper("uC"),
    "nohup": _Wrapper(),
    "setsid": _Wrapper(),
    "time": _Wrapper("fo"),
    "command": _Wrapper(),
    "builtin": _Wrapper(),
    "exec": _Wrapper("a"),
    "nice": _Wrapper("n"),
    "ionice": _Wrapper("cn"),
    "timeout": _Wrapper("sk", 1),
    "stdbuf": _Wrapper("ioe"),
    "xargs": _Wrapper("InPdaLsE"),
    "watch": _Wrapper("n"),
    "chroot": _Wrapper("", 1),
    "unshare": _Wrapper(),
    "nsenter": _Wrapper("t"),
    "torify": _Wrapper(),
    "proxychains": _Wrapper("f"),
    "busybox": _Wrapper(),
    "toybox": _Wrapper(),
    "parallel": _Wrapper("jI"),
    "flock": _Wrapper("wE", 1),
    "strace": _Wrapper("oeps"),
    "sshpass": _Wrapper("pf"),
    "unbuffer": _Wrapper(),
    "firejail": _Wrapper(),
    "fakeroot": _Wrapper(),
    "setpriv": _Wrapper(),
    "taskset": _Wrapper("", 1),
    "chrt": _Wrapper("", 1),
    "gosu": _Wrapper("", 1),
    "su-exec": _Wrapper("", 1),
    "ltrace": _Wrapper("oeps"),
    "systemd-run": _Wrapper("pu"),
    "caffeinate": _Wrapper("tw"),
    "coproc": _Wrapper(),
    "entr": _Wrapper("s"),
    "wsl": _Wrapper("du"),
    "proxychains4": _Wrapper("f"),
    "tsocks": _Wrapper(),
    "xvfb-run": _Wrapper("nsef"),
    "dbus-run-session": _Wrapper(),
    "valgrind": _Wrapper(),
    "hyperfine": _Wrapper("wrmMps"),
    "faketime": _Wrapper("", 1),
    "cpulimit": _Wrapper("lpe"),
    "rlwrap": _Wrapper("abcfHmstO"),
    "eatmydata": _Wrapper(),
    **dict.fromkeys(
        ("ld.so", "ld-linux.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"), _Wrapper()
    ),
    "start": _Wrapper(),
    "&": _Wrapper(),
}
_START_NAMES = frozenset({"-filepath", "-argumentlist", "-args"})
_START_VALUES = frozenset({"-verb", "-windowstyle", "-workingdirectory", "-credential"})
_START_SWITCHES = frozenset({"-wait", "-nonewwindow", "-passthru", "-usenewenvironment"})
_LISTED_OPTION = re.compile(r"^(-\w+),")
_TAKES_TEXT = frozenset({"watch", "parallel", "flock", "chronic", "hyperfine"})
_RUNS_CODE = frozenset({"timeit", "pdb"})
_CONTAINERS = frozenset({"docker", "podman", "kubectl", "nerdctl", "lxc"})


class Inner(Struct, frozen=True):
    """What a command runs in turn: a list of words, or the text of a script in some dialect."""

    words: tuple[str, ...] = ()
    script: str | None = None
    dialect: str = "sh"
    privileged: bool = False


def inner_commands(program: str, words: Sequence[str]) -> tuple[Inner, ...]:
    """The commands and scripts that a command runs by its arguments alone."""
    if program not in _RUNNERS:
        return ()
    if program in TOOLS and (scripts := run_by(program, words)):
        return tuple(Inner(script=script) for script in scripts)
    if program in _WRAPPERS:
        return _wrapped(_WRAPPERS[program], program, words)
    if program in SHELLS:
        return (*_scripts(words, "c", "sh"), *_substituted(program, words))
    if program in CODE_OPTIONS:
        return (*_code(words, CODE_OPTIONS[program]), *_substituted(program, words))
    if program in WINDOWS_SHELLS:
        return _windows_script(program, words)
    if program in _CONTAINERS:
        return _container(words)
    reader = _READERS.get(program)
    return reader(words) if reader is not None else ()


def _wrapped(wrapper: _Wrapper, program: str, words: Sequence[str]) -> tuple[Inner, ...]:
    position, skipped = 0, 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if not word or (program == "start" and word.startswith("/")):
            position += 1
            continue
        if word.startswith("-") and len(word) > 1:
            if program == "env" and word.startswith(("-S", "--split-string")):
                rest = word.partition("=")[2] if word.startswith("--") else word[2:]
                return (Inner(script=" ".join([rest, *words[position + 1 :]]).strip()),)
            takes = not word.startswith("--") and word[-1] in wrapper.values and len(word) == 2
            position += 2 if takes else 1
        elif ASSIGNS.match(word):
            position += 1
        elif skipped < wrapper.positionals:
            skipped += 1
            position += 1
        else:
            break
    rest_words = tuple(words[position:])
    if program in _TAKES_TEXT and len(rest_words) == 1 and " " in rest_words[0]:
        return (Inner(script=rest_words[0]),)
    return (Inner(rest_words, privileged=wrapper.privileged),) if rest_words else ()


def _scripts(words: Sequence[str], letters: str, dialect: str) -> tuple[Inner, ...]:
    """The script behind `-c` (or the like), also where it is clustered: `-lc`."""
    for position, word in enumerate(words):
        if word in {"--command", "--eval"} and position + 1 < len(words):
            return (Inner(script=words[position + 1], dialect=dialect),)
        if word.startswith("--command="):
            return (Inner(script=word.partition("=")[2], dialect=dialect),)
        if word.startswith("-") and not word.startswith("--") and word[-1] in letters:
            following = [one for one in words[position + 1 :] if not one.startswith("-")]
            return (Inner(script=following[0], dialect=dialect),) if following else ()
    return ()


def _windows_script(program: str, words: Sequence[str]) -> tuple[Inner, ...]:
    for position, word in enumerate(words):
        lowered = word.lower()
        if program in {"cmd", "command_prompt"} and lowered[:2] in {"/c", "/k", "/r"}:
            return (Inner(script=" ".join([word[2:], *words[position + 1 :]]), dialect="cmd"),)
        if program in {"powershell", "pwsh"} and len(lowered) > 1:
            if "-command".startswith(lowered) or lowered == "-c":
                rest = " ".join(words[position + 1 :])
                return (Inner(script=rest, dialect="powershell"),)
            if _ENCODED.fullmatch(lowered):
                plain = from_base64(words[position + 1]) if position + 1 < len(words) else ""
                return (Inner(script=plain, dialect="powershell"),) if plain else ()
            valued = position > 0 and words[position - 1].startswith("-")
            if not valued and not lowered.startswith(("-", "/")):
                return (Inner(script=" ".join(words[position:]), dialect="powershell"),)
    return ()


def _remote(words: Sequence[str]) -> tuple[Inner, ...]:
    rest = behind(words, "bcDEeFIiJLlmOopQRSWw")[1:]
    return (Inner(script=" ".join(rest)),) if rest else ()


def _container(words: Sequence[str]) -> tuple[Inner, ...]:
    if "exec" not in words[:3]:
        return ()
    rest = list(words[list(words).index("exec") + 1 :])
    if "--" in rest:
        return (Inner(tuple(rest[rest.index("--") + 1 :])),)
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in {"-u", "-w", "-e", "-n", "-c"} else rest[1:]
    return (Inner(tuple(rest[1:])),) if len(rest) > 1 else ()


def _find(words: Sequence[str]) -> tuple[Inner, ...]:
    found: list[Inner] = []
    for position, word in enumerate(words):
        if word in {"-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"}:
            rest = list(words[position + 1 :])
            ends = [index for index, one in enumerate(rest) if one in {";", "+", "\\;"}]
            inner = tuple(rest[: ends[0]] if ends else rest)
            if inner:
                found.append(Inner(inner))
    return tuple(found)


def _code(words: Sequence[str], letters: str) -> tuple[Inner, ...]:
    if "-m" in words and not _RUNS_CODE.isdisjoint(words):
        code = "\n".join(words)
    else:
        code = "".join(script.script or "" for script in _scripts(words, letters, ""))
    backquoted = _BACKQUOTED.findall(code) if letters != "c" and letters != "ep" else []
    scripts = bounded([one or two for one, two in backquoted])
    return system_calls(code) + tuple(Inner(script=script) for script in scripts)


def system_calls(code: str) -> tuple[Inner, ...]:
    """Shell commands that a piece of Python, Perl, Ruby, JavaScript or awk hands to the system."""
    found: list[Inner] = []
    for match in _SYSTEM_CALL.finditer(code):
        first = match.group(1)[1:-1]
        more = [a or b for a, b in _STRING.findall(match.group(2))]
        found.append(Inner((first, *more)) if more else Inner(script=first))
        if len(found) > _MOST_CALLS:
            return (*found[:_MOST_CALLS], Inner(script=COMPUTED))  # the rest is not passed over
    return tuple(found)


def _substituted(program: str, words: Sequence[str]) -> tuple[Inner, ...]:
    """A file that is what another command prints: as if that were piped in."""
    found = [word[2:-1] for word in words[:8] if word.startswith("<(") and word.endswith(")")]
    return tuple(Inner(script=f"{script} | {program}") for script in found[:1])


def _sourced(words: Sequence[str]) -> tuple[Inner, ...]:
    return _substituted("sh", words)


def _evaluated(words: Sequence[str]) -> tuple[Inner, ...]:
    return (Inner(script=" ".join(words)),)


def _trapped(words: Sequence[str]) -> tuple[Inner, ...]:
    return (Inner(script=words[0]),) if len(words) > 1 else ()


def _started(words: Sequence[str]) -> tuple[Inner, ...]:
    """What Start-Process starts: a program, and its arguments as a list or as one text."""
    given: list[str] = []
    skips = False
    for word in words:
        if skips or word.lower() in _START_SWITCHES:
            skips = False
        elif not given and word.lower() in _START_VALUES:
            skips = True
        elif word.lower() not in _START_NAMES:
            given.append(_LISTED_OPTION.sub(r"\1 ", word))
    return (Inner(script=" ".join(given), dialect="powershell"),) if given else ()


def _as_user(words: Sequence[str]) -> tuple[Inner, ...]:
    if "--" in words and "-u" in words:
        return (Inner(tuple(words[list(words).index("--") + 1 :]), privileged=True),)
    return tuple(Inner(script=one.script, privileged=True) for one in _scripts(words, "c", "sh"))


def _aliased(words: Sequence[str]) -> tuple[Inner, ...]:
    values = [word.partition("=")[2] for word in words if "=" in word]
    return tuple(Inner(script=value) for value in values[:16] if value)


def _after(word: str, dialect: str) -> Callable[[Sequence[str]], tuple[Inner, ...]]:
    """A reader that takes the words behind a certain one for a script."""

    def read(words: Sequence[str]) -> tuple[Inner, ...]:
        lowered = [one.lower() for one in words]
        rest = words[lowered.index(word) + 1 :] if word in lowered else ()
        return (Inner(script=" ".join(rest), dialect=dialect),) if rest else ()

    return read


def _options(words: Sequence[str]) -> tuple[Inner, ...]:
    """What options run: of tar at its checkpoints, of ssh and rsync to reach the other side."""
    found = [match[1] for word in words for match in [_RUN_BY_OPTION.match(word)] if match]
    return tuple(Inner(script=script) for script in found[:16])


def _reached(words: Sequence[str]) -> tuple[Inner, ...]:
    return (*_options(words), *_remote(words))


def _apple(words: Sequence[str]) -> tuple[Inner, ...]:
    found = [text for word in words for text in _APPLE_SCRIPT.findall(word)]
    return tuple(Inner(script=text) for text in found[:16])


def _awk(words: Sequence[str]) -> tuple[Inner, ...]:
    found = [Inner(script=a or b) for word in words for a, b in _AWK_PIPE.findall(word)[:16]]
    return (*found[:16], *(one for word in words for one in system_calls(word)))


_READERS: dict[str, Callable[[Sequence[str]], tuple[Inner, ...]]] = {
    "eval": _evaluated,
    "start-process": _started,
    "source": _sourced,
    ".": _sourced,
    "trap": _trapped,
    "su": _as_user,
    "runuser": _as_user,
    "script": lambda words: _scripts(words, "c", "sh"),
    "ssh": _reached,
    "tar": _options,
    "rsync": _options,
    "scp": _options,
    "alias": _aliased,
    "forfiles": _after("/c", "cmd"),
    "wmic": _after("create", "cmd"),
    "invoke-expression": lambda words: (Inner(script=" ".join(words), dialect="powershell"),),
    "find": _find,
    "fd": _find,
    "fdfind": _find,
    "osascript": _apple,
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
}
_RUNNERS = (
    _WRAPPERS.keys()
    | TOOLS
    | SHELLS
    | CODE_OPTIONS.keys()
    | WINDOWS_SHELLS
    | _CONTAINERS
    | _READERS.keys()
)
