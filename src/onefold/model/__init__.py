"""The nouns of Onefold: immutable, typed, no I/O. Everything may import them; they import only errors and clock."""
