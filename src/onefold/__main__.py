"""`python -m onefold`: the same as the command `onefold`."""

import sys

from onefold.cli import main

sys.exit(main())
