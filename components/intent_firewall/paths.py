"""Paths, resolved by their letters alone: nothing here looks at the disk.

The canonical form is absolute and POSIX-like; home folders are `~`; drives are `c:/`. A relative
path is joined to the workspace where one is known, else it stays relative (`..` kept in front).
"""

import re
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

_HOME = re.compile(
    r"^(?:~(?:[a-z_][\w-]*)?(?=/|$)|\$home\b|\$\{home\}|%userprofile%|%homepath%|\$env:userprofile"
    r"|/root(?=/|$)|/home/[^/]+|/users/[^/]+|c:/users/[^/]+)",
    re.IGNORECASE,
)
_SAME_ROOT = re.compile(r"^/proc/(?:self|thread-self|\d+)/root(?=/|$)")
_HOME_STARTS = ("~", "$", "%", "/", "c:", "C:")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")
_WINDOWS_PLACES = (
    (
        re.compile(r"^(?:%systemroot%|%windir%|\$env:(?:systemroot|windir))", re.IGNORECASE),
        "c:/windows",
    ),
    (re.compile(r"^(?:%appdata%|\$env:appdata)", re.IGNORECASE), "~/appdata/roaming"),
    (re.compile(r"^(?:%localappdata%|\$env:localappdata)", re.IGNORECASE), "~/appdata/local"),
    (re.compile(r"^(?:%te?mp%|\$env:te?mp)", re.IGNORECASE), "/tmp"),  # noqa: S108 - a name, not a file
    (re.compile(r"^(?:%programdata%|\$env:programdata)", re.IGNORECASE), "c:/programdata"),
)
_LOOKS = re.compile(
    r"^(?:~|\.{1,2}(?=/|$)|/|file://|[A-Za-z]:[\\/]|\\\\|\$HOME|\$\{HOME\}|%[A-Za-z]+%[\\/]"
    r"|\$env:\w+[\\/]|[\w.@+-]+(?:[\\/][\w.@+*?\[\]-]+)+$|\.[\w-]+$|[\w-]+\.[A-Za-z]\w{0,7}$)"
)
# With no workspace known, a path that climbs to a root folder by its name means that folder.
_CLIMB = re.compile(r"^(?:\.\./)+(etc|root|home|proc|var|usr|boot|dev|sys|Users)(?=/|$)")
_LONGEST = 4096


class PathUse(Struct, frozen=True):
    """A path that an action names, what it does there, and where it stands in the action."""

    path: str
    access: str
    where: str
    span: tuple[int, int] | None
    raw: str


def looks_like_path(text: str) -> bool:
    """Whether a value has the form of a path (an absolute one, or one with folders or suffix)."""
    if len(text) > _LONGEST or "\n" in text:
        return False
    # Each alternative of `_LOOKS` needs one of these.
    signed = "." in text or "/" in text or "~" in text or "$" in text or "\\" in text
    return signed and _LOOKS.match(text) is not None


@lru_cache(maxsize=4096)
def canonical_path(text: str, workspace: str = "") -> str:
    """The canonical form of a path; `workspace` (canonical itself) anchors a relative one."""
    path = text.strip().strip("\"'")[:_LONGEST]
    path = path.removeprefix("file://")
    if "\\" in path and (_DRIVE.match(path) or path.count("\\") >= path.count("/")):
        path = path.replace("\\", "/")
    if path.startswith(("%", "$")):
        for pattern, place in _WINDOWS_PLACES:
            path = pattern.sub(place, path, count=1)
    if _DRIVE.match(path):
        path = path[0].lower() + path[1:]
    path = _squeeze(path)
    while (rooted := _SAME_ROOT.match(path)) is not None:
        path = f"/{path[rooted.end() :].lstrip('/')}"
    if path.startswith(_HOME_STARTS):
        path = _HOME.sub("~", path, count=1)
    anchored = path.startswith(("/", "~")) or path[1:3] == ":/"
    if workspace and not anchored:
        return _squeeze(f"{workspace}/{path}")
    return _CLIMB.sub(r"/\1", path) if path.startswith("../") else path


def _squeeze(path: str) -> str:
    """Without `.`, empty parts, and the `..` that can be undone."""
    if "/" not in path and path not in {".", ".."}:
        return path
    root = "/" if path.startswith("/") else ""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] not in {"..", "~"}:
            parts.pop()
        elif part == ".." and root:
            continue
        elif part not in {"", "."}:
            parts.append(part)
    return root + "/".join(parts) or "."


def workspace_root(workspace: Path | None) -> str:
    """The canonical form of the workspace; empty where none is set."""
    return canonical_path(workspace.as_posix()) if workspace else ""


def is_inside(path: str, root: str) -> bool:
    """Whether a canonical path is the root or below it; with no root only `..` leads outside."""
    if not root:
        return not path.startswith("..")
    return path == root or path.startswith(root.rstrip("/") + "/")


def leads_out(path: str, root: str) -> bool:
    """Whether a canonical path leaves the root; with none known, whether it is no relative one."""
    if root:
        return not is_inside(path, root)
    return path.startswith(("/", "~", "..")) or path[1:3] == ":/"
