"""A stage's work on several nodes: a TrainJob of Kubeflow Trainer, which the stage looks after."""
