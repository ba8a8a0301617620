"""Demo data worth looking at: three platforms, their catalogs, customers and two months of orders.

Nothing is written past the operations: every row and every audit event comes about as on the pages, only at
a moment of the past (``clock.at``). The tables are in ``catalog``, ``accounts`` and ``orders``.
"""
