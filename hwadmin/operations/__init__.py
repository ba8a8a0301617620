"""Every write that has a business name. Operations never commit; see hwadmin/uow.py."""
