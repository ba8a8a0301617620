"""Pages: HTTP in, HTTP out, for people."""
