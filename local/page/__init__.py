"""HTML pages with plots and sound: for all experiments on a corpus, or for one recording. web/: the browser code."""
