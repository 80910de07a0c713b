"""A certificate authority of this machine, and the certificate of its page: for browsers in the local network.

The authority may vouch for private addresses, `localhost` and names under `local` alone (RFC 5280, section 4.2.1.10),
so whoever steals its key from here can stand between nobody and the internet.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local_agent.errors import ConfigError
from local_agent.process import atomic_file

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397  # the CA/Browser Forum's limit; Apple's for an authority that a person added is 825
RENEW_DAYS = 30
SKEW = datetime.timedelta(days=1)  # a phone's clock may be behind
# RFC 1918, 6598, 3927 and 4193; of documentation and benchmarks (5737, 2544), which laboratories number their nets by
PRIVATE = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
    *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15"),
)
PRIVATE_6 = ("fc00::/7", "fe80::/10", "::1/128")
AUTHORITY, AUTHORITY_KEY = "authority.pem", "authority.key"
CERTIFICATE, CERTIFICATE_KEY = "page.pem", "page.key"


@dataclass(frozen=True)
class Identity:
    """Files of the page's certificate, its key, and the authority that vouches for it; all PEM. names: that it holds
    for.
    """

    certificate: Path
    key: Path
    authority: Path
    names: tuple[str, ...]

    def context(self) -> ssl.SSLContext:
        """For a server: TLS 1.2 and newer, HTTP/1.1."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def authority_der(self) -> bytes:
        """The authority's certificate as phones take it."""
        return _read_certificate(self.authority).public_bytes(serialization.Encoding.DER)


def identity(folder: Path, names: Sequence[str], now: datetime.datetime | None = None) -> Identity:
    """The certificate for these names and addresses, made anew where another was asked for or it ends within a month.

    Raises ConfigError where the folder can't be used. now: UTC.
    """
    now = now or datetime.datetime.now(datetime.UTC)
    found = Identity(folder / CERTIFICATE, folder / CERTIFICATE_KEY, folder / AUTHORITY, tuple(dict.fromkeys(names)))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority, key = _authority(folder, now)
        if not _holds(found, authority, now):
            _issue(found, authority, key, now)
    except OSError as error:
        raise ConfigError(
            f"the certificate of the page can't be kept in {folder}: {error.strerror or error}",
            expected="a folder that may be written, with some kilobytes free",
            fix="make room there or make it writable, or set LOCAL_AGENT_DATA_DIR to another folder",
        ) from error
    return found


def _authority(folder: Path, now: datetime.datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The one that is kept; a new one where there is none, it cannot be read, or it ends before a certificate would."""
    kept = _kept_authority(folder)
    if kept is not None and kept[0].not_valid_after_utc > now + datetime.timedelta(days=CERTIFICATE_DAYS):
        return kept
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local_agent on this machine")])
    permitted: list[x509.GeneralName] = [x509.DNSName("local"), x509.DNSName("localhost")]
    permitted += [x509.IPAddress(ipaddress.ip_network(network)) for network in (*PRIVATE, *PRIVATE_6)]
    made = (
        _about(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    # The key first: a certificate without its key would be taken for an authority.
    atomic_file.replace(folder / AUTHORITY_KEY, _pem(key))
    atomic_file.replace(folder / AUTHORITY, made.public_bytes(serialization.Encoding.PEM).decode())
    return made, key


def _kept_authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    try:
        kept = _read_certificate(folder / AUTHORITY)
        key = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    ours = isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == kept.public_key()
    return (kept, key) if ours and isinstance(key, ec.EllipticCurvePrivateKey) else None


def _issue(
    wanted: Identity, authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, now: datetime.datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "local_agent")])
    made = (
        _about(name, authority.subject, key.public_key(), now, CERTIFICATE_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in wanted.names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    atomic_file.replace(wanted.key, _pem(key))
    atomic_file.replace(wanted.certificate, made.public_bytes(serialization.Encoding.PEM).decode())


def _holds(wanted: Identity, authority: x509.Certificate, now: datetime.datetime) -> bool:
    """Whether the certificate that is kept is for exactly these names, from this authority, and for a month yet."""
    try:
        kept = _read_certificate(wanted.certificate)
        key = serialization.load_pem_private_key(wanted.key.read_bytes(), None)
        kept.verify_directly_issued_by(authority)
        names = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:
        return False
    return (
        key.public_key() == kept.public_key()
        and list(names) == [_general(name) for name in wanted.names]
        and kept.not_valid_after_utc > now + datetime.timedelta(days=RENEW_DAYS)
    )


def _about(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + datetime.timedelta(days=days) - SKEW)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read_certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
