"""Certificates of a broker's own authority: for the broker, for principals, and revoked ones.

Needs the library `cryptography`. Times are µs since 1970 UTC.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from app.broker.errors import BrokerProblem

_SKEW = timedelta(days=1)
"""Valid from a day before: the clocks of two machines need not agree."""
_AUTHORITY = timedelta(days=3650)
_CLIENT = timedelta(days=730)

_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


class Issued(Struct, frozen=True):
    """A certificate and its key, in PEM; `serial` in hex."""

    certificate: bytes
    key: bytes
    serial: str
    not_after: int


class Authority:
    """A certificate authority: its certificate and its key."""

    def __init__(self, certificate: bytes, key: bytes) -> None:
        """Take both in PEM. Raises `BrokerProblem` where they cannot be read."""
        try:
            self._certificate = x509.load_pem_x509_certificate(certificate)
            private = load_pem_private_key(key, password=None)
        except ValueError as error:
            raise BrokerProblem(f"the authority's certificate or key is broken: {error}") from None
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        self._key = private

    def server(self, hosts: Sequence[str], now: int) -> Issued:
        """A certificate for a broker at hosts: names or addresses. Raises `BrokerProblem`.

        It lasts as long as the authority, since nobody is there to renew it.
        """
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        end = self._certificate.not_valid_after_utc
        # A common name holds 64 letters; it is for people, clients look at the hosts.
        return self._issue(hosts[0][:64], ExtendedKeyUsageOID.SERVER_AUTH, now, end, names)

    def client(self, name: str, now: int) -> Issued:
        """A certificate whose common name is a principal's; valid for two years."""
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, now, _moment(now) + _CLIENT)

    def revoked(self, serials: Iterable[tuple[str, int]]) -> bytes:
        """The list of revoked certificates (serial number in hex, when), signed, in PEM.

        A broker that reloads has the old list beside the new, and goes by the later date, which
        counts in seconds. So the date is the authority's first day and a second for each entry:
        always past, and later with every one.
        """
        entries = [_entry(serial, at) for serial, at in serials]
        begin = self._certificate.not_valid_before_utc
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(begin + timedelta(seconds=len(entries)))
            .next_update(self._certificate.not_valid_after_utc)
            .add_extension(self._authority_key(), critical=False)
            .add_extension(x509.CRLNumber(len(entries)), critical=False)
        )
        for entry in entries:
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _issue(
        self,
        name: str,
        usage: x509.ObjectIdentifier,
        now: int,
        end: datetime,
        more: x509.SubjectAlternativeName | None = None,
    ) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _builder(name, self._certificate.subject, key, _moment(now) - _SKEW, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(self._authority_key(), critical=False)
        )
        if more is not None:
            builder = builder.add_extension(more, critical=False)
        return _issued(builder.sign(self._key, hashes.SHA256()), key)

    def _authority_key(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


def new_authority(name: str, now: int) -> Issued:
    """A new certificate authority that signs itself; valid for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    begin = _moment(now) - _SKEW
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        _builder(name, own, key, begin, begin + _AUTHORITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return _issued(builder.sign(key, hashes.SHA256()), key)


def validity(certificate: bytes) -> tuple[int, int]:
    """The first and the last moment of a certificate in PEM. Raises `ValueError`."""
    read = x509.load_pem_x509_certificate(certificate)
    return _micros(read.not_valid_before_utc), _micros(read.not_valid_after_utc)


def signed_by(certificate: bytes, authorities: bytes) -> bool:
    """Whether one of some authorities has signed a certificate, all in PEM. Raises `ValueError`."""
    read = x509.load_pem_x509_certificate(certificate)
    for authority in x509.load_pem_x509_certificates(authorities):
        try:
            read.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return True
    return False


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    return Issued(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        f"{certificate.serial_number:x}",
        _micros(certificate.not_valid_after_utc),
    )


def _usage(**uses: bool) -> x509.KeyUsage:
    fields = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{field: uses.get(field, False) for field in fields})


def _entry(serial: str, at: int) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(int(serial, 16))
    return builder.revocation_date(_moment(at)).build()


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        if not _HOST.fullmatch(host):
            raise BrokerProblem(f"{host!r} is no name or address of a machine") from None
        return x509.DNSName(host)


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(micros // 1_000_000, UTC)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000
