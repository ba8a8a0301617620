"""The database: connections, the tenancy filter, the unit of work."""
