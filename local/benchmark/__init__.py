"""How long the front end and the training take."""
