"""Whatever the home, the input or the output is: a sentence, the status, no traceback."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from app.cli import main
from app.doctor import examine
from app.home import BadHome, prepare, socket_path
from app.settings import BadSettings, load
from tests.cli.test_contracts import ASSENT, assent

ROW = '{"tool":"ls"}\n'


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where a node has run."""
    home = tmp_path_factory.mktemp("used")
    assert assent(home, "run", "--for", "0.1", "--json").returncode == 0
    return home


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("init",), 2), (("init", "--json"), 2), (("doctor",), 1), (("run", "--for", "1"), 2),
        (("replay", "rows"), 2), (("screen", "rows"), 2), (("operator", "revoke", "x"), 1),
        (("audit", "verify"), 1), (("audit", "query", "--json"), 1),
        (("ask", "--tool", "x", "--arguments", "{}"), 5), (("exec", "--", "true"), 5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["file", "file/below", "x" * 300])
def test_a_home_that_cannot_be_one_is_named(
    tmp_path: Path,
    place: str,
    words: tuple[str, ...],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "rows").write_text('{"tool":"ls"}\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path / place))
    returned = main(words)
    said = "".join(capfd.readouterr())
    assert returned == status, said
    assert "Errno" not in said
    assert str(tmp_path) in said or "no node answers" in said


def test_a_home_may_have_spaces_and_letters_of_any_script(tmp_path: Path) -> None:
    home = tmp_path / "sp ace" / "ü…漢"
    assert assent(home, "init").returncode == 0
    assert assent(home, "run", "--for", "0.2", "--json").returncode == 0
    assert assent(home, "audit", "verify").returncode == 0


def test_a_long_home_has_its_socket_elsewhere_and_says_nothing_of_it(
    tmp_path: Path, recwarn: pytest.WarningsRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert len(os.fsencode(socket_path(tmp_path / ("x" * 200)))) <= 104
    assert not recwarn.list


@pytest.mark.parametrize(
    "words",
    [
        ("replay", "none", "--json"), ("rules", "check", "none", "--json"),
        ("rules", "list", ".", "--json"), ("operator", "revoke", "nobody", "--json"),
        ("audit", "prove", "7", "--json"), ("audit", "verify", "--key", "", "--json"),
        ("ask", "--tool", "x", "--arguments", "[]", "--json"),
        ("ask", "--tool", "x", "--arguments", "{}", "--json"),
        ("ask", "--tool", "x", "--arguments", "@none", "--json"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_one_object_with_json(
    used: Path,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASSENT_HOME", str(used))
    monkeypatch.chdir(used)
    assert main(words) in {1, 2, 5}
    said = json.loads(capfd.readouterr().out)
    assert said["ok"] is False
    assert said["why"]
    assert "Errno" not in said["why"]


def test_an_empty_key_verifies_nothing(tmp_path: Path) -> None:
    assert assent(tmp_path, "run", "--for", "0.1", "--json").returncode == 0
    assert assent(tmp_path, "audit", "verify", "--key", "").returncode == 1
    (tmp_path / "node.pub").write_text("")
    done = assent(tmp_path, "audit", "verify")
    assert done.returncode == 1
    assert "not a verifier key" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *((name, option, value) for name, option in (("run", "--for"), ("replay", "--rate"))
          for value in ("-1", "0", "nan", "inf", "1e99", "abc")),
        ("ask", "--tool", "x", "--arguments", "{}", "--timeout", "abc"),
        ("ask", "--tool", "x", "--arguments", "{}", "--timeout", "nan"),
        ("audit", "query", "--limit", "9" * 30), ("audit", "prove", "-3"),
    ],
)  # fmt: skip
def test_numbers_out_of_bounds_are_wrong_usage(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert f"{words[-1]!r}" in capsys.readouterr().err


CLOSED = ["doctor", "run --for 0.1", "screen -", "audit verify"]


@pytest.mark.parametrize("command", CLOSED)
def test_closed_or_full_output_is_no_traceback(used: Path, command: str) -> None:
    env = {**os.environ, "ASSENT_HOME": str(used)}
    closed = subprocess.run(
        ["sh", "-c", f"{ASSENT} {command} <&- >&-"], stderr=subprocess.PIPE, env=env, timeout=60
    )
    assert (closed.returncode, closed.stderr) == (0, b"")
    if not Path("/dev/full").exists():
        return
    full = subprocess.run(
        ["sh", "-c", f"echo '{ROW.strip()}' | {ASSENT} {command} >/dev/full"],
        stderr=subprocess.PIPE, env=env, timeout=60,
    )  # fmt: skip
    assert full.returncode == 1
    assert full.stderr.decode().strip() == "assent: no space left on device"


@pytest.mark.parametrize(
    "line",
    [
        "[node]\nname='a b'", "[operator]\nname='../x'", "[operator]\ntier=0", "[operator]\ntier=9",
        "[limits]\nrate_per_s=-1", "[limits]\nrate_per_s=nan", "[limits]\nburst=0",
        "[gate]\nverdict_valid_s=-5", "[gate]\nverdict_valid_s=nan",
    ],
)  # fmt: skip
def test_settings_out_of_bounds_refuse_the_file_by_key(tmp_path: Path, line: str) -> None:
    (tmp_path / "assent.toml").write_text(line)
    with pytest.raises(BadSettings, match=line.split("\n")[1].partition("=")[0]):
        load(tmp_path)


def test_doctor_checks_the_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSENT_HOME", str(tmp_path))
    (tmp_path / "assent.toml").write_text("[console.keys]\nno_such_command = 'f5'\n")
    (found,) = (check for check in examine() if check.name == "keys")
    assert found.result == "bad"
    assert "no_such_command" in found.text


def test_a_home_below_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadHome, match="Choose another with ASSENT_HOME"):
        prepare(tmp_path / "file" / "below")


def test_bash_completes_commands_options_and_files(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").touch()
    script = f"""
    set -u
    eval "$({ASSENT} completion bash)"
    try() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _shtab_assent; \
        echo "${{COMPREPLY[*]}}"; }}
    try assent aud
    try assent audit verify --aga
    try assent replay ro
    """
    try_it = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert try_it.stdout.splitlines() == ["audit", "--against", "rows.jsonl"], try_it.stderr


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("audti",), ". Did you mean audit?"), (("audit", "verfy"), ". Did you mean verify?"),
        (("report", "montly"), ". Did you mean monthly?"), (("xyzzy",), ")"),
        (("ask", "--tool"), "expected one argument"),
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_is_met_with_the_nearest(
    words: tuple[str, ...], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert capsys.readouterr().err.rstrip().endswith(meant)
