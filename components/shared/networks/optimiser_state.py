"""An optimiser's state as named arrays, so that a checkpoint needs no pickle; its fused step."""

from collections.abc import Mapping

import numpy as np
import torch


def has_fused_step(kind: type[torch.optim.Optimizer], device: torch.device) -> bool | None:
    """Whether torch takes a step on a GPU in one kernel for all weights, equal to rounding.

    Args:
        kind: An optimiser that has the argument `fused`, which the answer is for.
        device: Where the weights are.

    Returns:
        None on a CPU, where torch does as it does by itself.
    """
    if device.type != "cuda":
        return None
    parameter = torch.zeros(1, device=device, requires_grad=True)
    parameter.grad = torch.zeros_like(parameter)
    try:
        kind([parameter], fused=True).step()  # type: ignore[call-arg]
    except RuntimeError:  # Versions of torch differ in which optimisers have it on a GPU.
        return None
    return True


def optimiser_arrays(optimiser: torch.optim.Optimizer) -> dict[str, np.ndarray]:
    """Copy the state of every parameter: `<number>.<name>`, by the order of the parameters."""
    return {
        f"{number}.{name}": value.detach().cpu().numpy().copy()
        for number, parameter in enumerate(_parameters(optimiser))
        for name, value in optimiser.state[parameter].items()
        if isinstance(value, torch.Tensor)
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, arrays: Mapping[str, np.ndarray]) -> None:
    """Put back what `optimiser_arrays` copied."""
    parameters = _parameters(optimiser)
    for key, array in arrays.items():
        number, _, name = key.partition(".")
        parameter = parameters[int(number)]
        state = optimiser.state[parameter]
        if name not in state:
            state[name] = torch.empty_like(parameter, requires_grad=False)
        state[name].copy_(torch.from_numpy(array).reshape(state[name].shape))


def _parameters(optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]
