"""Servers with certificates: whom to believe, and what a redirect to a plainer scheme takes."""

import ipaddress
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from qemu_run.artifacts.failures import FetchError
from tests.artifacts.conftest import CONTENT, RIGHT, request, serving, whole


@pytest.fixture
def certificate(tmp_path):
    """A certificate of our own for 127.0.0.1; the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    pem = serialization.Encoding.PEM
    unencrypted = serialization.NoEncryption()
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unencrypted)
    )
    return path


@contextmanager
def serving_tls(certificate, answer):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            with suppress(OSError):
                answer(self)

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_):  # a client that does not trust us
            pass

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_password_for_a_repository_is_not_kept(get, certificate, monkeypatch, tmp_path):
    folder = tmp_path / "made"
    for order in (
        ("init", "-q", folder),
        ("-C", folder, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x", "--allow-empty"),
        ("-C", folder, "update-server-info"),
    ):
        subprocess.run(["git", *order], check=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(f"[http]\n\tsslCAInfo = {certificate}\n")

    def dumb(handler):
        path = folder / ".git" / handler.path.partition("?")[0].removeprefix("/r.git/")
        whole(handler, content=path.read_bytes()) if path.is_file() else handler.send_error(404)

    with serving_tls(certificate, dumb) as address:
        secret = address.replace("//", "//user:HUSH@")
        fetched = get(request(f"git::{secret}/r.git"))
        assert get(request(f"git::{secret}/r.git")).was_cached
    kept = [path for path in get.folder.rglob("*") if path.is_file()]
    assert fetched.path / ".git/config" in kept
    assert not [path for path in kept if b"HUSH" in path.read_bytes()]


def test_a_certificate_that_nobody_signed(get, certificate):
    with serving_tls(certificate, whole) as address:
        with pytest.raises(FetchError, match="certificate is not trusted") as caught:
            get(request(f"{address}/disk.img", RIGHT))
        assert "insecure = true" in caught.value.hints[0]
        assert get(request(f"{address}/disk.img", RIGHT, insecure=True)).path.read_bytes() == CONTENT


def test_a_server_without_tls_is_not_told_as_one_without_trust(get):
    with serving(whole) as (address, _), pytest.raises(FetchError, match="no TLS with the") as caught:
        get(request(f"{address.replace('http', 'https')}/disk.img", RIGHT))
    assert "begins with http://" in caught.value.hints[0]


def test_a_certificate_that_the_user_trusts(get, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with serving_tls(certificate, whole) as address:
        assert get(request(f"{address}/disk.img", RIGHT)).path.read_bytes() == CONTENT


def test_from_https_to_http_only_with_a_checksum(get, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    def plainer(handler):
        handler.send_response(302)
        handler.send_header("Location", f"{plain}/disk.img")
        handler.end_headers()

    with serving(whole) as (plain, seen), serving_tls(certificate, plainer) as address:
        with pytest.raises(FetchError, match="from https to plain http") as caught:
            get(request(f"{address}/disk.img"))
        assert "checksum" in caught.value.hints[0]
        assert seen == []
        wanted = request(f"{address}/disk.img", RIGHT, headers={"X-Token": "abc"})
        assert get(wanted).path.read_bytes() == CONTENT
        assert "X-Token" not in seen[0][1]
