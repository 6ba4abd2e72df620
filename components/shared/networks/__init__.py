"""Networks: architectures, the visual model, the DeViSE model, and what trains them."""
