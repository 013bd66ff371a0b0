"""The deliver role."""

from onefold.runtime.role import Role


def run_deliver(role: Role) -> None:
    """Run until told to stop."""
    role.ready()
    role.stop.wait()
