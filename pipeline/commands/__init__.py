"""The commands of the command line, a module each group; `pipeline.cli` has them in one list.

What is heavy to import (kfp, torch, mlflow, pandas) is imported by the command that needs it.
"""
