"""The shape of input only: no look-ups, no rules."""
