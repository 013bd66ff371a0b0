"""The command line: one module a command group, speaking the control API.

Reads: arguments, the API's answers. Writes: tables, progress, `--json`. Never: a file of the data directory.
"""
