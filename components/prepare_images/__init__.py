"""Stage prepare_images: joins the packed parts, with the splits, into the image index."""
