from components.shared.artifacts.word_quality import quality_rows

QUALITY = {
    "wordsim_353": {"spearman": 0.6, "pairs": 353, "covered": 49 / 353},
    "simlex_999": {"spearman": 0.251, "pairs": 999, "covered": 50 / 999},
    "hierarchy": {"spearman": -0.31, "pairs": 9876, "cosine_by_hops": {"1": 0.554, "2": 0.4}},
    "neighbours": {
        "tiger shark": {
            "count": 1204, "here": ["bull_shark"], "counts": [56], "paper": ["bull shark", "shark"],
            "share_of_sharks": 1.0,
        },
        "car": {"count": 0, "here": [], "counts": [], "paper": ["cars"]},
    },
}  # fmt: skip


def test_each_figure_stands_beside_what_it_was_counted_from() -> None:
    assert dict(quality_rows(QUALITY)) == {
        "WordSim-353, Spearman": "– (49 of 353 pairs; fewer than 50 tell nothing)",
        "SimLex-999, Spearman": "0.25 (50 of 999 pairs)",
        "Hops in the hierarchy, Spearman": "-0.31 (9,876 pairs)",
        "Mean cosine by hops": "0.55 at 1, 0.40 at 2",
        "Nearest to “tiger shark”": "bull shark 56 (itself 1,204 times)",
        "Nearest to “tiger shark” in the paper": "bull shark, shark",
        "Sharks among its nearest": "100%",
        "Nearest to “car”": "it has no vector",
        "Nearest to “car” in the paper": "cars",
    }


def test_of_vectors_that_nobody_judged_there_is_nothing_to_show() -> None:
    assert quality_rows({}) == []
