"""What can be set: the groups of settings, what is checked between them and before a run."""
