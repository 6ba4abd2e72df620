"""What finished runs leave: tables, runs side by side, labels for new images."""
