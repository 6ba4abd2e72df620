"""Stage rank_images: one part of the test images through every model that is compared."""
