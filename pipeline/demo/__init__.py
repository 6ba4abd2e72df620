"""A page on this machine to try a model with: photos and words of one's own."""
