"""Brings data in that nobody sends: files now.

Reads: files and their mappings. Writes: nothing; gives records for the log, dead letters and counts.
Never: appends by itself, or decides who a person is.
"""
