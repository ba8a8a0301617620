"""What is drawn for people outside the pages: PDF, charts, spreadsheets. Pure."""
