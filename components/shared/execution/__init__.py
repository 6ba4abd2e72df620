"""How a stage runs: as a KFP component, recorded, tracked in MLflow, with its progress told."""
