"""Code for this task: the paper's experiments, their results, and HTML pages that show them.

Run a program by its path after `. ./path.sh`. A program imports only its own folder and local.results, which all
folders share.
"""
