from components.prepare_corpus.cleaning import Cleaned, Cleaner
from components.shared.execution import child_processes


def test_it_cleans_batch_after_batch_and_ends_with_the_connection() -> None:
    child = child_processes.start("components.prepare_corpus.cleaning_process")
    child.connection.send(Cleaner({}, "article", 10))
    for word in ("one", "two"):
        child.connection.send([[word], [word, "!"]])
        assert child.connection.recv() == ([Cleaned(f"{word}\n", 1, 1)] * 2, {word: 2})
    child.connection.close()
    assert child.process.wait(10) == 0
