"""What the columns of a list of devices hold: by their headings, by their contents, or as a person says."""
