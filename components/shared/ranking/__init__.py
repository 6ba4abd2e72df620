"""From an image's point to labels, and what the labels are worth."""
