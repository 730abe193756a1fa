"""The vocabulary of shells: which programs are shells, interpreters or downloaders, and words."""

import re
from collections.abc import Sequence

SHELLS = frozenset(
    {"sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "fish", "csh", "tcsh"}
    | {"nu", "elvish", "xonsh", "yash", "osh", "rbash"}
)
WINDOWS_SHELLS = frozenset({"powershell", "pwsh", "cmd", "command_prompt"})
INTERPRETERS = (
    SHELLS
    | WINDOWS_SHELLS
    | {"python", "python2", "python3", "perl", "ruby", "node", "nodejs", "php", "lua", "deno"}
    | {"osascript", "eval", "source", ".", "exec", "iex", "invoke-expression", "tclsh", "awk"}
)
KEYWORDS = frozenset(
    {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "{", "}", "!", "time"}
)
"""What may stand before a command and is none of it."""

DOWNLOADERS = frozenset(
    {"curl", "wget", "fetch", "aria2c", "http", "https", "xh", "lwp-download", "ftp", "tftp"}
    | {"iwr", "irm", "invoke-webrequest", "invoke-restmethod", "certutil", "bitsadmin"}
    | {"start-bitstransfer", "scp", "gsutil", "axel"}
)
CODE_OPTIONS = {
    "python": "c", "python2": "c", "python3": "c", "perl": "eE", "ruby": "e",
    "node": "ep", "nodejs": "ep", "php": "r", "lua": "e",
}  # fmt: skip
ASSIGNS = re.compile(r"[A-Za-z_]\w*\+?=")
_WILD = re.compile(r"[*?]|\[[^\]]+\]")
_PLACEHOLDERS = frozenset({"{}", "%", "$@", "$*"})
_CONVENTIONAL = frozenset(
    {"EDITOR", "VISUAL", "PAGER", "BROWSER", "SHELL", "CC", "CXX", "CPP", "LD", "AR", "MAKE",
     "PYTHON", "PERL", "RUBY", "NODE", "JAVA", "SUDO", "PIP", "NPM", "DOCKER", "GIT"}
)  # fmt: skip
_PRINTS_SETTINGS = re.compile(r"(?:\$\(|`)\s*([\w./-]+)")
_SETTING = frozenset(
    {"ssh-agent", "direnv", "dircolors", "conda", "mamba", "pyenv", "rbenv", "nodenv", "brew",
     "opam", "minikube", "docker-machine", "starship", "zoxide", "thefuck", "lesspipe", "fnm",
     "mise", "luarocks", "gpg-agent", "keychain", "register-python-argcomplete", "pip", "npm",
     "kubectl", "helm", "gh", "resize", "tset", "locale", "mcfly", "atuin", "navi"}
)  # fmt: skip


_OWN_SHELL = {"$shell": "sh", "${shell}": "sh", "$bash": "bash", "${bash}": "bash"}


def base_name(word: str) -> str:
    """The program that a command word names: lower case, without folder and `.exe`."""
    name = word.replace("\\", "/").rstrip("/").rpartition("/")[2].lower()
    name = _OWN_SHELL.get(name, name)
    return name[:-4] if name.endswith((".exe", ".com")) and len(name) > 4 else name or word


def from_program(words: list[str]) -> list[str]:
    """The words of a command from its program on: keywords and assignments may stand before it."""
    position = 0
    while position < len(words) and (
        words[position] in KEYWORDS
        or ("=" in words[position] and position + 1 < len(words) and ASSIGNS.match(words[position]))
    ):
        position += 1 + (words[position : position + 2] == ["time", "-p"])
    if words[position : position + 1] == ["for"]:
        return []
    return words[position:] if position else words


def is_computed(word: str) -> bool:
    """Whether only running a script tells which program a word names."""
    if word in _PLACEHOLDERS:
        return True
    if not word or word.isalnum():
        return False
    last = word.rpartition("/")[2]
    if "$" in last or "`" in last or (word[0] in "$`" and word[-1] in ")`}"):
        return word.strip("${}") not in _CONVENTIONAL
    return len(word) > 1 and word != "[[" and _WILD.search(word) is not None


def without_quotes(script: str) -> str:
    """The text of a script without the quotes around it."""
    return script.strip().strip("\"'")


def prints_settings(script: str) -> bool:
    """Whether a script is what a known program prints to be evaluated: settings of a shell."""
    told = _PRINTS_SETTINGS.match(script)
    return told is not None and base_name(told[1]) in _SETTING


def dialect_of(program: str) -> str:
    """The dialect that a shell speaks: `sh`, `powershell` or `cmd`."""
    if program in {"powershell", "pwsh"}:
        return "powershell"
    return "cmd" if program in WINDOWS_SHELLS else "sh"


_INPUTS = frozenset({"/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})
SOURCES = frozenset({"source", "."})


def takes_input(program: str, words: Sequence[str]) -> bool:
    """Whether a shell or an interpreter takes its script from its input: it is given no other."""
    if program in SOURCES:
        return bool(_INPUTS.intersection(words[:1]))
    if program in WINDOWS_SHELLS:
        return all(word.startswith(("-", "/")) for word in words) and not any(
            word.lower()[:2] in {"/c", "/k", "/r"} for word in words
        )
    words = [word for word in words if word not in _INPUTS]
    letters = "c" if program in SHELLS else CODE_OPTIONS.get(program, "")
    options = [word for word in words if word[:1] == "-" and word[:2] != "--"]
    if any(word[-1] in letters for word in options if len(word) > 1):
        return False
    return "-s" in words or all(word.startswith("-") for word in words)
