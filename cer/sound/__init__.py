"""Sound files of every kind as samples: one rule about sizes, whoever reads them."""
