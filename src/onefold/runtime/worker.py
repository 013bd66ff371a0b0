"""The worker role."""

from onefold.runtime.role import Role


def run_worker(role: Role) -> None:
    """Run until told to stop."""
    role.ready()
    role.stop.wait()
