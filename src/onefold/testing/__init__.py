"""Doubles, factories and suites: for our own tests and for those of connector and backend authors."""
