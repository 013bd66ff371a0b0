"""What comparisons find, for their tests."""

from onefold.model.comparison import Wish

EXPORT = "/users/export/ids"
ALL = Wish()
REPAIR = Wish(repairs=True)


def counts(run):
    """People, and how they stand."""
    found = run.comparison
    return found.people, found.same, found.differing, found.missing, found.left_out
