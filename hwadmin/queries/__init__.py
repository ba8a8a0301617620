"""Every read that is more than get-by-id."""
