"""The tasks role."""

from onefold.runtime.role import Role


def run_tasks(role: Role) -> None:
    """Run until told to stop."""
    role.ready()
    role.stop.wait()
