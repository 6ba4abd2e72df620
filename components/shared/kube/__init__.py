"""The Kubernetes that a run is in: what can be asked of it, and why pods do not start."""
