"""The file tools: they read, write, move, delete and list inside one sandbox."""

from collections.abc import Mapping
from typing import Any

from app.demo.sandbox import Refused, Sandbox
from app.demo.tools import Tool, text

_MOST_READ = 64 * 1024
_MOST_LISTED = 200


def file_tools(sandbox: Sandbox) -> dict[str, Tool]:
    """The tools by name."""

    def write_file(arguments: Mapping[str, Any]) -> str:
        path = sandbox.inside(text(arguments, "path", 512))
        content = text(arguments, "content").encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return f"{len(content)} bytes written"

    def read_file(arguments: Mapping[str, Any]) -> str:
        with sandbox.inside(text(arguments, "path", 512)).open("rb") as file:
            return file.read(_MOST_READ).decode(errors="replace")

    def move_file(arguments: Mapping[str, Any]) -> str:
        source = sandbox.inside(text(arguments, "source", 512))
        target = sandbox.inside(text(arguments, "destination", 512))
        if sandbox.root in {source, target}:
            raise Refused("the sandbox itself stays where it is")
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        return f"moved to {target.relative_to(sandbox.root)}"

    def delete_file(arguments: Mapping[str, Any]) -> str:
        sandbox.inside(text(arguments, "path", 512)).unlink()
        return "deleted"

    def list_files(arguments: Mapping[str, Any]) -> str:
        entries = sorted(sandbox.inside(text(arguments, "path", 512)).iterdir())
        return "\n".join(entry.name for entry in entries[:_MOST_LISTED])

    tools: tuple[Tool, ...] = (write_file, read_file, move_file, delete_file, list_files)
    return {getattr(tool, "__name__", ""): tool for tool in tools}
