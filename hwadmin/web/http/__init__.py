"""About requests and answers rather than pages: who calls, how often, by which name; static files."""
