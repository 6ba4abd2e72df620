"""Stage: reads the synsets, their terms and their hierarchy."""
