"""Stage: turns text into a corpus of normalised tokens with joined terms."""
