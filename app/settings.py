"""The settings: `assent.toml` in the home folder, read once into frozen structs.

Every key has a default. An unknown key or a wrong value refuses the whole file by name.
"""

import getpass
import re
import socket
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from app.broker.settings import MqttSettings
from app.home import SETTINGS_NAME
from components.hitl import TOP_TIER

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]{0,64}\Z")]
"""How nodes and operators are named; empty stands for the default."""


class BadSettings(Exception):  # noqa: N818 - named as its fellows BadPack and BadPolicy
    """The settings file cannot be used; the text names file and key."""


class NodeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[node]`: the name agents address, and the folder that agents may write to."""

    name: Name = ""
    workspace: str = ""


class OperatorSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[operator]`: who sits at this console."""

    name: Name = ""
    tier: Annotated[int, Meta(ge=1, le=TOP_TIER)] = TOP_TIER


class FirewallSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[firewall]`: rule packs beyond the ones that come with the program, as paths."""

    packs: tuple[str, ...] = ()


class LimitSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[limits]`: what one agent may submit, actions a second and at once."""

    rate_per_s: Annotated[float, Meta(gt=0, le=1e6)] = 200.0
    burst: Annotated[int, Meta(ge=1, le=1_000_000)] = 1_000


class GateSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[gate]`: for how many seconds an allow may be acted upon."""

    verdict_valid_s: Annotated[float, Meta(gt=0, le=86_400)] = 120.0


class ConsoleSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[console]`: theme (dark, light, colour-blind), keys by command id, and how the terminal
    tells of new alerts: not at all, in its title, or by a bell or a desktop notification as well.
    """

    theme: Literal["dark", "light", "colour-blind"] = "dark"
    keys: dict[str, str] = {}
    notify: Literal["off", "title", "bell", "desktop"] = "title"


class PerformanceSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[performance]`: what may be tuned. The defaults are what was measured to be good.

    `gc_threshold`: allocations between collections. `switch_interval_ms`: how long a thread runs
    before another gets its turn. `largest_batch`: jobs in one transaction. `experience_batch`:
    experiences written by one job.
    """

    gc_threshold: Annotated[int, Meta(ge=100, le=10_000_000)] = 20_000
    switch_interval_ms: Annotated[float, Meta(ge=0.01, le=1_000)] = 0.1
    largest_batch: Annotated[int, Meta(ge=1, le=65_536)] = 4_096
    experience_batch: Annotated[int, Meta(ge=1, le=65_536)] = 512


class AlertSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`[alerts]`: files of alert rules beyond the ones that come with the program, as paths."""

    rules: tuple[str, ...] = ()


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set. `hitl` is read by `components.hitl.Policies`."""

    node: NodeSettings = NodeSettings()
    operator: OperatorSettings = OperatorSettings()
    firewall: FirewallSettings = FirewallSettings()
    limits: LimitSettings = LimitSettings()
    gate: GateSettings = GateSettings()
    console: ConsoleSettings = ConsoleSettings()
    alerts: AlertSettings = AlertSettings()
    performance: PerformanceSettings = PerformanceSettings()
    mqtt: MqttSettings = MqttSettings()
    hitl: dict[str, Any] = {}


def load(home: Path) -> Settings:
    """Read the settings of a home; defaults where there is no file. Raises `BadSettings`."""
    path = home / SETTINGS_NAME
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        return msgspec.convert(raw, Settings)
    except FileNotFoundError:
        return Settings()
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path}: {error}. Mend the file, or move it away.") from None
    except OSError as error:
        raise BadSettings(f"{path} cannot be read: {error.strerror}") from None


def default_node_name() -> str:
    """The machine's name in the form the protocol takes."""
    return _NOT_A_NAME.sub("-", socket.gethostname())[:64].strip("-") or "node"


def operator_name(settings: Settings) -> str:
    """Who sits at this console: as set, or the user the program runs as."""
    if settings.operator.name:
        return settings.operator.name
    try:
        return _NOT_A_NAME.sub("-", getpass.getuser())[:64].strip("-") or "operator"
    except (OSError, KeyError):
        return "operator"
