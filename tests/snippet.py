"""`python -m tests.snippet CODE`: a program of a few lines, for what starts modules."""

import sys

exec(sys.argv[1])  # noqa: S102
