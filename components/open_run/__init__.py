"""Opens the run: checks every parameter, makes the MLflow run."""
