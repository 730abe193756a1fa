"""What a script writes and runs later, and what it pipes into `xargs`, is read."""

import pytest

from components.intent_firewall.shell import MAX_LOOKED_UP, parse_shell

DEED = ("rm", ["-rf", "/srv"])


def commands(text: str) -> list[tuple[str, list[str]]]:
    return [(one.program, list(one.words)) for one in parse_shell(text).commands]


@pytest.mark.parametrize(
    "text",
    [
        "echo 'rm -rf /srv' > x.sh; sh x.sh",
        "echo 'rm -rf /srv' > x.sh && chmod +x x.sh && ./x.sh",
        "echo cd / > ./x.sh; echo 'rm -rf /srv' >> x.sh; bash -e x.sh",
        "cat > x.sh <<'EOF'\ncd /\nrm -rf /srv\nEOF\nbash x.sh",
        "cat <<EOF > /tmp/x\nrm -rf /srv\nEOF\n. /tmp/x",
        "echo 'rm -rf /srv' | tee x.sh; bash x.sh",
        "tee x.sh <<< 'rm -rf /srv'; source x.sh",
        "printf 'import os\\nos.system(\"rm -rf /srv\")' > x.py; python3 x.py",
        "echo /srv | xargs rm -rf",
        "echo '-rf /srv' | xargs rm",
        "printf '/srv' | xargs -I{} rm -rf {}",
        "echo /srv | xargs -I % rm -rf %",
        "$SHELL -c 'rm -rf /srv'",
        "time -p rm -rf /srv",
        "toybox rm -rf /srv",
        "gawk 'BEGIN { \"rm -rf /srv\" | getline }'",
        "awk '{ print | \"rm -rf /srv\" }' f",
    ],
)
def test_what_runs_later_is_a_command(text: str) -> None:
    assert DEED in commands(text)


@pytest.mark.parametrize(
    "text",
    [
        "echo 'rm -rf /srv' > x.sh; cat x.sh",
        "echo 'rm -rf /srv' > x.sh; sh y.sh",
        "echo 'rm -rf /srv' > x.sh; echo ls > x.sh; sh x.sh",
        "echo 'rm -rf /srv' > x.sh; sh -c ls x.sh",
        "echo 'rm -rf /srv' | xargs echo",
    ],
)
def test_what_is_only_written_is_none(text: str) -> None:
    assert DEED not in commands(text)


def test_what_find_finds_for_xargs_is_as_what_it_runs_itself() -> None:
    found = commands("find / -type f | xargs rm -f")
    assert ("find", ["/", "-type", "f", "-exec", "rm", "-f", "{}", "+"]) in found


def test_a_script_that_writes_and_runs_itself_is_said_to_be_opaque() -> None:
    script = parse_shell("echo 'bash x' > x; bash x")
    assert [one.why for one in script.opaque] == ["nested too deeply to inspect"]


def test_the_looking_up_is_bounded() -> None:
    runs = "\n".join(f"bash y{number}" for number in range(MAX_LOOKED_UP))
    assert parse_shell(runs).opaque == ()
    script = parse_shell(f"echo 'rm -rf /srv' > x\n{runs}\nbash x")
    assert [one.why for one in script.opaque] == ["runs too many files to inspect"]
