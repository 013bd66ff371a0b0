"""Every protocol of Onefold, once a way to run: `embedded` (one directory, no server)."""
