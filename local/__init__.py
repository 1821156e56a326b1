"""This task: the paper's experiments, their results, and pages of these.

A program here runs by its path, after `. ./path.sh`. It imports its own room and local.results, which all rooms share,
and no other room.
"""
