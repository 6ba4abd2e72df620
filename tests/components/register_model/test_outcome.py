from pathlib import Path

from components.register_model.outcome import registration_outcome, write_registration


def test_what_was_written_is_said(tmp_path: Path) -> None:
    content = {"model": "devise", "version": "3", "reason": "It is the champion.", "gain": 0.1}
    write_registration(tmp_path / "registration", content)
    said = registration_outcome(tmp_path / "registration")
    assert said == "devise version 3. It is the champion."
