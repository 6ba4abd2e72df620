"""Makes the S3 buckets given as arguments, those that are not there yet.

The store comes from AWS_ENDPOINT_URL and AWS_REGION, its credentials from AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from the role that a cloud gives the pod. For a
store that is still starting it waits, two minutes at most.
"""

import os
import sys
import time
from urllib.parse import urlsplit

from minio import Minio
from minio.credentials.providers import EnvAWSProvider, IamAwsProvider
from urllib3.exceptions import HTTPError

PATIENCE_SECONDS = 120.0


def client() -> Minio:
    """Return the client for the store that the environment names."""
    endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    return Minio(
        endpoint.netloc,
        secure=endpoint.scheme == "https",
        region=os.environ.get("AWS_REGION") or "us-east-1",
        credentials=EnvAWSProvider() if os.environ.get("AWS_ACCESS_KEY_ID") else IamAwsProvider(),
    )


def make_buckets(store: Minio, names: list[str]) -> list[str]:
    """Make the buckets that are missing and return their names."""
    missing = [name for name in names if not store.bucket_exists(name)]
    for name in missing:
        store.make_bucket(name)
    return missing


def main(names: list[str]) -> None:
    """Make the buckets as soon as the store answers."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            made = make_buckets(client(), names)
        except HTTPError:
            if time.monotonic() > give_up:
                raise
            time.sleep(2)
        else:
            sys.stdout.write(f"made {made or 'nothing, all are there'}\n")
            return


if __name__ == "__main__":
    main(sys.argv[1:])
