"""embed_images: the frozen trunk's features of every image that a later stage reads."""
