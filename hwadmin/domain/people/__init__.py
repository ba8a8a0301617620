"""Rules about people: who somebody is, and their passwords."""
