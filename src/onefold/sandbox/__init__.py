"""Local stand-ins for outside systems, strict enough to rehearse against."""
