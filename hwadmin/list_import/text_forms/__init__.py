"""Lists as texts hold them, each turned into rows: tables drawn with signs, and data within data. Pure."""
