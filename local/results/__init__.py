"""Shared by all folders of local/: paths of systems, score tables, sections of the reports, style of figures."""
