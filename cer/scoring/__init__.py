"""Scores of predictions against labels, their intervals, and labels made from several raters."""
