"""Stage pretrain_visual: trains the visual network that classifies the seen classes."""
