"""register_model: the DeViSE model in MLflow's registry, champion or not."""
