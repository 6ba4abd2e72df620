import pytest

from pipeline.cli import main


def test_the_names_of_the_images_are_printed_and_where_their_packages_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "pipeline.images.build_images",
        lambda base, registry, tag, push: [f"{registry}/open-run:{tag}", base, str(push)],
    )
    assert main(["images", "--registry", "ghcr.io/team", "--tag", "1.0", "--push"]) == 0
    *names, last = capsys.readouterr().out.splitlines()
    assert names == ["ghcr.io/team/open-run:1.0", "python:3.11-slim", "True"]
    assert last.endswith("docker run --rm IMAGE cat /opt/sbom.json")
