"""The pipeline on one machine: in processes or in containers, with one or more seeds."""
