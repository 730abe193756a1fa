import argparse

import pytest

from app.cli import audit, backup, node, restore, run


@pytest.fixture
def assent(monkeypatch, capsys):
    """Run one of the fleet's commands in a home: exit status, output, errors."""

    def call(home, *words):
        monkeypatch.setenv("ASSENT_HOME", str(home))
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers()
        for module in (audit, backup, node, restore, run):
            module.add(commands)
        try:
            args = parser.parse_args([str(word) for word in words])
            status = args.run(args)
        except SystemExit as end:
            status = end.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return status, out, err

    return call
