"""The squared distance of a point to its target, coordinate by coordinate."""


def l2_sum(point, label, targets):
    """Loss of one image; point [dim], targets [labels, dim]."""
    total = 0.0
    for coordinate, wanted in zip(point, targets[label], strict=True):
        total = total + (coordinate - wanted) ** 2
    return total
