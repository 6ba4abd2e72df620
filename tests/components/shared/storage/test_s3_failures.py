import pytest
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError

from components.shared.storage.s3_failures import no_answer, refusal


class Refused(Exception):
    """As minio words and marks what a store refuses."""

    def __init__(self, text: str, **marks: object) -> None:
        super().__init__(text)
        self.__dict__.update(marks)


@pytest.mark.parametrize(
    ("error", "said", "lasting"),
    [
        (Refused("", code="NoSuchBucket", status_code=404), "NoSuchBucket; make the bucket", True),
        (Refused("", code="ExpiredToken", status_code=400), "check AWS_ACCESS_KEY_ID", True),
        (Refused("", code="NoSuchUpload", status_code=404), "NoSuchUpload", False),
        (Refused("", code="SlowDown", status_code=503), "SlowDown", False),
        (Refused("Response code: 403, <Code>AccessDenied</Code>"), "AccessDenied; check", True),
        (Refused("Response code: 400, Body: plain HTTP"), "400, not as S3 does; check AWS_E", True),
        (Refused("nothing is known"), "answers Refused", False),
    ],
)
def test_a_refusal_says_what_to_do_and_whether_it_passes(
    error: Refused, said: str, lasting: bool
) -> None:
    failure = refusal(error)
    assert said in str(failure)
    assert failure.is_lasting == lasting


def test_no_answer_names_the_store_and_the_reason_without_python_objects() -> None:
    inner = HTTPError("<urllib3.connection.HTTPConnection object at 0x7f12>: refused.")
    for error in (inner, MaxRetryError(None, "/x", inner)):  # type: ignore[arg-type]
        text = str(no_answer(error, "http://store"))
        assert text.startswith("the object store at http://store gives no answer (refused); check")
    assert "(ProtocolError)" in str(no_answer(ProtocolError(), "http://store"))
