"""Where an artifact is: a web address, a git repository, or a file or folder of this host.

Source: go-getter's forms of a source: `git::URL`, `PATH//FOLDER`, and its detectors for what has no scheme.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import parse_qsl, quote_plus, unquote, urljoin, urlsplit, urlunsplit

from qemu_run.artifacts import address
from qemu_run.artifacts.archives import suffix_of
from qemu_run.artifacts.words import masked
from qemu_run.records import record

GIT_SCHEMES = ("https", "ssh", "git", "file")
OPTIONS: Mapping[str, frozenset[str]] = {
    "web": frozenset({"archive", "checksum", "filename"}),
    "file": frozenset({"archive", "checksum", "filename"}),
    "git": frozenset({"archive", "checksum", "filename", "ref", "depth", "sshkey"}),
}
CLOUD_OPTIONS = frozenset(
    {
        *("region", "version", "aws_access_key_id", "aws_access_key_secret", "aws_access_token"),
        "aws_profile",
    }
)
_THERE_ARE = "there are http, https, file, git::, s3::, gcs:: and paths of files and folders"
_FORCED = re.compile(r"([A-Za-z0-9]+)::(.+)", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")
_NEARLY = re.compile(r"(https?|file):(?!//)", re.IGNORECASE)
_SCP = re.compile(r"(?:(?P<user>[\w.-]+)@)?(?P<host>[\w.-]+):(?P<path>(?!//).+)", re.DOTALL)
_S3_HOST = re.compile(r"(?:[\w.-]+\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?=[/:?]|$)")
_GCS_HOST = re.compile(r"www\.googleapis\.com/storage/v1/|storage\.googleapis\.com/")
_OF_FILES = re.compile(r"file://(?:localhost(?=/))?", re.IGNORECASE)
_FORGES = ("github.com/", "gitlab.com/", "bitbucket.org/")
_INSTEAD = {
    "s3": "write s3::https://s3.amazonaws.com/BUCKET/KEY",
    "gs": "write gcs::https://www.googleapis.com/storage/v1/BUCKET/KEY",
    "ssh": "write git::ssh://USER@HOST/PATH",
    "git": "write git::https://HOST/PATH",
}


@record(kw_only=True)
class Base:
    """What relative sources start from."""

    folder: Path
    url: str = ""
    """The job's own address, when it came from one: relative sources are relative to it."""
    may_name_files: bool = True
    """Whether the job may name files of this host."""


@record(kw_only=True)
class Location:
    """A source, taken apart."""

    kind: Literal["web", "git", "file"]
    url: str = ""
    """The address to fetch or to clone."""
    path: Path | None = None
    """The file or folder of this host."""
    file_name: str = ""
    """The last part of the path: the name the artifact gets when nothing else names it."""
    subfolder: str = ""
    """What is wanted of an archive, a folder or a repository: the part after `//`."""
    cloud: Literal["", "s3", "gcs"] = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """go-getter's options in the source's own query."""

    @property
    def printable(self) -> str:
        """The source without passwords and query, which may hold secrets."""
        shown = str(self.path) if self.path is not None else address.printable(self.url)
        return shown + (f"//{self.subfolder}" if self.subfolder else "")

    @property
    def archive_suffix(self) -> str | None:
        """The longest suffix of the name that says it is an archive."""
        return suffix_of(self.file_name)


def locate(source: str, base: Base | Path) -> Location:
    """Take `source` apart.

    Raises:
        ValueError: it is malformed, or of a kind we do not have; with what there is.
    """
    base = Base(folder=base) if isinstance(base, Path) else base
    if "\0" in source:
        raise ValueError("it has a NUL character in it")
    if source[:1].isspace() and _SCHEME.match(source.lstrip()):
        raise ValueError("there is a blank before the address")
    match = _FORCED.match(source)
    forced, rest = (match[1].lower(), match[2]) if match else ("", source)
    if not forced:
        forced, rest = _detected(rest)
    rest, subfolder = _split_subfolder(rest)
    scheme = (found := _SCHEME.match(rest)) and found[0].lower()
    if forced == "git":
        return _git(rest, scheme or "", subfolder, base)
    if forced in {"s3", "gcs"} or (forced in address.WEB_SCHEMES and scheme in address.WEB_SCHEMES):
        return _web(rest, forced, subfolder)
    if forced not in {"", "file"}:
        raise ValueError(f'no "{forced}" sources; {_THERE_ARE}')
    if scheme in address.WEB_SCHEMES and not forced:
        return _web(rest, "", subfolder)
    if nearly := _NEARLY.match(rest):
        raise ValueError(f"an address begins with {nearly[1].lower()}://")
    if scheme in {None, "file"}:
        return _file(rest, subfolder, base)
    instead = f"; {_INSTEAD[scheme]}" if scheme in _INSTEAD else ""
    raise ValueError(f'no "{scheme}" sources{instead}; {_THERE_ARE}')


def _detected(source: str) -> tuple[str, str]:
    """The kind and the whole address of a common form without a scheme; as it is if it is not one."""
    if _SCHEME.match(source):
        return "", source
    for forge in _FORGES:
        if source.startswith(forge):
            return "git", _forge_address(source)
    if source.startswith("git@") and (scp := _SCP.fullmatch(source)):
        return "git", f"ssh://{scp['user']}@{scp['host']}/{scp['path']}"
    if _S3_HOST.match(source):
        return "s3", f"https://{source}"
    if _GCS_HOST.match(source):
        return "gcs", f"https://{source}"
    return "", source


def _forge_address(source: str) -> str:
    """`github.com/user/repo/folder` as `https://github.com/user/repo.git//folder`."""
    path, question, query = source.partition("?")
    path, doubled, folder = path.partition("//")
    parts = path.split("/")
    repository = "/".join(parts[:3]).removesuffix(".git") + ".git"
    folder = "/".join(filter(None, (*parts[3:], folder))) if doubled or parts[3:] else ""
    return f"https://{repository}" + (f"//{folder}" if folder else "") + question + query


def _split_subfolder(source: str) -> tuple[str, str]:
    """`PATH//FOLDER?query` as `PATH?query` and `FOLDER`.

    Raises:
        ValueError: the folder leads out.
    """
    before, question, query = source.partition("?")
    scheme = _SCHEME.match(before)
    start = scheme.end() + 3 if scheme else 0
    position = before.find("//", start + (1 if scheme and before[start : start + 1] == "/" else 0))
    if position < 0 or not before[position:].strip("/"):
        return source, ""
    subfolder = before[position + 2 :].strip("/")
    if ".." in PurePosixPath(subfolder).parts:
        raise ValueError(f'"{subfolder}" leads out of what is fetched')
    return before[:position] + question + query, subfolder


def _split_query(url: str, own: frozenset[str]) -> tuple[str, dict[str, str]]:
    """The address without go-getter's own parameters, its query in order and encoded as Nomad sends it."""
    parts = urlsplit(url)
    if not parts.query:
        return url, {}
    query = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape")
    options: dict[str, str] = {}
    for name, value in query:
        if name in own:
            options.setdefault(name, value)
    rest = sorted((pair for pair in query if pair[0] not in own), key=lambda pair: pair[0])
    encoded = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in rest)
    return urlunsplit(parts._replace(query=encoded)), options


def _quoted(text: str) -> str:
    return quote_plus(text, safe="", errors="surrogateescape")


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """The address with more in its query."""
    if not parameters:
        return url
    joint = "&" if urlsplit(url).query else "?"
    more = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters.items())
    return _split_query(url + joint + more, frozenset())[0]


def _web(url: str, forced: str, subfolder: str) -> Location:
    if trouble := address.problem(url):
        raise ValueError(f"{masked(url)}: {trouble}")
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError(f"{masked(url)} is not an address of {forced}; {_INSTEAD.get(forced, _THERE_ARE)}")
    cloud: Literal["", "s3", "gcs"] = "s3" if forced == "s3" else "gcs" if forced == "gcs" else ""
    plain, options = _split_query(url, OPTIONS["web"] | (CLOUD_OPTIONS if cloud else frozenset()))
    name = unquote(urlsplit(plain).path).rpartition("/")[2]
    return Location(kind="web", url=plain, file_name=name, subfolder=subfolder, cloud=cloud, options=options)


def _git(url: str, scheme: str, subfolder: str, base: Base) -> Location:
    if not scheme:
        if _FORCED.match(url):
            raise ValueError(f"{masked(url)} is not a repository that git may fetch from")
        if (scp := _SCP.fullmatch(url)) and not _is_here(url):
            url = f"ssh://{scp['user'] or 'git'}@{scp['host']}/{scp['path']}"
        else:
            plain, question, query = url.partition("?")
            url = f"file://{_path(plain, base)}{question}{query}"
    elif scheme not in GIT_SCHEMES:
        raise ValueError(f"git over {scheme} is not allowed; there are {', '.join(GIT_SCHEMES)}")
    elif scheme in {"https", "ssh", "git"} and (trouble := address.problem(url)):
        raise ValueError(f"{masked(url)}: {trouble}")
    elif scheme == "file":
        _path("/", base)
    if scheme:
        url = scheme + url[len(scheme) :]  # git knows no FILE://
    plain, options = _split_query(url, OPTIONS["git"])
    name = unquote(urlsplit(plain).path).rstrip("/").rpartition("/")[2].removesuffix(".git")
    return Location(kind="git", url=plain, file_name=name, subfolder=subfolder, options=options)


def _is_here(path: str) -> bool:
    with suppress(OSError):  # no file can have such a name
        return Path(path).exists()
    return False


def _file(source: str, subfolder: str, base: Base) -> Location:
    plain, question, query = source.partition("?")
    options = dict(parse_qsl(query))
    if question and not (options and set(options) <= OPTIONS["file"]):
        plain, options = source, {}  # a question mark in a file's name
    if plain.lower().startswith("file://"):
        plain = unquote(_OF_FILES.sub("", plain, count=1))
    elif base.url and not plain.startswith(("/", "~")):
        return replace(locate(urljoin(base.url, plain + question + query), base), subfolder=subfolder)
    path = _path(plain, base)
    if subfolder and not suffix_of(path.name):
        path, subfolder = path / subfolder, ""
    return Location(kind="file", path=path, file_name=path.name, subfolder=subfolder, options=options)


def _path(source: str, base: Base) -> Path:
    """A path of this host.

    Raises:
        ValueError: the job may not name one.
    """
    if not base.may_name_files:
        raise ValueError("a job from elsewhere names files of this host only with --allow-local")
    try:
        return base.folder / Path(source).expanduser()
    except RuntimeError as error:
        raise ValueError(f'"{source}": {error}') from error
