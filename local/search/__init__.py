"""Hyper-parameter search; local/search.sh runs it."""
