"""What the preparations of all corpora share: traces of raters, their grid, and how they become data directories."""
