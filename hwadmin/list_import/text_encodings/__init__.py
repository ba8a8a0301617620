"""In which encoding a text was written that does not say so."""
