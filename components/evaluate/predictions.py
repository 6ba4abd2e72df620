"""predictions.parquet: every ranking of every model, for anyone to compute the figures again."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.evaluate.rankings import Answers
from components.shared.artifacts.candidate_sets import CandidateSet

SCHEMA = pa.schema(
    [
        ("image", pa.string()),
        ("truth", pa.string()),
        ("model", pa.string()),
        ("candidates", pa.string()),
        ("predicted", pa.list_(pa.string())),
    ]
)


def write_predictions(
    file: Path,
    answers: Answers,
    models: Sequence[str],
    sets: Sequence[CandidateSet],
    frame: pd.DataFrame,
) -> None:
    """Write image, truth, model, candidates and the predicted wnids, best first, a row each.

    Args:
        file: where to.
        answers: the ranking of every tested image.
        models: the models, in the order of the rows.
        sets: the candidate sets.
        frame: image index rows that the sets' masks belong to.
    """
    with pq.ParquetWriter(file, SCHEMA) as writer:
        for candidates in sets:
            tested = frame[candidates.images]
            for model in (name for name in models if (name, candidates.name) in answers):
                rankings = answers[model, candidates.name]
                writer.write_table(_table(tested, model, candidates.name, rankings))


def _table(tested: pd.DataFrame, model: str, candidates: str, rankings: np.ndarray) -> pa.Table:
    columns = {
        "image": tested["path"].tolist(),
        "truth": tested["wnid"].tolist(),
        "model": [model] * len(tested),
        "candidates": [candidates] * len(tested),
        "predicted": [[wnid for wnid in ranking if wnid is not None] for ranking in rankings],
    }
    return pa.table(columns, schema=SCHEMA)
