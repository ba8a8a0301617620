"""hwadmin: order, approve and fulfill hardware for a telecom platform's customers."""

__version__ = "0.1.0"
