"""A trained system: its folder, what goes into its networks and what comes out."""
