"""Files on a disk, objects in an S3 store and files on web servers, and what is kept there."""
