"""Rules of ordering: what a basket holds, what it is booked on, who may upgrade."""
