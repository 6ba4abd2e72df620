import pytest

from components.shared.storage.passed_over import is_passed_over


@pytest.mark.parametrize(
    "path",
    [
        *(".DS_Store", "a/._b.txt", ".git/config", "a/.ipynb_checkpoints/b.txt"),
        *("Thumbs.db", "a/THUMBS.DB", "Desktop.ini", "__MACOSX/a/b.jpg", "lost+found"),
    ],
)
def test_hidden_files_and_what_systems_leave_are_passed_over(path: str) -> None:
    assert is_passed_over(path)


@pytest.mark.parametrize("path", ["", "a/b.txt", "../a/c.jpg", "./a", "thumbs", "a.db", "..."[:2]])
def test_all_else_is_data(path: str) -> None:
    assert not is_passed_over(path)
