"""Images, from the index of the packed ones to batches on a device."""
