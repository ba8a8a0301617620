"""Lists with a record in each row: employees, phone lines, catalog items, accounts. Pure."""
