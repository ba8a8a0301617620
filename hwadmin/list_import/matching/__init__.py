"""From rows and scans to the units of an order."""
