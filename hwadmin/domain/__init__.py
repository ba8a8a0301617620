"""The rules: pure Python that needs neither Flask nor a database."""
