"""Ends the process that imports it at once, without taking down all that it has imported.

The process that tasks are forks of does so: it ends with its run, and has nothing to close.
"""

import atexit
import os

atexit.register(os._exit, 0)
