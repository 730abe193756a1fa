"""What tools run beside their own work: terminals, debuggers, clients, and what other hosts run.

Each reader takes the words behind the program and gives the scripts that it would run.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

Reader = Callable[[Sequence[str]], Iterable[str]]

_MOST = 16
_ESCAPES = re.compile(
    r"(?:^|[;\n])[^\S\n]*+(?:\\!|!|\.shell\s|\.system\s|\\?system\s|shell\s)\s*(.+)"
)
_SPAWN = re.compile(r"\b(?:spawn|exec|system)\s+([^;\n]+)")
_LISTED = re.compile(r"\"((?:[^\"\\]|\\.)*+)(?:\"|\Z)|'([^']*+)(?:'|\Z)")
_KEYS = frozenset({"enter", "c-m", "c-j", "space", "c-c"})
_SENDS = frozenset({"send", "send-keys"})
_OPENS = frozenset(
    {"new", "new-session", "neww", "new-window", "splitw", "split-window", "respawnp",
     "respawn-pane", "respawnw", "respawn-window", "run", "run-shell", "popup", "display-popup"}
)  # fmt: skip
_SED_RUNS = re.compile(r"(?:^|[;{}\n\d$/!,])[ \t]*e[ \t]+([^\n]+)")
_SED_PUTS = re.compile(
    r"(?:^|[;{}\n\d$/!,])[ \t]*s([^\w\s\\])(?:\\.|(?!\1)[^\\])*+\1((?:\\.|(?!\1)[^\\])*+)\1"
    r"[gIimMp\d]*e",
    re.DOTALL,
)
_SED_FOUND = re.compile(r"(?<!\\)(?:\\\\)*(?:&|\\\d)")
_RECIPE = re.compile(r"^(?:\t|[^\s#:=][^#:=\n]*::?[^;=\n]*;)[ \t]*[@+-]*[ \t]*(.+)", re.MULTILINE)
_MAKE_SHELL = re.compile(
    r"\$[({]shell[ \t]+([^\n]{1,1000})[)}]|^[\w.-]+[ \t]*!=[ \t]*(.+)", re.MULTILINE
)
_MAKE_CALL = re.compile(r"\$[({]shell[ \t]")
COMPUTED = "$_"
"""A script that only the run itself tells."""

HOOKS = frozenset(
    {"LESSOPEN", "LESSCLOSE", "PAGER", "MANPAGER", "GIT_PAGER", "GIT_EDITOR", "GIT_SSH_COMMAND",
     "GIT_EXTERNAL_DIFF", "GIT_ASKPASS", "SSH_ASKPASS", "SUDO_ASKPASS", "EDITOR", "VISUAL",
     "BROWSER", "FCEDIT", "PROMPT_COMMAND"}
)  # fmt: skip
"""Variables whose values programs run."""

_RUNS = frozenset({"run", "exec", "shell", "ssh", "develop"})


def bounded(scripts: list[str]) -> list[str]:
    """Scripts up to a number; of more than that, what is left is told to be unread."""
    return scripts if len(scripts) <= _MOST else [*scripts[:_MOST], COMPUTED]


def behind(words: Sequence[str], values: str) -> list[str]:
    """The words behind the options; those of one letter in `values` take the next word along."""
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] != "--":
        place += 2 if len(words[place]) == 2 and words[place][1] in values else 1
    return list(words[place:] if words[place : place + 1] != ["--"] else words[place + 1 :])


def _command(words: Sequence[str]) -> str:
    """A script that runs just these words; one alone is a script itself."""
    return shlex.join(words) if len(words) > 1 else "".join(words)


def _tmux(words: Sequence[str]) -> Iterable[str]:
    rest = behind(words, "LSfc")
    if rest and rest[0] in _SENDS:
        keys = [word for word in behind(rest[1:], "tN") if word.lower() not in _KEYS]
        return [" ".join(keys)]
    if rest and rest[0] in _OPENS:
        return [_command(behind(rest[1:], "ceFfnstxylp"))]
    return []


def _screen(words: Sequence[str]) -> Iterable[str]:
    if "stuff" in words:
        return [" ".join(words[list(words).index("stuff") + 1 :])]
    return [_command(behind(words, "cehpsSTt"))]


def _parallel(words: Sequence[str]) -> Iterable[str]:
    """The arguments behind `:::` where there is no command before it: each is one."""
    if ":::" not in words:
        return []
    place = list(words).index(":::")
    return words[place + 1 :] if not behind(words[:place], "jISP") else []


def _git(words: Sequence[str]) -> Iterable[str]:
    """Aliases that begin with `!`, and programs that settings name with their options."""
    for place, word in enumerate(words[:64]):
        before = words[place - 1] if place else ""
        value = word.partition("=")[2] if before in {"-c", "--config-env"} else word
        if value.startswith("!") and (before == "-c" or "config" in words[:place]):
            yield value[1:]
        elif before == "-c" and " " in value and word.lower().startswith(("core.", "diff.")):
            yield value


def _escapes(words: Sequence[str]) -> Iterable[str]:
    """What clients of databases and debuggers hand to a shell."""
    return [script for word in words for script in _ESCAPES.findall(word)]


def _expect(words: Sequence[str]) -> Iterable[str]:
    return [script for word in words for script in _SPAWN.findall(word)]


def _sed(words: Sequence[str]) -> Iterable[str]:
    """The command `e`, and what `s///e` puts in and runs."""
    for word in words:
        yield from _SED_RUNS.findall(word)
        for _, put in _SED_PUTS.findall(word):
            yield COMPUTED if _SED_FOUND.search(put) else re.sub(r"\\(.)", r"\1", put)


def _recipes(text: str) -> list[str]:
    """What a makefile runs: the lines of its recipes, and of `$(shell …)`."""
    lines = [line.replace("$$", "$") for line in _RECIPE.findall(text)]
    found = [one or other for one, other in _MAKE_SHELL.findall(text)]
    unread = len(_MAKE_CALL.findall(text)) > len(found)  # too long, or within another
    return [*lines, *found, *([COMPUTED] if unread else ())]


def _make(words: Sequence[str]) -> Iterable[str]:
    """Recipes on the command line, and a makefile that another command prints."""
    for text in _behind_option("--eval", "-E")(words):
        yield from _recipes(text)
    for name in makefile(words):
        if name.startswith("<(") and name.endswith(")"):
            yield f"{name[2:-1]} | make -f -"


def makefile(words: Sequence[str]) -> list[str]:
    """The makefiles that options name, `-` for the input."""
    return [
        *_behind_option("-f", "--file", "--makefile")(words),
        *(word[2:] for word in words if word.startswith("-f") and len(word) > 2),
    ]


def _scripts_set(words: Sequence[str]) -> Iterable[str]:
    """`npm pkg set scripts.x=…`, which a later `npm run x` runs."""
    if words[:2] == ["pkg", "set"]:
        yield from (one.partition("=")[2] for one in words if one.startswith("scripts."))


def _behind_option(*options: str) -> Reader:
    """A reader of what follows an option, or stands behind its `=`."""

    def read(words: Sequence[str]) -> Iterable[str]:
        for place, word in enumerate(words):
            name, given, value = word.partition("=")
            if name in options:
                yield value if given else " ".join(words[place + 1 : place + 2])

    return read


def _behind_word(name: str) -> Reader:
    """A reader of all that follows a word."""

    def read(words: Sequence[str]) -> Iterable[str]:
        return [" ".join(words[list(words).index(name) + 1 :])] if name in words else []

    return read


def _hosts(words: Sequence[str]) -> Iterable[str]:
    """The command for many hosts, which options name."""
    return [" ".join(behind(words, "wxgfltuMPhpoeiX"))]


def _aws(words: Sequence[str]) -> Iterable[str]:
    if "send-command" not in words:
        return
    for word in words:
        if "commands" in word:
            yield from ("".join(pair) for pair in _LISTED.findall(word.partition("commands")[2]))


def _runs(words: Sequence[str]) -> Iterable[str]:
    """The command behind `run`, `exec` or the like: in an environment, a container, elsewhere."""
    for place, word in enumerate(words[:4]):
        if word in _RUNS:
            rest = list(words[place + 1 :])
            if "--" in rest:
                return [_command(rest[rest.index("--") + 1 :])]
            return [_command(behind(rest, "nepcCPfE"))]
    return []


_OF: dict[str, tuple[Reader, ...]] = {
    "tmux": (_tmux,),
    "screen": (_screen,),
    "parallel": (_parallel,),
    "git": (_git,),
    "expect": (_expect,),
    "npm": (_behind_option("-c", "--call"), _scripts_set),
    "npx": (_behind_option("-c", "--call"),),
    **dict.fromkeys(("make", "gmake"), (_make,)),
    **dict.fromkeys(("sed", "gsed"), (_sed,)),
    "man": (_behind_option("-P", "--pager"),),
    "entr": (_behind_option("-s"),),
    "nix-shell": (_behind_option("--run", "--command"),),
    "nix": (_behind_option("-c", "--command"),),
    "vagrant": (_behind_option("-c", "--command"),),
    "gcloud": (_behind_option("--command"),),
    "fly": (_behind_option("-C", "--command"),),
    "flyctl": (_behind_option("-C", "--command"),),
    "az": (_behind_option("--scripts"),),
    "aws": (_aws,),
    "ansible": (_behind_option("-a", "--args"),),
    "salt": (_behind_word("cmd.run"),),
    "salt-call": (_behind_word("cmd.run"),),
    **dict.fromkeys(("pdsh", "clush", "dsh", "pssh", "parallel-ssh"), (_hosts,)),
    **dict.fromkeys(("psql", "mysql", "mariadb", "sqlplus", "gdb", "lldb"), (_escapes,)),
    **dict.fromkeys(
        ("poetry", "pipenv", "uv", "hatch", "pdm", "rye", "bundle", "conda", "mamba", "micromamba",
         "doppler", "op", "infisical", "dotenv", "aws-vault", "heroku", "multipass", "incus",
         "devbox", "mise", "asdf"),
        (_runs,),
    ),
}  # fmt: skip
TOOLS = frozenset(_OF)

_INPUT: dict[str, Callable[[str], Iterable[str]]] = {
    "make": _recipes,
    "gmake": _recipes,
    "ed": _ESCAPES.findall,
    "tclsh": _SPAWN.findall,
    "expect": _SPAWN.findall,
}
READING = frozenset(_INPUT)
"""Tools that run what their input says."""


def run_by(program: str, words: Sequence[str]) -> list[str]:
    """The scripts that a tool runs; none where it is no such tool."""
    scripts = (script for reader in _OF.get(program, ()) for script in reader(words))
    return bounded([script for script in scripts if script.strip()])


def reads_input(program: str, words: Sequence[str]) -> bool:
    """Whether a tool of `READING` takes what it does from its input."""
    if program in {"make", "gmake"}:
        return "-" in makefile(words)
    return program == "ed" or all(word.startswith("-") for word in words)


def run_by_input(program: str, text: str) -> list[str]:
    """The scripts that a tool of `READING` runs as its input says."""
    return bounded([script for script in _INPUT[program](text) if script.strip()])
