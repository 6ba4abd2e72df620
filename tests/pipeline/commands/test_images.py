import pytest

from pipeline.cli import main


def test_the_names_of_the_images_that_were_built_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "pipeline.images.build_images",
        lambda registry, tag, base, push: [f"{registry}/open-run:{tag}", base, str(push)],
    )
    assert main(["images", "--registry", "ghcr.io/team", "--tag", "1.0", "--push"]) == 0
    assert capsys.readouterr().out == "ghcr.io/team/open-run:1.0\npython:3.11-slim\nTrue\n"
