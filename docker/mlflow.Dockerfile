# The MLflow server of compose.yaml and manifests/: mlflow, the S3 client with which it keeps
# artifacts in object storage, and the script that makes the buckets. Packages, their list and the
# secret are as in docker/Dockerfile.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE}
ENV HOME=/tmp \
    LOGNAME=mlflow \
    USER=mlflow \
    PATH=/opt/venv/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_PROGRESS_BAR=off \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# Jobs of its own, of which the pipeline asks for none, are eight processes more and a gigabyte.
ENV MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
# A named volume takes the owner of the folder that it is mounted over.
RUN python3 -m venv /opt/venv && mkdir /mlflow && chown 1000:1000 /mlflow
COPY docker/locked/mlflow.txt /build/
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip install --require-hashes --only-binary :all: -r /build/mlflow.txt && \
    pip inspect > /opt/sbom.json
COPY docker/make_buckets.py /opt/
RUN chmod a+r /opt/make_buckets.py
USER 1000:1000
EXPOSE 5000
