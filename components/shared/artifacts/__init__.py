"""What stages hand each other: each format is written and read by the same module."""
