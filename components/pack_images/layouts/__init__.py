"""The layouts in which people have their images, a module each; `sources` has them in one list.

A layout is a function that is given an item, a file or a member of a tar, and says what it is, or
None where it lies in another layout. An item that is sure to be wrong it refuses with a ValueError
that names it.
"""
