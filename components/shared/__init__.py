"""What two or more stages use, one concept a module."""
