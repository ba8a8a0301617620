"""hwadmin: order, approve and fulfill hardware for a telecom platform's customers."""
