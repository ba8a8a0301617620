"""The files a list comes in: what each is told by, and how its cells are read. Pure, bounded and linear."""
