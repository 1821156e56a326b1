"""The front end of a trained system: what its features are made with."""

from cer.base import records
from cer.base.errors import BadInput
from cer.features import front_end
from cer.system.model_folder import AGAIN, MODEL


def computed_by(description):
    """The front end of a system whose frames are computed when they are read; None where feats.scp holds them."""
    told = description.get("features")
    if told is None or front_end(told["name"]).archived:
        return None
    return front_end(told["name"])(**told["options"])


def of_system(folder, description, rows):
    """The front end that makes a system's features from recordings, without noise: the same each time.

    folder: a run's; description: what its model.json says; rows: its Rows. Raises BadInput when the front end cannot
    be, or makes other features than the networks and the statistics are for.
    """
    path, told = folder / MODEL, description["features"]
    cls = front_end(told["name"])
    records.check(told["options"], records.of(cls), path, AGAIN, "features.options")
    try:
        found = cls(**told["options"] | dict.fromkeys(cls.noise, 0.0))
    except BadInput as error:
        raise BadInput(f"{path}: {error}; {AGAIN}") from None
    if found.dim != rows.feat_dim or abs(found.frame_seconds - rows.frame_shift) > 1e-6:
        raise BadInput(
            f"{path}: its front end makes {found.dim} columns every {found.frame_seconds:g} s, the features had"
            f" {rows.feat_dim} every {rows.frame_shift:g} s; {AGAIN}"
        )
    if {len(row) for row in description.get("global_cmvn", [])} - {rows.feat_dim + 1}:
        raise BadInput(
            f"{path}: global_cmvn: found rows of {len(description['global_cmvn'][0])} numbers, expected"
            f" {rows.feat_dim + 1}; {AGAIN}"
        )
    return found


def noisy(description):
    """The names of the front end's options that add noise and are on, in a system's description."""
    told = description["features"]
    return [name for name in front_end(told["name"]).noise if told["options"].get(name)]
