"""`onefold demo`: a believable shop, Onefold, and a local Braze, all on this machine, until Ctrl-C."""

from onefold.cli.demo.command import add_to

__all__ = ["add_to"]
