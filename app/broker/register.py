"""The principals of a broker: who has which role, by which credential, and who had."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from app.broker.errors import BrokerProblem
from app.broker.roles import Role, access_list
from components.actions import NODE_AGENT

Auth = Literal["certificate", "password"]


class Credential(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What opens the broker for a name: a certificate (serial number in hex, its last moment) or
    a password (its hash). Times are µs since 1970 UTC; 0 where there is none.
    """

    name: str
    role: Role
    serial: str = ""
    not_after: int = 0
    password: str = ""
    revoked_at: int = 0

    def state(self, now: int) -> Literal["valid", "revoked", "expired"]:
        """Whether it opens the broker at a time (µs since 1970 UTC)."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.not_after and self.not_after < now else "valid"


class Register(Struct, frozen=True, forbid_unknown_fields=True):
    """All credentials of a broker, those revoked included, in the order they were given out."""

    auth: Auth
    hosts: tuple[str, ...]
    credentials: tuple[Credential, ...] = ()

    def current(self) -> tuple[Credential, ...]:
        """Those that are not revoked: one a name at most."""
        return tuple(one for one in self.credentials if not one.revoked_at)

    def check_free(self, name: str, role: Role) -> None:
        """Refuse a name that has a credential, or that had one in another role.

        There is one space of names for all roles, and a name keeps its role for good: whoever is
        called like a node is the node. Raises `BrokerProblem`.
        """
        if role == "agent" and name.lower() == NODE_AGENT:
            raise BrokerProblem(f"{name} is the name under which nodes themselves ask")
        had = [one for one in self.credentials if one.name == name]
        if had and had[0].role != role:
            raise BrokerProblem(f"{name} is the name of one {had[0].role}, now and for good")
        if any(not one.revoked_at for one in had):
            raise BrokerProblem(f"{name} is there already: revoke it before adding it again")

    def with_new(self, credential: Credential) -> "Register":
        """With one credential more, whose name is free. Raises `BrokerProblem`."""
        self.check_free(credential.name, credential.role)
        return replace(self, credentials=(*self.credentials, credential))

    def without(self, name: str, now: int) -> "Register":
        """With a name's credential revoked at a time (µs since 1970 UTC). Raises `BrokerProblem`.

        Where that was done before, nothing changes.
        """
        if all(one.name != name for one in self.credentials):
            raise BrokerProblem(f"nobody called {name} is known to this broker")
        return replace(
            self,
            credentials=tuple(
                replace(one, revoked_at=now) if one.name == name and not one.revoked_at else one
                for one in self.credentials
            ),
        )

    def access_list(self) -> str:
        """mosquitto's `acl_file`."""
        return access_list((one.name, one.role) for one in self.current())

    def password_list(self) -> str:
        """mosquitto's `password_file`."""
        return "".join(f"{one.name}:{one.password}\n" for one in self.current())
