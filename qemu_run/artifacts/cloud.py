"""Addresses of S3 and of Google Cloud Storage as plain web addresses, public or signed with credentials.

Source: go-getter's `s3::` and `gcs::` forms. Credentials come from the artifact's options and the usual
variables; what signs with them is not installed unless asked for.
"""

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.location import Location, with_parameters

_SIGNED_SECONDS = 3600
_GOOGLE_API = "www.googleapis.com"
_GOOGLE_PREFIX = "/storage/v1/"
_GOOGLE_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
_DEFAULT_REGION = "us-east-1"


def web_address(location: Location, options: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The address to fetch, and the headers that go with it.

    Raises:
        FetchError: there are credentials, and nothing here that can use them.
    """
    if location.cloud == "s3":
        return _s3(location.url, options), {}
    if location.cloud == "gcs":
        return _gcs(location.url)
    return location.url, {}


def _s3(url: str, options: Mapping[str, str]) -> str:
    named = {"aws_access_key_id", "aws_access_key_secret", "aws_profile"} & set(options)
    in_environment = "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" in os.environ
    if "X-Amz-Signature" in url or not (named or in_environment):
        version = options.get("version")
        return with_parameters(url, {"versionId": version}) if version else url
    try:
        from botocore.config import Config
        from botocore.session import Session
    except ImportError as error:
        raise FetchError(
            "credentials for S3 need another package", hints=("pip install 'qemu-run[s3]'",)
        ) from error
    from botocore.exceptions import BotoCoreError

    endpoint, region, bucket, key = _s3_parts(url)
    style = "path" if endpoint or "." in bucket else "virtual"
    try:
        client = Session(profile=options.get("aws_profile")).create_client(
            "s3",
            region_name=options.get("region") or region,
            endpoint_url=endpoint,
            aws_access_key_id=options.get("aws_access_key_id"),
            aws_secret_access_key=options.get("aws_access_key_secret"),
            aws_session_token=options.get("aws_access_token"),
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": style},
            ),
        )
        wanted = {"Bucket": bucket, "Key": key} | (
            {"VersionId": options["version"]} if options.get("version") else {}
        )
        return str(client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=_SIGNED_SECONDS))
    except (BotoCoreError, ValueError) as error:
        raise FetchError(f"cannot sign the request to S3: {error}") from error


def _s3_parts(url: str) -> tuple[str | None, str, str, str]:
    """Endpoint (None: Amazon's own), region, bucket and key of an address in the style of hosts or of paths.

    Raises:
        FetchError: it names no bucket or no key.
    """
    parts = urlsplit(url)
    host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
    if host.endswith(".amazonaws.com"):
        labels = host.removesuffix(".amazonaws.com").split(".")
        position = next((n for n, label in enumerate(labels) if label == "s3" or label.startswith("s3-")), -1)
        region = labels[position].removeprefix("s3").lstrip("-") or "".join(labels[position + 1 :])
        if bucket := ".".join(labels[:position]) if position > 0 else "":
            return None, region or _DEFAULT_REGION, bucket, path
        endpoint = None
    else:
        region, endpoint = "", urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    bucket, _, key = path.partition("/")
    if not bucket or not key:
        raise FetchError("an address of S3 names a bucket and a key: s3::https://s3.amazonaws.com/BUCKET/KEY")
    return endpoint, region or _DEFAULT_REGION, bucket, key


def _gcs(url: str) -> tuple[str, Mapping[str, str]]:
    parts = urlsplit(url)
    if parts.hostname == _GOOGLE_API and parts.path.startswith(_GOOGLE_PREFIX):
        path = "/" + parts.path.removeprefix(_GOOGLE_PREFIX)
        url = urlunsplit(parts._replace(netloc="storage.googleapis.com", path=path))
    token = os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN") or _google_token()
    return url, {"Authorization": f"Bearer {token}"} if token else {}


def _google_token() -> str:
    """A token for the service account that GOOGLE_APPLICATION_CREDENTIALS names; empty without one."""
    if "GOOGLE_APPLICATION_CREDENTIALS" not in os.environ:
        return ""
    try:
        import google.auth
        import google.auth.transport.requests
    except ImportError as error:
        raise FetchError(
            "credentials for Google Cloud Storage need another package",
            hints=("pip install 'qemu-run[gcs]'",),
        ) from error
    try:
        credentials, _ = google.auth.default(scopes=[_GOOGLE_SCOPE])
        credentials.refresh(google.auth.transport.requests.Request())  # type: ignore[no-untyped-call]
    except Exception as error:
        raise FetchError(f"Google's credentials cannot be used: {error}") from error
    return str(credentials.token)
