"""What rankings are worth, how sure that is, and which claims it allows: of a run, or of folds."""
