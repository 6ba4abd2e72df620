"""Stage prepare_images: packs the images into shards, with an index and the splits."""
