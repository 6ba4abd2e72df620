"""The pipeline on a cluster: its resources, the compiled YAML, Kubeflow from outside."""
