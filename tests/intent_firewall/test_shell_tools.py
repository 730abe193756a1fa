"""What tools are told to run is read as what it is."""

import pytest

from components.intent_firewall.shell import parse_shell
from components.intent_firewall.shell_tools import run_by

DEED = ("rm", ["-rf", "/srv"])


def commands(text: str, dialect: str = "sh") -> list[tuple[str, list[str]]]:
    return [(one.program, list(one.words)) for one in parse_shell(text, dialect).commands]


@pytest.mark.parametrize(
    "text",
    [
        "tmux new -d 'rm -rf /srv'",
        "tmux new-session -d -s x rm -rf /srv",
        "tmux send-keys -t x 'rm -rf /srv' Enter",
        "screen -dm sh -c 'rm -rf /srv'",
        "screen -S x -X stuff 'rm -rf /srv'",
        "parallel ::: 'rm -rf /srv' ls",
        "git -c alias.x='!rm -rf /srv' x",
        "git config --global alias.x '!rm -rf /srv'",
        "git -c core.sshCommand='rm -rf /srv' fetch",
        "expect -c 'spawn rm -rf /srv; interact'",
        "npm exec -c 'rm -rf /srv'",
        "npx --call='rm -rf /srv'",
        "psql -c '\\! rm -rf /srv'",
        "gdb -batch -ex 'shell rm -rf /srv'",
        "lua -e 'os.execute(\"rm -rf /srv\")'",
        "vagrant ssh -c 'rm -rf /srv'",
        "gcloud compute ssh box --command='rm -rf /srv'",
        "aws ssm send-command --parameters 'commands=[\"rm -rf /srv\"]'",
        "ansible all -m shell -a 'rm -rf /srv'",
        "salt '*' cmd.run 'rm -rf /srv'",
        "pdsh -w web[1-9] rm -rf /srv",
        "poetry run rm -rf /srv",
        "conda run -n x rm -rf /srv",
        "doppler run -- rm -rf /srv",
        "multipass exec vm -- sh -c 'rm -rf /srv'",
        "nix-shell -p x --run 'rm -rf /srv'",
        "entr -r sh -c 'rm -rf /srv'",
        "coproc rm -rf /srv",
        "wsl -d Debian rm -rf /srv",
        "hyperfine 'rm -rf /srv'",
        "runuser -u bob -- rm -rf /srv",
        "bash <(echo 'rm -rf /srv')",
        "source <(printf 'rm -rf /srv')",
        ". /dev/stdin <<< 'rm -rf /srv'",
        "bash /dev/stdin <<< 'rm -rf /srv'",
        "make --eval='all:;rm -rf /srv'",
        "make -f <(printf 'all:\\n\\t@rm -rf /srv\\n')",
        "printf 'all:\\n\\trm -rf /srv\\n' | make -f-",
        "printf 'x:\\n\\trm -rf /srv\\n' > Makefile; make x",
        "printf 'x := $(shell rm -rf /srv)\\n' > m.mk && make -f m.mk",
        "sed '1e rm -rf /srv' notes.txt",
        "sed -e '/x/e rm -rf /srv' notes.txt",
        "sed 's/x/rm -rf \\/srv/e' notes.txt",
        "sed -n 's|x|rm -rf /srv|gpe' notes.txt",
        "man -P 'rm -rf /srv' ls",
        "LESSOPEN='|rm -rf /srv' less notes.txt",
        "export GIT_SSH_COMMAND='rm -rf /srv'",
        "npm pkg set scripts.x='rm -rf /srv' && npm run x",
        "python3 -m timeit -n1 \"import os; os.system('rm -rf /srv')\"",
        "/lib64/ld-linux-x86-64.so.2 /bin/rm -rf /srv",
        "printf '!rm -rf /srv\\nq\\n' | ed",
        "echo 'exec rm -rf /srv' | tclsh",
        "nu -c 'rm -rf /srv'",
    ],
)
def test_what_a_tool_is_told_to_run_is_a_command(text: str) -> None:
    assert DEED in commands(text)


@pytest.mark.parametrize(
    "text",
    [
        "Start-Process powershell -ArgumentList '-c','Remove-Item -Recurse C:\\srv'",
        'saps -FilePath powershell -Verb RunAs "-Command Remove-Item -Recurse C:\\srv" -Wait',
    ],
)
def test_what_start_process_starts_is_a_command(text: str) -> None:
    assert ("remove-item", ["-Recurse", "C:\\srv"]) in commands(text, "powershell")


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("tmux", ["ls"]),
        ("tmux", ["attach", "-t", "rm"]),
        ("screen", ["-ls"]),
        ("parallel", ["gzip", ":::", "a", "b"]),
        ("git", ["commit", "-m", "!important"]),
        ("git", ["-c", "user.name=A B", "commit"]),
        ("npm", ["test"]),
        ("psql", ["-c", "SELECT 1"]),
        ("gdb", ["-ex", "run", "./a.out"]),
        ("poetry", ["install"]),
        ("aws", ["s3", "ls"]),
        ("vim", ["-c", "x"]),
    ],
)
def test_what_runs_nothing_is_not_taken_for_a_command(program: str, words: list[str]) -> None:
    assert run_by(program, words) == []


@pytest.mark.parametrize(
    "text", ["sed 's/.*/&/e' list.txt", "sed -n 's/^do \\(.*\\)/\\1/e' list.txt"]
)
def test_what_sed_finds_and_runs_cannot_be_read(text: str) -> None:
    assert parse_shell(text).opaque


@pytest.mark.parametrize(
    "text",
    [
        "sed 's/the e /a/g' notes.txt",
        "sed -e 's/a/b/' -e '1,5d' notes.txt",
        "sed -n '/begin/,/end/p' notes.txt",
        "make -j4 test",
        "make -C docs html",
        "LESS=-R less notes.txt",
        "man -k pager",
    ],
)
def test_ordinary_uses_run_nothing_else(text: str) -> None:
    script = parse_shell(text)
    assert len(script.commands) == 1
    assert not script.opaque


def test_a_redirection_alone_empties_its_file() -> None:
    (only,) = parse_shell("> /etc/hosts").commands
    assert [(one.operator, one.target) for one in only.redirects] == [(">", "/etc/hosts")]
