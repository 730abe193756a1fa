"""Where one statement ends and the next begins, whatever stands before it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.intent_firewall import shell
from components.intent_firewall.shell import parse_shell
from components.intent_firewall.shell_model import Redirect, Script

COMMON = settings(deadline=None, derandomize=True, database=None)


def by_the_tree(text: str) -> Script:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shell, "read_plain", lambda *_: False)
        return parse_shell(text)


@pytest.mark.parametrize(
    "tail",
    [
        "rm -rf /x > f", "rm -rf /x && d", "rm -rf /x || d", "rm -rf /x 2>/dev/null | d",
        "(rm -rf /x) | d && e", "{ rm -rf /x; } && d", "{ { rm -rf /x; }; } && d",
        "if rm -rf /x; then d; fi > f", "while rm -rf /x; do d; done && e", "# c\nrm -rf /x && d",
        "\nrm -rf /x > f", "A=1 rm -rf /x > f", "sudo rm -rf /x > f",
    ],
)  # fmt: skip
@pytest.mark.parametrize("pipeline", ["a | b | c", "a|b|c|d", "a | b | c # e", "a | b | c 'd'"])
def test_a_line_behind_a_long_pipeline_is_a_statement_of_its_own(pipeline: str, tail: str) -> None:
    commands = by_the_tree(f"{pipeline}\n{tail}").commands
    removing = [one for one in commands if one.program == "rm"]
    assert [one.words for one in removing] == [("-rf", "/x")]
    assert all(one.program != "rm" and "rm" not in one.words for one in commands[:3])


def test_what_a_line_is_joined_to_is_its_own() -> None:
    script = by_the_tree("curl x | tee f | wc\nbash a.sh && ls > out")
    curl = next(one for one in script.commands if one.program == "curl")
    assert curl.into == ("tee", "wc")
    assert [one.redirects for one in script.commands] == [(), (), (), (), (Redirect(">", "out"),)]


def test_a_list_behind_a_long_pipeline_is_not_fed_by_it() -> None:
    script = by_the_tree("curl x | tee f | wc && bash a.sh")
    assert script.commands[0].into == ("tee", "wc")


@pytest.mark.parametrize(
    "text",
    [
        "sh > f -c 'rm -rf /x'", "sh < f -c 'rm -rf /x'", "> f sh -c 'rm -rf /x'",
        "sh 2>&1 -c 'rm -rf /x'", "sh -c > f 'rm -rf /x'", "sh <<E -c 'rm -rf /x'\nls\nE",
        "a | sh > f -c 'rm -rf /x'", "sh <<< 'ls' -c 'rm -rf /x'", "cat <<E > f; rm -rf /x\nhi\nE",
        "cat <<E && rm -rf /x\nhi\nE", "cat <<E | sh -c 'rm -rf /x'\nhi\nE",
    ],
)  # fmt: skip
def test_words_behind_a_redirection_are_words(text: str) -> None:
    removing = [one.words for one in parse_shell(text).commands if one.program == "rm"]
    assert ("-rf", "/x") in removing


def test_only_the_stage_that_is_redirected_writes() -> None:
    script = by_the_tree("a | b > f | c")
    assert [one.redirects for one in script.commands] == [(), (Redirect(">", "f"),), ()]


# Scripts with the commands that are in them: each program is called p and its number, once.

WORDS = st.lists(st.sampled_from(["-x", "/a", "w", "'q r'", '"d e"', "$v", "7"]), max_size=2)
JOINTS = st.sampled_from([" | ", " | ", " |\n", " && ", " || "])
AFTER = st.sampled_from(["", "", "", " > f", " 2>/dev/null", " >> f 2>&1", " < i"])


@st.composite
def simple(draw: st.DrawFn, count: list[int]) -> str:
    count[0] += 1
    return " ".join([f"p{count[0]}", *draw(WORDS)]) + draw(AFTER)


def command(draw: st.DrawFn, count: list[int], depth: int) -> str:
    kind = draw(st.integers(0, 9)) if depth else 9
    if kind == 0:
        return f"( {script(draw, count, depth - 1)}\n)"
    if kind == 1:
        return f"{{ {script(draw, count, depth - 1)}\n}}"
    if kind == 2:
        first = statement(draw, count, depth - 1)
        return f"if {first}\nthen\n{script(draw, count, depth - 1)}\nfi"
    if kind == 3:
        return f"for i in 1 2; do\n{script(draw, count, depth - 1)}\ndone"
    return draw(simple(count))


def statement(draw: st.DrawFn, count: list[int], depth: int) -> str:
    text = command(draw, count, depth)
    for joint in draw(
        st.lists(st.sampled_from([" | ", " | ", " |\n", " && ", " || "]), max_size=4)
    ):
        text += joint + command(draw, count, depth)
    return text


def script(draw: st.DrawFn, count: list[int], depth: int) -> str:
    ends = draw(st.lists(st.sampled_from(["\n", "\n\n", "; ", " # c\n", " &\n"]), max_size=2))
    return "".join(statement(draw, count, depth) + end for end in [*ends, "\n"])


@st.composite
def numbered(draw: st.DrawFn) -> tuple[str, int]:
    count = [0]
    return script(draw, count, 1), count[0]


@given(numbered())
@settings(COMMON, max_examples=400)
def test_no_command_is_hidden_in_another(made: tuple[str, int]) -> None:
    text, count = made
    found = [one.program for one in by_the_tree(text).commands]
    assert [f"p{number}" for number in range(1, count + 1) if f"p{number}" not in found] == []
