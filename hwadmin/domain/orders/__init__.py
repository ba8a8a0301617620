"""Rules about orders that are open."""
