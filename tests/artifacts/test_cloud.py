"""Private buckets, played by a server on loopback that knows who may have what."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from qemu_run.artifacts.failures import FetchError
from tests.artifacts.conftest import CONTENT, RIGHT, request, serving, whole


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def account(key, tmp_path, monkeypatch):
    """Writes the file of a service account, whose tokens come from an address, and names it."""

    def write(address):
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        about = {
            "type": "service_account",
            "client_email": "vm@project.iam.gserviceaccount.com",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "token_uri": f"{address}/token",
        }
        (tmp_path / "account.json").write_text(json.dumps(about))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "account.json"))

    monkeypatch.delenv("GOOGLE_OAUTH_ACCESS_TOKEN", raising=False)
    return write


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@contextmanager
def google(key):
    """Gives a token to whoever signs for it with the key, and the content of its bucket for the token."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            head, claims, signature = form["assertion"][0].split(".")
            signed = f"{head}.{claims}".encode()
            key.public_key().verify(decoded(signature), signed, padding.PKCS1v15(), hashes.SHA256())
            assert "devstorage.read_only" in json.loads(decoded(claims))["scope"]
            answer = json.dumps({"access_token": "t0k3n", "expires_in": 3600, "token_type": "Bearer"})
            whole(self, content=answer.encode(), Content_Type="application/json")

        def do_GET(self):
            if self.headers["Authorization"] == "Bearer t0k3n" and self.path == "/bucket/disk.img":
                whole(self)
            else:
                self.send_error(401)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_service_account_fetches_from_a_private_bucket(get, key, account):
    with google(key) as address:
        with pytest.raises(FetchError, match="answered 401"):
            get(request(f"gcs::{address}/bucket/disk.img", RIGHT))
        account(address)
        assert get(request(f"gcs::{address}/bucket/disk.img", RIGHT)).path.read_bytes() == CONTENT
    kept = [path for path in get.folder.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"t0k3n" in path.read_bytes()]


def test_a_service_account_that_is_none(get, account, tmp_path):
    account("http://127.0.0.1:1")
    (tmp_path / "account.json").write_text("{}")
    with pytest.raises(FetchError, match="Google's credentials cannot be used"):
        get(request("gcs::http://127.0.0.1:1/bucket/disk.img", RIGHT))


def test_a_private_bucket_of_s3_gets_a_signed_request(get, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    with serving(whole) as (address, seen):
        fetched = get(request(f"s3::{address}/bucket/disk.img", RIGHT, options={"region": "eu-west-1"}))
    assert fetched.path.read_bytes() == CONTENT
    path, _, query = seen[0][0].partition("?")
    asked = parse_qs(query)
    assert path == "/bucket/disk.img"
    assert asked["X-Amz-Credential"][0].startswith("AKID/")
    assert "eu-west-1" in asked["X-Amz-Credential"][0]
    assert len(asked["X-Amz-Signature"][0]) == 64
    assert "hush" not in seen[0][0]
