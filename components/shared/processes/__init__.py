"""A training in several processes, one a GPU, with the result of one: torch.distributed's ranks."""
