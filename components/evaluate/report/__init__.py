"""The report: one self-contained page, a section a module."""
