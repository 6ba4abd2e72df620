"""Stage fit_baselines: every model that is compared, and baselines, in one artifact."""
