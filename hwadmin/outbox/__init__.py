"""What leaves the system: events become messages, and messages are delivered, at least once each.

Workers share the work by leases in the database; nothing is sent from within a transaction.
"""
