"""The nouns of Onefold: immutable, typed, no I/O. All may import them; they import errors and clock."""
