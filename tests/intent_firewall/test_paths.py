from pathlib import Path

import pytest

from components.intent_firewall.globs import NameGlobs, PathGlobs
from components.intent_firewall.paths import (
    canonical_path,
    is_inside,
    looks_like_path,
    workspace_root,
)


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/etc/../etc/./shadow", "/etc/shadow"),
        ("/../../etc/shadow", "/etc/shadow"),
        ("~/.ssh/id_rsa", "~/.ssh/id_rsa"),
        ("$HOME/.ssh/x", "~/.ssh/x"),
        ("${HOME}/.ssh/x", "~/.ssh/x"),
        ("/root/.ssh/x", "~/.ssh/x"),
        ("/home/bob/.ssh/x", "~/.ssh/x"),
        ("/Users/bob/x", "~/x"),
        ("C:\\Users\\bob\\x", "~/x"),
        ("C:\\Windows\\System32", "c:/Windows/System32"),
        ("%SystemRoot%\\system32", "c:/windows/system32"),
        ("file:///etc/passwd", "/etc/passwd"),
        ("../../../etc/passwd", "/etc/passwd"),
        ("../notes/a.txt", "../notes/a.txt"),
        ("a/./b//c", "a/b/c"),
        ("/", "/"),
        (".", "."),
    ],
)
def test_canonical_form(path: str, canonical: str) -> None:
    assert canonical_path(path) == canonical


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("src/a.py", True),
        ("./src/../src/a.py", True),
        ("/srv/project/src", True),
        ("/srv/project", True),
        ("../other/a.py", False),
        ("src/../../other", False),
        ("/srv/project2/a.py", False),
        ("/etc/passwd", False),
        ("~/x", False),
    ],
)
def test_inside_the_workspace(path: str, inside: bool) -> None:
    root = workspace_root(Path("/srv/project"))
    assert is_inside(canonical_path(path, root), root) is inside


def test_a_workspace_in_a_home_is_recognised_however_it_is_written() -> None:
    root = workspace_root(Path("/home/bob/project"))
    assert is_inside(canonical_path("~/project/a.py", root), root)
    assert is_inside(canonical_path("a.py", root), root)
    assert not is_inside(canonical_path("/home/bob/other", root), root)


@pytest.mark.parametrize("text", ["/etc", "~/a", "./a", "a/b.txt", "notes.txt", ".env", "C:\\a"])
def test_paths_look_like_paths(text: str) -> None:
    assert looks_like_path(text)


@pytest.mark.parametrize("text", ["", "hello world", "hello", "either/or, both", "a\n/b", "12.50"])
def test_other_texts_do_not(text: str) -> None:
    assert not looks_like_path(text)


def test_path_globs_know_folders() -> None:
    globs = PathGlobs(("~/.ssh/id_*", "**/.env", "/etc/cron*/**"))
    assert globs.match("~/.ssh/id_rsa")
    assert globs.match(".env")
    assert globs.match("a/b/.env")
    assert globs.match("/etc/cron.d/x")
    assert not globs.match("~/.ssh/keys/id_rsa")
    assert not globs.match("a/.environment")


def test_name_globs_ignore_case_and_match_nothing_when_empty() -> None:
    assert NameGlobs(("*Delete*All*",)).match("gmail_delete_all_mail")
    assert not NameGlobs(("delete",)).match("undelete")
    assert not NameGlobs(()).match("")
