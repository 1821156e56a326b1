"""Pages to look at and listen to: of a corpus's experiments, of one recording. web/: what runs in the browser."""
