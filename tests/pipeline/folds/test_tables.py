import json
from pathlib import Path

import pytest
from support.folds import write_folds

from pipeline.cli import main
from pipeline.folds.tables import fold_results


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    write_folds(folder, [0, 1, 2])
    return folder


def test_all_folds_but_0_are_reported_and_it_stands_beside_without_tests(output: Path) -> None:
    reported, beside = fold_results(output, None, as_markdown=True).split(
        "## Fold 0, which options were chosen on"
    )
    assert reported.startswith("## Folds 1, 2\n")
    for title in ("### seen\n", "### unseen\n", "### claims\n", "### seen: paired differences\n"):
        assert title in reported
        assert (title in beside) == (title in ("### seen\n", "### unseen\n"))
    seen = reported.partition("### seen\n")[2]
    row = next(line for line in seen.splitlines() if line.startswith("| DeViSE |"))
    assert "±" in row, "the spread over folds, of seen labels"
    assert "(" in row, "the interval"
    unseen = reported.partition("### unseen\n")[2]
    row = next(line for line in unseen.splitlines() if line.startswith("| DeViSE |"))
    assert "±" not in row
    assert "(" not in beside.replace("(GoogLeNet)", "").partition("###")[0]


@pytest.mark.parametrize("as_markdown", [True, False])
def test_where_seen_and_unseen_compete_what_is_a_mean_over_folds_has_its_spread(
    output: Path, as_markdown: bool
) -> None:
    text = fold_results(output, None, as_markdown)
    _, _, table = text.partition("### seen and unseen together")
    row = next(line for line in table.splitlines() if line.startswith("| DeViSE |"))
    _, seen, unseen, harmonic, area = row.strip("| ").split(" | ")
    assert [" ±" in cell for cell in (seen, unseen, harmonic, area)] == [True, False, False, True]
    a, b = (float(cell.partition(" ")[0]) for cell in (seen, unseen))
    assert float(harmonic) == pytest.approx(2 * a * b / (a + b), abs=0.1)


def test_figures_without_shared_terms_stand_below_with_the_pairs_where_a_fold_has_one(
    tmp_path: Path,
) -> None:
    write_folds(tmp_path, [0, 1, 2, 3])
    reported, _, beside = fold_results(tmp_path, [1, 3], True).partition("## Fold 0,")
    title = "### unseen: without classes that share a term (in brackets with them), %"
    _, _, part = reported.partition(title)
    row = next(line for line in part.splitlines() if line.startswith("| DeViSE |"))
    assert row.count(" (") == 5
    assert row.count("–") == 2, "of three labels there are no five"
    assert "| Chance |" not in part
    assert r"* fold 1, crane\: hoist (n20) and crane (n10)" in part
    assert "fold 3," not in part
    assert "share" not in beside
    plain = fold_results(tmp_path, [1, 3], False)
    assert title in plain
    assert "* fold 1, crane: hoist (n20) and crane (n10)" in plain
    assert "share" not in fold_results(tmp_path, [3], True)


def test_what_the_words_mean_stands_below_the_reported_folds_a_fold_a_column(
    tmp_path: Path,
) -> None:
    write_folds(tmp_path, [0, 1, 2])
    for fold, spearman in ((1, 0.25), (2, 0.5)):
        found = {"simlex_999": {"spearman": spearman, "pairs": 999, "covered": 1.0}}
        file = tmp_path / f"fold_{fold}" / "skipgram.json"
        file.write_text(json.dumps({"quality": found}))
    reported, _, beside = fold_results(tmp_path, None, as_markdown=True).partition("## Fold 0,")
    assert "| SimLex-999, Spearman | 0.25 (999 of 999 pairs) | 0.50 (999 of 999" in reported
    assert "SimLex" not in beside


def test_other_folds_are_reported_on_request(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", str(output), "--report-folds", "0,2", "--format", "text"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Folds 0, 2\n==========\n")
    assert "chosen on" not in shown
    assert "### claims" in shown


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--report-folds", "3"], "--report-folds names 3, but"),
        (["--report-folds", "x"], "'x' is no list of folds such as 0,1,2"),
    ],
)
def test_folds_that_are_not_there_are_refused(
    output: Path, given: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", str(output), *given]) == 2
    assert message in capsys.readouterr().err


def test_fold_0_alone_reports_nothing_by_itself(tmp_path: Path) -> None:
    write_folds(tmp_path, [0])
    with pytest.raises(ValueError, match="has fold 0 alone, which options are chosen on"):
        fold_results(tmp_path, None, as_markdown=True)
    assert fold_results(tmp_path, [0], as_markdown=True).startswith("## Fold 0\n")


def test_a_folder_without_folds_has_none_to_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", str(tmp_path), "--report-folds", "1"]) == 2
    assert "has no finished fold: leave --report-folds and --keep out" in capsys.readouterr().err
