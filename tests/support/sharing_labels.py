"""Labels of which a seen and an unseen one share terms, in three pairs."""

import pandas as pd

LABELS = pd.DataFrame(
    [
        ("n1", "seen", ["police_van", "wagon", "black_maria"]),
        ("n2", "unseen", ["beach_wagon", "wagon"]),
        ("n3", "seen", ["crane", "bird"]),
        ("n4", "unseen", ["hoist", "crane", "crane", "bird"]),
        ("n5", "unseen", ["crane"]),
        ("n6", "seen", ["wren", "bird_of_song"]),
        ("n7", "seen", ["lorry", "black_maria"]),
    ],
    columns=["wnid", "role", "terms"],
)
