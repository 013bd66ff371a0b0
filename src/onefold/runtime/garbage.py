"""How often Python looks for cyclic garbage, in roles that answer many small requests.

In: a process that has started. Out: fewer and cheaper collections. Everything imported lives as long as the
process, so it is set aside (frozen) and never looked at again. What a request allocates is freed by counting
references as soon as it is answered; cycles are rare, and a few thousand of them may wait.
"""

import gc

YOUNG_OBJECTS = 20_000
"""Objects made and not yet freed between two looks at the young ones (Python: 700):
each body that is decoded and not yet answered counts, so at thousands of requests a second Python would look
through the same living objects many times a second."""
YOUNG_LOOKS = 20
MIDDLE_LOOKS = 50
"""A look at everything that was not set aside comes after so many of the looks before it."""


def settle() -> None:
    """Call once, when the role does its work: what is alive now stays alive."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_LOOKS, MIDDLE_LOOKS)
