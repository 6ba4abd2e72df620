"""A network whose replicas, one a process, train as the network by itself does on the whole batch.

Gradients are averaged by DistributedDataParallel. BatchNorm takes its statistics from all parts of
a batch, and dropout draws for the whole of it, so that the same images lose the same activations
however many processes there are.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.parallel import DistributedDataParallel
from torchvision.ops import StochasticDepth

from components.shared.processes.ranks import Part

Forward = Callable[[Tensor], Tensor]


def replicated(model: nn.Module, part: Part) -> nn.Module:
    """Return what the model is trained through; by itself it is that, with the same weights.

    Args:
        model: Where it is to be trained; its layers are changed in place.
        part: This process's rows of every batch.

    Returns:
        The model itself where there is one process.
    """
    if part.ranks == 1:
        return model
    device = next(model.parameters()).device
    if device.type == "cuda":
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for module in model.modules():
        _share(module, part)
    own = [device] if device.type == "cuda" else None
    return DistributedDataParallel(model, device_ids=own)


def _share(module: nn.Module, part: Part) -> None:
    """Let a layer that looks at a whole batch do so."""
    forward: Forward
    if isinstance(module, _BatchNorm) and not isinstance(module, nn.SyncBatchNorm):
        forward = partial(_normalised, module, module.forward)
    elif isinstance(module, _DropoutNd | StochasticDepth):
        forward = partial(_dropped, module, module.forward, part)
    else:
        return
    module.forward = forward  # type: ignore[method-assign]


def _dropped(module: nn.Module, forward: Forward, part: Part, inputs: Tensor) -> Tensor:
    """Drop what the layer would drop of this part if it had the whole batch."""
    if not module.training:
        return forward(inputs)
    # Of a row it drops all or nothing.
    is_of_rows = isinstance(module, StochasticDepth)
    shape = [1] * (inputs.dim() - 1) if is_of_rows else inputs.shape[1:]
    layout = torch.contiguous_format
    if not is_of_rows and inputs.is_contiguous(memory_format=torch.channels_last):
        layout = torch.channels_last
    ones = torch.empty((part.whole, *shape), dtype=inputs.dtype, device=inputs.device)
    kept = forward(ones.contiguous(memory_format=layout).fill_(1))
    return inputs * part.of(kept)


def _normalised(module: _BatchNorm, forward: Forward, inputs: Tensor) -> Tensor:
    """Normalise by the mean and the deviation over all processes; SyncBatchNorm is for GPUs."""
    if not module.training:
        return forward(inputs)
    values = inputs.to(torch.promote_types(inputs.dtype, torch.float32))
    axes = [axis for axis in range(values.dim()) if axis != 1]
    count = values.new_tensor([values.numel() / values.shape[1]])
    sums = _summed(torch.cat([values.sum(axes), count]))
    rows = sums[-1].detach()
    mean = sums[:-1] / rows
    centred = values - _along(mean, values)
    variance = _summed(centred.square().sum(axes)) / rows
    _note(module, mean.detach(), variance.detach() * rows / (rows - 1))
    scale = torch.rsqrt(variance + module.eps)
    scale = scale if module.weight is None else scale * module.weight
    found = centred * _along(scale, values)
    found = found if module.bias is None else found + _along(module.bias, values)
    return found.to(inputs.dtype)


def _along(channels: Tensor, values: Tensor) -> Tensor:
    """A number a channel, [C], as what goes with values [B, C, ...]."""
    return channels.view(1, -1, *[1] * (values.dim() - 2))


@torch.no_grad()
def _note(module: _BatchNorm, mean: Tensor, variance: Tensor) -> None:
    """Move the running statistics as BatchNorm does."""
    if module.running_mean is None or module.running_var is None:
        return
    cast(Tensor, module.num_batches_tracked).add_(1)
    share = module.momentum
    share = 1 / float(cast(Tensor, module.num_batches_tracked)) if share is None else share
    module.running_mean.lerp_(mean, share)
    module.running_var.lerp_(variance, share)


class _Sum(torch.autograd.Function):
    """A sum over all processes, through which gradients flow back to all of them."""

    @staticmethod
    def forward(_context: Any, tensor: Tensor) -> Tensor:
        total = tensor.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, *gradients: Tensor) -> Tensor:
        return _Sum.forward(_context, gradients[0])


def _summed(tensor: Tensor) -> Tensor:
    return cast(Tensor, _Sum.apply(tensor))
