"""Lists of identifiers people have in their hands: read, understood, and matched to the units of an order.

Pure: no web and no database. Nothing is written here, and what is not sure is asked.
"""
