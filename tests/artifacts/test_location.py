from pathlib import Path

import pytest

from qemu_run.artifacts import address
from qemu_run.artifacts.checksum import ChecksumFile, parse
from qemu_run.artifacts.cloud import web_address
from qemu_run.artifacts.location import Base, locate
from qemu_run.artifacts.web import header_problem

GOOGLE = "https://www.googleapis.com/storage/v1/b/k"
HERE = Base(folder=Path("/base"))


@pytest.mark.parametrize(
    ("source", "name", "suffix"),
    [
        ("https://h/a/debian%2012.qcow2?x=1", "debian 12.qcow2", None),
        ("https://h/a.tar.gz", "a.tar.gz", "tar.gz"),
        ("images/a.QCOW2.XZ", "a.QCOW2.XZ", "xz"),
        ("https://h/", "", None),
    ],
)
def test_names_and_suffixes(source, name, suffix):
    location = locate(source, HERE)
    assert (location.file_name, location.archive_suffix) == (name, suffix)


@pytest.mark.parametrize(
    ("source", "kind", "where", "subfolder"),
    [
        ("https://h/a.tgz//sub/dir?x=1", "web", "https://h/a.tgz?x=1", "sub/dir"),
        ("http::https://h/a.img", "web", "https://h/a.img", ""),
        ("HTTPS://h/a.img", "web", "HTTPS://h/a.img", ""),
        ("a.tgz//sub", "file", "/base/a.tgz", "sub"),
        ("folder//sub", "file", "/base/folder/sub", ""),
        ("file:///x/y.img", "file", "/x/y.img", ""),
        ("/x/y.img?archive=false", "file", "/x/y.img", ""),
        ("/x/what?.img", "file", "/x/what?.img", ""),
        ("git::https://h/r.git//sub?ref=v1", "git", "https://h/r.git", "sub"),
        ("git::ssh://u@h/r.git", "git", "ssh://u@h/r.git", ""),
        ("git::u@h:o/r.git", "git", "ssh://u@h/o/r.git", ""),
        ("git::./repo", "git", "file:///base/repo", ""),
        ("git@github.com:o/r.git", "git", "ssh://git@github.com/o/r.git", ""),
        ("github.com/o/r", "git", "https://github.com/o/r.git", ""),
        ("github.com/o/r/sub?ref=x", "git", "https://github.com/o/r.git", "sub"),
        ("gitlab.com/o/r.git//sub", "git", "https://gitlab.com/o/r.git", "sub"),
        ("bitbucket.org/o/r", "git", "https://bitbucket.org/o/r.git", ""),
        ("s3::https://s3.amazonaws.com/b/k", "web", "https://s3.amazonaws.com/b/k", ""),
        ("b.s3.amazonaws.com/k", "web", "https://b.s3.amazonaws.com/k", ""),
        (
            "gcs::https://www.googleapis.com/storage/v1/b/k",
            "web",
            "https://www.googleapis.com/storage/v1/b/k",
            "",
        ),
    ],
)
def test_forms_of_sources(source, kind, where, subfolder):
    location = locate(source, HERE)
    assert (location.kind, location.subfolder) == (kind, subfolder)
    assert (str(location.path) if location.path else location.url) == where


@pytest.mark.parametrize(
    "source", ["ftp://h/x", "hg::https://h/r", "s3://bucket/x", "svn::x", "x::y", "gs://b/k", "ssh://h/r"]
)
def test_unknown_kinds_name_those_there_are(source):
    with pytest.raises(ValueError, match=r"http, https, file, git::, s3::, gcs::"):
        locate(source, HERE)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("http://[::1", "brackets"),
        ("http://[::1/disk.img", "brackets"),
        ("http://a..b/x", "between two dots"),
        ("http://.a/x", "between two dots"),
        ("http://" + "a" * 64 + ".org/x", "63 letters"),
        ("http://" + "a." * 130 + "b/x", "253 letters"),
        ("http://h:99999/x", "port"),
        ("http://h:port/x", "port"),
        ("http://h:0/x", "port 0"),
        ("http:///x", "names no host"),
        ("http://h/a b", "%20"),
        ("http://h/a\nb", "control character"),
        ("http://a b/x", "%20"),
        ("http://h<x>/x", "not a name"),
        ("https://u:w@/x", "names no host"),
        ("git::https://a..b/r.git", "between two dots"),
        ("git::ext::sh -c id", "git"),
        ("git::http://h/r.git", "git over http"),
        ("s3::https://a..b/k", "between two dots"),
        ("http://h/a//../../x", "leads out"),
        ("a\0b", "NUL"),
    ],
)
def test_malformed_sources_say_what_is_wrong(source, said):
    with pytest.raises(ValueError, match=said):
        locate(source, HERE)


@pytest.mark.parametrize(
    "source", ["http://[::1]:8080/x", "http://münchen.example/x", "http://h./x", "http://h_1/x"]
)
def test_unusual_addresses_are_addresses(source):
    assert locate(source, HERE).url == source


def test_secrets_in_an_address_are_not_shown():
    shown = locate("https://user:word@host:8443/disk.img?key=abc", HERE).printable
    assert shown == "https://host:8443/disk.img?...=..."


def test_a_malformed_address_with_a_password_does_not_show_it():
    with pytest.raises(ValueError, match="brackets") as caught:
        locate("http://user:hush@[::1/disk.img?key=hush", HERE)
    assert "hush" not in str(caught.value)


def test_a_job_from_the_web_names_its_neighbours_and_no_files():
    base = Base(folder=Path("/base"), url="https://h/jobs/web.hcl?key=x", may_name_files=False)
    assert locate("images/disk.img", base).url == "https://h/jobs/images/disk.img"
    assert locate("../disk.tgz//sub", base).url == "https://h/disk.tgz"
    for source in ("/etc/passwd", "file:///etc/passwd", "~/x", "git::/srv/repo", "git::file:///srv/repo"):
        with pytest.raises(ValueError, match="--allow-local"):
            locate(source, base)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("http://h/a", "http://h/b", True),
        ("http://h/a", "https://h/b", True),
        ("https://h/a", "http://h/b", False),
        ("https://h/a", "https://i/a", False),
        ("https://h/a", "https://h:8443/a", False),
        ("http://h:80/a", "http://h/a", True),
    ],
)
def test_who_may_be_told_secrets(one, other, may):
    assert address.may_take_secrets(one, other) is may


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("d41d8cd9", "algorithm:digest"),
        ("crc32:00000000", '"crc32" is none of md5'),
        ("md5:abc", "has 32 hexadecimal digits, this one 3"),
        ("md5:" + "g" * 32, "0-9 and a-f"),
        ("g" * 64, "0-9 and a-f"),
        ("file:", "comes after the colon"),
    ],
)
def test_malformed_checksums_say_what_is_right(text, said):
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_forms_of_checksums():
    assert parse("a" * 40) == parse("sha1:" + "A" * 40)
    assert parse("file:https://h/SUMS") == ChecksumFile("https://h/SUMS")


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch):
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ):
        monkeypatch.delenv(name, raising=False)


def test_public_buckets_need_nothing():
    location = locate("s3::https://s3.amazonaws.com/bucket/a/disk.img", HERE)
    assert web_address(location, {}) == (location.url, {})
    location = locate("gcs::https://www.googleapis.com/storage/v1/bucket/a/disk.img", HERE)
    assert web_address(location, {}) == ("https://storage.googleapis.com/bucket/a/disk.img", {})


@pytest.mark.parametrize(
    ("source", "begins"),
    [
        ("s3::https://s3.amazonaws.com/bucket/a/disk.img", "https://bucket.s3.amazonaws.com/a/disk.img?"),
        ("s3::https://s3-eu-west-1.amazonaws.com/bucket/k", "https://bucket.s3.eu-west-1.amazonaws.com/k?"),
        ("bucket.s3.eu-west-1.amazonaws.com/k", "https://bucket.s3.eu-west-1.amazonaws.com/k?"),
        ("s3::http://127.0.0.1:9000/bucket/k", "http://127.0.0.1:9000/bucket/k?"),
    ],
)
def test_private_buckets_are_asked_with_a_signature(source, begins):
    options = {"aws_access_key_id": "AKID", "aws_access_key_secret": "hush"}
    url, _ = web_address(locate(source, HERE), options)
    assert url.startswith(begins)
    assert "X-Amz-Signature=" in url
    assert "hush" not in url


def test_a_token_for_google_is_sent(monkeypatch):
    monkeypatch.setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "abc")
    location = locate("gcs::https://www.googleapis.com/storage/v1/bucket/k", HERE)
    assert web_address(location, {})[1] == {"Authorization": "Bearer abc"}


def test_headers_that_cannot_be_sent():
    assert header_problem("X-Token", "abc ü") == ""
    assert "not the name" in header_problem("a b", "c")
    assert "line break" in header_problem("a", "b\r\nc: d")
