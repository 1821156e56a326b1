"""Continuous emotion recognition from speech, after Khorram et al. 2017.

Imports point one way: datadir and wav -> fbank -> cmvn -> frames -> batches -> models -> checkpoint -> train,
predict -> bin.
"""

__version__ = "0.1.0"
