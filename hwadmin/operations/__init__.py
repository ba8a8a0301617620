"""Every write that has a business name. Operations never commit; see hwadmin/db/unit_of_work.py."""
