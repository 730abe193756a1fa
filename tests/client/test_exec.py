import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from app.intake.wire import Cancel, Consume, OutcomeReport, Submit, refuse
from components.canonical import digest
from tests.client.command import assent, start
from tests.client.scripted import ScriptedNode, say_nothing, verdict


def outcome(node: ScriptedNode) -> OutcomeReport:
    (report,) = node.of(OutcomeReport)
    assert isinstance(report, OutcomeReport)
    return report


async def test_streams_pass_through_and_the_outcome_is_true(home: Path) -> None:
    script = "import sys, time; time.sleep(.05); print(sys.stdin.read().upper()); sys.exit(7)"
    async with ScriptedNode(home) as node:
        ended = await assent(home, "exec", "--", sys.executable, "-c", script, stdin=b"through")
    assert (ended.status, ended.out, ended.err) == (7, "THROUGH\n", "")
    assert (outcome(node).status, outcome(node).detail) == ("failed", "exit status 7")
    assert outcome(node).duration_us >= 50_000
    assert node.of(Submit)[0].action.tool == "shell"
    assert node.of(Submit)[0].action.arguments == {
        "argv": [sys.executable, "-c", script],
        "cwd": str(Path.cwd()),
    }


async def test_it_runs_in_the_folder_that_was_approved_and_without_a_shell(home: Path) -> None:
    async with ScriptedNode(home) as node:
        words = (
            "--cwd",
            str(home),
            "--agent",
            "robot",
            "--",
            "sh",
            "-c",
            'pwd; echo "$0"',
            "$HOME",
        )
        ended = await assent(home, "exec", *words)
    assert ended.out == f"{home}\n$HOME\n"
    assert outcome(node).status == "ok"
    assert outcome(node).agent == "robot"


async def test_the_use_is_claimed_before_the_command_runs(home: Path) -> None:
    class Spent(ScriptedNode):
        async def _answer(self, message: Any, hand: Any) -> None:
            if isinstance(message, Consume):
                hand.send(refuse(410, "used", request_id=message.request_id))
            else:
                await super()._answer(message, hand)

    async with Spent(home) as node:
        ended = await assent(home, "exec", "--", "touch", str(home / "ran"))
    assert (ended.status, (home / "ran").exists(), node.of(OutcomeReport)) == (3, False, [])


@pytest.mark.parametrize(
    ("script", "status"),
    [
        (verdict(verdict="deny", reasons=("not that",)), 3),
        (verdict(verdict="expired"), 4),
        (verdict(not_after=1), 4),
        (verdict(action_digest="0" * 64), 3),
    ],
)
async def test_what_is_not_allowed_does_not_run(home: Path, script: Any, status: int) -> None:
    async with ScriptedNode(home, script) as node:
        ended = await assent(home, "exec", "--", "touch", str(home / "ran"))
    assert (ended.status, ended.out, (home / "ran").exists()) == (status, "", False)
    assert ended.err
    assert node.of(Consume) == []


@pytest.mark.fault(51)
async def test_fault_51_without_a_node_nothing_runs(home: Path) -> None:
    ended = await assent(home, "exec", "--", "touch", str(home / "ran"))
    assert (ended.status, (home / "ran").exists()) == (5, False)


@pytest.mark.parametrize(
    ("command", "status", "detail"),
    [
        (("true",), 0, "exit status 0"),
        (("sh", "-c", "kill -TERM $$"), 143, "ended by signal 15"),
        (("no-such-command-at-all",), 127, "not found"),
        (("/",), 126, "could not be started"),
    ],
)
async def test_exit_status_is_the_commands_own(
    home: Path, command: tuple[str, ...], status: int, detail: str
) -> None:
    async with ScriptedNode(home) as node:
        ended = await assent(home, "exec", "--", *command)
    assert ended.status == status
    assert outcome(node).detail == detail
    assert outcome(node).status == ("ok" if status == 0 else "failed")


def changed(home: Path, arguments: dict[str, Any]) -> Any:
    asked = {"argv": ["echo", "mine"], "cwd": str(home)}
    return verdict(
        arguments=arguments,
        action_digest=digest("n1", "cli", "shell", arguments),
        replaces=digest("n1", "cli", "shell", asked),
    )


async def test_a_changed_command_is_the_one_that_runs(home: Path) -> None:
    arguments = {"argv": ["echo", "theirs"], "cwd": "/"}
    async with ScriptedNode(home, changed(home, arguments)) as node:
        words = ("exec", "--json", "--cwd", str(home), "--", "echo", "mine")
        ended = await assent(home, *words)
    assert (ended.status, ended.out) == (0, "theirs\n")
    told = json.loads(ended.err)
    assert (told["verdict"], told["modified"], told["exit"]) == ("allow", True, 0)
    assert told["duration_us"] == outcome(node).duration_us
    assert node.of(Consume)[0].action_digest == digest("n1", "cli", "shell", arguments)


@pytest.mark.parametrize(
    "arguments",
    [{"argv": [], "cwd": "/"}, {"argv": "echo", "cwd": "/"}, {"argv": ["echo"], "cwd": 1}, {}],
)
async def test_changed_arguments_that_are_no_command_do_not_run(
    home: Path, arguments: dict[str, Any]
) -> None:
    async with ScriptedNode(home, changed(home, arguments)) as node:
        ended = await assent(home, "exec", "--cwd", str(home), "--", "echo", "mine")
    assert (ended.status, ended.out) == (3, "")
    assert outcome(node).status == "skipped"


async def test_a_sigterm_is_passed_on_to_the_command(home: Path) -> None:
    script = "import signal, sys, time\nsignal.signal(15, lambda *_: sys.exit(9))\n"
    script += "print('up', flush=True)\ntime.sleep(60)"
    async with ScriptedNode(home) as node:
        process = await start(home, "exec", "--", sys.executable, "-c", script)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 9
    assert outcome(node).detail == "exit status 9"


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1], ids=str
)
async def test_other_signals_are_the_commands_too(home: Path, number: signal.Signals) -> None:
    script = f"import signal, sys, time\nsignal.signal({number.value}, lambda *_: sys.exit(9))\n"
    script += "print('up', flush=True)\ntime.sleep(60)"
    async with ScriptedNode(home) as node:
        words = ("exec", "--", sys.executable, "-c", script)
        process = await start(home, *words, start_new_session=True)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"up\n"
        process.send_signal(number)
        await process.communicate()
    assert process.returncode == 9
    assert outcome(node).detail == "exit status 9"


@pytest.mark.parametrize("command", ["no-such-command-at-all", "true"])
async def test_what_is_told_as_json_is_one_object(home: Path, command: str) -> None:
    async with ScriptedNode(home):
        told = json.loads((await assent(home, "exec", "--json", "--", command)).err)
    assert (told["recorded"], "why" in told) == (True, command != "true")


async def test_ctrl_c_while_waiting_withdraws(home: Path) -> None:
    async with ScriptedNode(home, say_nothing) as node:
        process = await start(home, "exec", "--", "touch", str(home / "ran"))
        await node.until(Submit)
        process.send_signal(signal.SIGINT)
        await node.until(Cancel)
        await process.communicate()
    assert (process.returncode, (home / "ran").exists()) == (130, False)


async def test_an_outcome_nobody_records_is_told_and_changes_no_status(home: Path) -> None:
    async with ScriptedNode(home) as node:
        process = await start(home, "exec", "--", "sh", "-c", "read line; exit 6")
        await node.until(Consume)
        await node.stop()
        _, err = await process.communicate(b"go\n")
    assert process.returncode == 6
    assert "did not record" in err.decode()


@pytest.mark.parametrize("words", [(), ("--",), ("--cwd", "/nowhere/at/all", "--", "true")])
async def test_usage_is_2(home: Path, words: tuple[str, ...]) -> None:
    assert (await assent(home, "exec", *words)).status == 2
