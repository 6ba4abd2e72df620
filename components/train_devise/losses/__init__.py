"""The losses that `devise_loss` names: a module each, and the registry that knows them all."""
