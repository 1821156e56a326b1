"""Worlds: the model with some other constants, to test why something holds on the open corpus, instead of supposing it.

Results of different worlds are results on different corpora. The open corpus is the world `plain`.
"""

from .parameters import CUES, EXPRESSION, JUDGEMENT, PERCEPTION, Cue

NO_LAG = (vars(JUDGEMENT), {"lag": (0.0, 0.0)})
NO_INTEGRATION = [(vars(PERCEPTION), {"tau": (0.1, 0.1)}), (vars(JUDGEMENT), {"motor_tau": 0.02})]

WORLDS = {  # name -> what to change: (constants, their new values)
    "plain": [],
    "no_lag": [NO_LAG],
    "no_integration": NO_INTEGRATION,  # raters judge the moment, and their hand follows at once
    "instant": [NO_LAG, *NO_INTEGRATION],
    "no_noise": [(vars(JUDGEMENT), {"noise": 0.0})],
    "noise": [(vars(JUDGEMENT), {"noise": 1.8})],  # twice as much
    "clear_valence": [  # voices show valence as surely as arousal, by cues twice as strong; raters trust both alike
        (vars(EXPRESSION), {"voice_error": (0.4, 0.4)}),
        (vars(PERCEPTION), {"voice_weight": (0.85, 0.85), "face_weight": (0.15, 0.15)}),
        (CUES, {name: Cue(cue.arousal, 2 * cue.valence) for name, cue in CUES.items()}),
    ],
    "no_talking": [(vars(PERCEPTION), {"talking": (0.0, 0.0)})],  # talking alone does not look aroused
}


def enter(world):
    """Make this process a world: the model's constants, which its modules share, get new values. No way leads back."""
    for constants, values in WORLDS[world]:
        constants.update(values)
