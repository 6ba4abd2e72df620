"""Stage pack_images: packs one part of the images into shards."""
