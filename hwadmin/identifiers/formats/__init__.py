"""One module for each kind of number: how it is written, checked and shown."""
