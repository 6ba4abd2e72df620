"""evaluate: every model on the seen and the zero-shot labels."""
