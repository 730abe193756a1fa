"""What a shell's own vocabulary means: wrappers around a command, interpreters, downloaders."""

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "csh", "tcsh"})
WINDOWS_SHELLS = frozenset({"powershell", "pwsh", "cmd", "command_prompt"})
INTERPRETERS = (
    SHELLS
    | WINDOWS_SHELLS
    | {"python", "python2", "python3", "perl", "ruby", "node", "nodejs", "php", "lua", "deno"}
    | {"osascript", "eval", "source", ".", "exec", "iex", "invoke-expression", "tclsh", "awk"}
)
DOWNLOADERS = frozenset(
    {"curl", "wget", "fetch", "aria2c", "http", "https", "xh", "lwp-download", "ftp", "tftp"}
    | {"iwr", "irm", "invoke-webrequest", "invoke-restmethod", "certutil", "bitsadmin"}
    | {"start-bitstransfer", "scp", "gsutil", "axel"}
)
CODE_OPTIONS = {
    "python": "c", "python2": "c", "python3": "c", "perl": "eE", "ruby": "e",
    "node": "ep", "nodejs": "ep", "php": "r", "lua": "e",
}  # fmt: skip

_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_SYSTEM_CALL = re.compile(
    r"\b(?:system|popen|exec|execSync|spawn|spawnSync|call|check_call|check_output|run|shell_exec"
    r"|passthru|getoutput|Popen)\s*\(?\s*(?:\[\s*)?(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"((?:\s*,\s*(?:\"[^\"\n]*\"|'[^'\n]*'))*)"
)
_APPLE_SCRIPT = re.compile(r"do shell script \"([^\"\n]*)\"")
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
    "parallel": _Wrapper("jI"),
    "flock": _Wrapper("wE", 1),
    "strace": _Wrapper("oeps"),
    "ltrace": _Wrapper("oeps"),
    "systemd-run": _Wrapper("pu"),
    "caffeinate": _Wrapper("tw"),
    "if": _Wrapper(),
    "then": _Wrapper(),
    "start": _Wrapper(),
    "start-process": _Wrapper(),
    "&": _Wrapper(),
}
_CONTAINERS = frozenset({"docker", "podman", "kubectl", "nerdctl", "lxc"})


class Inner(Struct, frozen=True):
    """What a command runs in turn: a list of words, or the text of a script in some dialect."""

    words: tuple[str, ...] = ()
    script: str | None = None
    dialect: str = "sh"
    privileged: bool = False


def base_name(word: str) -> str:
    """The program that a command word names: lower case, without folder and `.exe`."""
    name = word.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    return name[:-4] if name.endswith((".exe", ".com")) and len(name) > 4 else name or word


def inner_commands(program: str, words: Sequence[str]) -> tuple[Inner, ...]:
    """The commands and scripts that a command runs by its arguments alone."""
    if program not in _RUNNERS:
        return ()
    if program in _WRAPPERS:
        return _wrapped(_WRAPPERS[program], program, words)
    if program in SHELLS:
        return _scripts(words, "c", "sh")
    if program in CODE_OPTIONS:
        return _code(words, CODE_OPTIONS[program])
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
        if word.startswith("-") and len(word) > 1:
            if program == "env" and word.startswith(("-S", "--split-string")):
                rest = word.partition("=")[2] if word.startswith("--") else word[2:]
                return (Inner(script=" ".join([rest, *words[position + 1 :]]).strip()),)
            takes = not word.startswith("--") and word[-1] in wrapper.values and len(word) == 2
            position += 2 if takes else 1
        elif _ASSIGNMENT.match(word):
            position += 1
        elif skipped < wrapper.positionals:
            skipped += 1
            position += 1
        else:
            break
    rest_words = tuple(words[position:])
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
            valued = position > 0 and words[position - 1].startswith("-")
            if not valued and not lowered.startswith(("-", "/")):
                return (Inner(script=" ".join(words[position:]), dialect="powershell"),)
    return ()


def _remote(words: Sequence[str]) -> tuple[Inner, ...]:
    position = 0
    while position < len(words) and words[position].startswith("-"):
        takes = words[position][-1] in "bcDEeFIiJLlmOopQRSWw" and len(words[position]) == 2
        position += 2 if takes else 1
    rest = words[position + 1 :]
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
    scripts = _scripts(words, letters, "")
    return tuple(one for script in scripts for one in system_calls(script.script or ""))


def system_calls(code: str) -> tuple[Inner, ...]:
    """Shell commands that a piece of Python, Perl, Ruby, JavaScript or awk hands to the system."""
    found: list[Inner] = []
    for match in _SYSTEM_CALL.finditer(code):
        first = match.group(1)[1:-1]
        more = [a or b for a, b in _STRING.findall(match.group(2))]
        found.append(Inner((first, *more)) if more else Inner(script=first))
        if len(found) >= 32:
            break
    return tuple(found)


def _evaluated(words: Sequence[str]) -> tuple[Inner, ...]:
    return (Inner(script=" ".join(words)),)


def _trapped(words: Sequence[str]) -> tuple[Inner, ...]:
    return (Inner(script=words[0]),) if len(words) > 1 else ()


def _as_user(words: Sequence[str]) -> tuple[Inner, ...]:
    return tuple(Inner(script=one.script, privileged=True) for one in _scripts(words, "c", "sh"))


def _apple(words: Sequence[str]) -> tuple[Inner, ...]:
    found = [text for word in words for text in _APPLE_SCRIPT.findall(word)]
    return tuple(Inner(script=text) for text in found[:16])


def _awk(words: Sequence[str]) -> tuple[Inner, ...]:
    return tuple(one for word in words for one in system_calls(word))


_READERS: dict[str, Callable[[Sequence[str]], tuple[Inner, ...]]] = {
    "eval": _evaluated,
    "trap": _trapped,
    "su": _as_user,
    "runuser": _as_user,
    "script": lambda words: _scripts(words, "c", "sh"),
    "ssh": _remote,
    "find": _find,
    "fd": _find,
    "fdfind": _find,
    "osascript": _apple,
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
}
_RUNNERS = (
    _WRAPPERS.keys() | SHELLS | CODE_OPTIONS.keys() | WINDOWS_SHELLS | _CONTAINERS | _READERS.keys()
)
