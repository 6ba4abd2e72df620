"""What an S3 store's failures mean: which pass, and what a person can do about the others."""

import re

from urllib3.exceptions import HTTPError, MaxRetryError

from components.shared.storage.http_requests import Failure

_KEYS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if it is set"
_ADVICE = {
    "NoSuchBucket": "make the bucket, or name another",
    "AccessDenied": f"{_KEYS}, and what this user may do there",
    "InvalidBucketName": "check the address",
    "RequestTimeTooSkewed": "set this machine's clock",
    **dict.fromkeys(("InvalidAccessKeyId", "SignatureDoesNotMatch"), _KEYS),
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "InvalidTokenId"), _KEYS),
}
_ENDPOINT = "check AWS_ENDPOINT_URL, its scheme (http or https) and its port"
_PASSING = ("NoSuchUpload",)
"""An upload in parts whose end was done and whose answer was lost: it is done again."""
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"Response code: (\d{3})")


def refusal(error: Exception) -> Failure:
    """What the store refuses, as minio raises it."""
    # minio takes text/xml, which some stores send, for no XML, and quotes all of it.
    found = _CODE.search(str(error))
    code = str(getattr(error, "code", "") or (found[1] if found else ""))
    status = _status(error)
    if not code:
        text = f"{status}, not as S3 does" if status else type(error).__name__
        return Failure(f"the object store answers {text}; {_ENDPOINT}", status)
    advice = _ADVICE.get(code, "check the address and the credentials")
    return Failure(f"the object store answers {code}; {advice}", 0 if code in _PASSING else status)


def no_answer(error: HTTPError, endpoint: str) -> Failure:
    """The store cannot be reached, or broke off, as urllib3 raises it."""
    reason = error.reason if isinstance(error, MaxRetryError) else error
    return Failure(
        f"the object store at {endpoint} gives no answer ({_short(reason)}); {_ENDPOINT}"
    )


def _status(error: Exception) -> int:
    response = getattr(error, "response", None)
    found = _STATUS.search(str(error))
    given = getattr(error, "status_code", None) or getattr(response, "status", None)
    return int(given or (found[1] if found else 0))


def _short(reason: object) -> str:
    # urllib3 puts the object that failed before the reason.
    return (
        re.sub(r"^.*?(object at 0x\w+>|\)): ", "", str(reason)).rstrip(".") or type(reason).__name__
    )
