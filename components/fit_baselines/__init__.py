"""Stage fit_baselines: every model that is compared, in one artifact."""
