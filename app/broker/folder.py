"""A broker's folder: made once, then principals come and go.

    mosquitto.conf acl passwords|crl.pem    what mosquitto reads
    ca.pem ca.key server.pem server.key     who the broker is, and who signs certificates
    clients/NAME/                           what a principal takes to its own machine
    data/                                   sessions and messages, mosquitto's own
    register.json                           who is there; acl, passwords and crl.pem follow from it

All of it is private to its owner. Times are µs since 1970 UTC.
"""

import fcntl
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from app.broker.certificates import Authority, new_authority
from app.broker.configuration import configuration
from app.broker.errors import BrokerProblem
from app.broker.passwords import hashed, new_password
from app.broker.register import Auth, Credential, Register
from app.broker.roles import Role
from app.broker.settings import TLS_PORT, MqttSettings
from components.keys import check_principal
from components.keys.private import create_private, replace_private

REGISTER_NAME = "register.json"
CLIENTS_FOLDER = "clients"
_CLIENT_FILES = ("ca.pem", "cert.pem", "key.pem", "password")
_PRIVATE_FOLDER = 0o700


def make(folder: Path, *, hosts: Sequence[str], auth: Auth, node: str, now: int) -> bool:
    """Make a folder whole, with a node as its first principal; False where one is there already.

    `hosts` are the names and addresses that clients reach the broker by; the first goes into
    their settings. Raises `BrokerProblem`, `KeyProblem` or `OSError`, with nothing made.
    """
    if (folder / REGISTER_NAME).exists():
        return False
    if not str(folder).isprintable():
        raise BrokerProblem(f"{str(folder)!r} cannot stand in a line of mosquitto.conf")
    if folder.exists() and any(folder.iterdir()):
        raise BrokerProblem(f"{folder} holds something else: choose a folder that is empty or new")
    folder.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _fill(fresh, configuration(folder, auth, _owner()), hosts, now)
        _change(fresh, _with_client(fresh, Register(auth, tuple(hosts)), node, "node", now))
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return True


def add(folder: Path, name: str, role: Role, now: int) -> None:
    """Give a principal its role and a credential. Raises `BrokerProblem`, `KeyProblem`."""
    with _alone(folder):
        _change(folder, _with_client(folder, read(folder), name, role, now))


def revoke(folder: Path, name: str, now: int) -> None:
    """Take a principal's credential back, and its files away. Raises `BrokerProblem`."""
    with _alone(folder):
        _change(folder, read(folder).without(name, now))
        _remove_client(client_folder(folder, name))


def read(folder: Path) -> Register:
    """Who is there. Raises `BrokerProblem`."""
    path = folder / REGISTER_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Register)
    except FileNotFoundError:
        raise BrokerProblem(
            f"{folder} is no broker's folder: `assent init --broker` makes one"
        ) from None
    except (msgspec.DecodeError, OSError) as error:
        raise BrokerProblem(f"{path} cannot be read: {error}") from None


def settings_of(folder: Path, register: Register, name: str) -> MqttSettings:
    """What `[mqtt]` of a principal's assent.toml says while its files are where they were made."""
    own = client_folder(folder, name)
    host = register.hosts[0]
    ca = str(own / "ca.pem")
    url = f"mqtts://{f'[{host}]' if ':' in host else host}:{TLS_PORT}"
    if register.auth == "certificate":
        return MqttSettings(url, ca=ca, cert=str(own / "cert.pem"), key=str(own / "key.pem"))
    return MqttSettings(url, username=name, password_file=str(own / "password"), ca=ca)


def client_folder(folder: Path, name: str) -> Path:
    """Where a principal's files are."""
    return folder / CLIENTS_FOLDER / name


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two processes that change a folder do so one after the other."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise BrokerProblem(
            f"{folder} is not there: `assent init --broker` makes a broker's folder"
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fill(folder: Path, text: str, hosts: Sequence[str], now: int) -> None:
    own = new_authority("Assent broker CA", now)
    server = Authority(own.certificate, own.key).server(hosts, now)
    create_private(folder / "ca.pem", own.certificate)
    create_private(folder / "ca.key", own.key)
    create_private(folder / "server.pem", server.certificate)
    create_private(folder / "server.key", server.key)
    create_private(folder / "mosquitto.conf", text.encode())
    for name in ("data", CLIENTS_FOLDER):
        (folder / name).mkdir(mode=_PRIVATE_FOLDER)


def _owner() -> str:
    """The system's user who makes the files; by number where it has no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _authority(folder: Path) -> Authority:
    return Authority((folder / "ca.pem").read_bytes(), (folder / "ca.key").read_bytes())


def _with_client(folder: Path, register: Register, name: str, role: Role, now: int) -> Register:
    """Make a principal's files, and the register with its credential."""
    check_principal(name)
    if not name.strip("."):
        raise BrokerProblem(f"{name!r} cannot name a folder, so it names no principal")
    register.check_free(name, role)
    own = client_folder(folder, name)
    try:
        own.mkdir(mode=_PRIVATE_FOLDER)
    except FileExistsError:
        raise BrokerProblem(f"{own} is there, and is not overwritten: move it away") from None
    create_private(own / "ca.pem", (folder / "ca.pem").read_bytes())
    if register.auth == "password":
        password = new_password()
        create_private(own / "password", f"{password}\n".encode())
        return register.with_new(Credential(name, role, password=hashed(password)))
    issued = _authority(folder).client(name, now)
    create_private(own / "cert.pem", issued.certificate)
    create_private(own / "key.pem", issued.key)
    return register.with_new(Credential(name, role, issued.serial, issued.not_after))


def _change(folder: Path, register: Register) -> None:
    """Write all that follows from a register, and the register last.

    Cut short, a revocation holds already, and the same command once more completes it.
    """
    replace_private(folder / "acl", register.access_list().encode())
    if register.auth == "password":
        replace_private(folder / "passwords", register.password_list().encode())
    else:
        revoked = [(one.serial, one.revoked_at) for one in register.credentials if one.revoked_at]
        replace_private(folder / "crl.pem", _authority(folder).revoked(revoked))
    replace_private(folder / REGISTER_NAME, msgspec.json.encode(register) + b"\n")


def _remove_client(own: Path) -> None:
    """Take away what opens nothing any more; what somebody else put there stays."""
    for name in _CLIENT_FILES:
        (own / name).unlink(missing_ok=True)
    if own.is_dir() and not any(own.iterdir()):
        own.rmdir()
