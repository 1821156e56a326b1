"""The front end of a trained system: it computes the system's features from recordings."""

from cer.base.errors import BadInput, MissingPackage
from cer.features import front_end
from cer.system.model_folder import AGAIN, MODEL


def computed_by(description):
    """Return the front end of a system that computes frames each time it reads; None if feats.scp stores the frames.

    description: content of model.json, a dict.
    """
    told = description.get("features")
    if told is None or front_end(told["name"]).archived:
        return None
    return front_end(told["name"])(**told["options"])


def of_system(folder, description, rows):
    """Create the front end that computes a system's features from recordings, without noise: repeatable.

    folder: of a run; description: content of its model.json; rows: its Rows. Raises BadInput when the options in
    model.json are invalid, or when the features do not fit the networks or the CMVN statistics.
    """
    path, told = folder / MODEL, description["features"]
    cls = front_end(told["name"])
    try:
        found = cls(**told["options"] | dict.fromkeys(cls.noise, 0.0))
    except MissingPackage:
        raise
    except BadInput as error:
        raise BadInput(f"{path}: {error}; {AGAIN}") from None
    if found.dim != rows.feat_dim or abs(found.frame_seconds - rows.frame_shift) > 1e-6:
        raise BadInput(
            f"{path}: its front end makes {found.dim} columns every {found.frame_seconds:g} s, the features had"
            f" {rows.feat_dim} every {rows.frame_shift:g} s; {AGAIN}"
        )
    statistics = description.get("global_cmvn", [])
    if {len(row) for row in statistics} - {rows.feat_dim + 1} or (statistics and not statistics[0][-1] >= 1):
        sizes = " and ".join(str(len(row)) for row in statistics)
        raise BadInput(
            f"{path}: global_cmvn: found rows of {sizes} numbers and a frame"
            f" count of {statistics[0][-1]:g}, expected {rows.feat_dim + 1} numbers each and 1 or more frames; {AGAIN}"
        )
    return found


def noisy(description):
    """List the front end's options that add noise and are not 0 in a system's description, a dict."""
    told = description["features"]
    return [name for name in front_end(told["name"]).noise if told["options"].get(name)]
