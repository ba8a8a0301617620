"""The staff directory: people whom the company's identity provider pushes, and what the rules give them."""
