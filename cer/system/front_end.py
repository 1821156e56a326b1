"""The front end of a trained system: it computes the system's features from recordings."""

from pathlib import Path

from cer.base.errors import BadInput, MissingPackage, warn
from cer.base.facts import others_made
from cer.features import front_end, names, options_of
from cer.system.model_folder import AGAIN, MODEL


def computed_by(description):
    """Return the front end of a system that computes frames each time it reads; None if feats.scp stores the frames.

    description: content of model.json, a dict.
    """
    told = description.get("features")
    if told is None or front_end(told["name"]).archived:
        return None
    return front_end(told["name"])(**told["options"])


def config_of(data, consequence=None):
    """Find the configuration of the front end that made a data directory's features: <data>/conf/<front end>.conf.

    Returns its path; None if there is none, or if feats.scp names archives that stage 1 did not make. If the caller
    says what follows from such archives (consequence: text), a warning tells it. Raises BadInput for several
    configurations.
    """
    found = [path for name in names() if (path := Path(data) / "conf" / f"{name}.conf").exists()]
    if len(found) > 1:
        raise BadInput(
            f"{data}/conf: found {' and '.join(path.name for path in found)}, expected only the configuration of the"
            " front end that made feats.scp; remove the other"
        )
    if not found:
        return None
    config = found[0]
    if not others_made(Path(data) / f".done.{config.stem}", Path(data) / "feats.scp", config):
        return config
    if consequence:
        warn(
            f"{data}/feats.scp: found archives that steps/make_feats.sh did not make, beside {config}, which it"
            f" wrote: {consequence}; call it again for features of that configuration"
        )
    return None


def told_by(data, consequence=None):
    """Return the front end that made a data directory's features, as model.json stores it: {name, options}, a dict.

    Returns (None, None) if the directory does not say it; (None, the first unknown option) if another program, such as
    Kaldi's, made the features with an option that the front end does not have. consequence: as in config_of.
    """
    config = config_of(data, consequence)
    if config is None:
        return None, None
    options, unknown = options_of(config.stem, config)
    return (None, unknown) if unknown else ({"name": config.stem, "options": options}, None)


def expect_same(data, told):
    """Raise BadInput if a data directory says that its features were made otherwise than those of the training.

    told: {name, options}; None: unknown. Options that add noise or permit an input may differ.
    """
    found = told and told_by(data, "nothing tells whether they are like those of the training")[0]
    if not found:
        return
    made, expected = ({"features": one["name"]} | one["options"] for one in (found, told))
    cls = front_end(told["name"])
    for name in expected:  # the front end's name first
        if name not in (*cls.noise, *cls.permits) and made.get(name) != expected[name]:
            raise BadInput(
                f"{config_of(data)}: found features made with {name}={made.get(name)}, expected {name}={expected[name]}"
                " as in the training data; make them with the same configuration (stage 1)"
            )


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
