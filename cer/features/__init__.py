"""Front ends: one file each."""
