"""Config as code: what a user defined, as documents that people read, keep and apply.

Reads: documents, and what is there now. Writes: nothing; it says what would change, and the API does it.
"""
