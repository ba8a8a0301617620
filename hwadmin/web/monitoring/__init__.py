"""What whoever runs the server sees of it: a line for each request, metrics, and whether it is ready."""
