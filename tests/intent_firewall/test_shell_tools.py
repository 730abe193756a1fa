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
