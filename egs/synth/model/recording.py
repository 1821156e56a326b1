"""One recording: a participant in a conversation, what the microphone hears and what the raters write."""

from dataclasses import dataclass

import numpy as np

from .conversation import converse
from .emotion import express, feel
from .parameters import AUDIO_RATE, LABEL_RATE
from .perception import perceive
from .raters import rate
from .room import record
from .score import Score
from .speaker import Speaker, draw_speaker
from .streams import stream
from .voice import speak

FULL_SCALE = 32767


@dataclass(frozen=True)
class Scene:
    """The hidden variables of a recording of T label frames at 25 Hz, which the corpus does not contain."""

    speaker: Speaker
    emotion: np.ndarray  # x (2, T)
    voice: np.ndarray  # v (2, T)
    face: np.ndarray  # f (2, T)
    score: Score
    speaking: np.ndarray  # s (T,)
    perceived: np.ndarray  # q (2, T)


def draw_scene(seed, slot, index, seconds):
    """Draw the Scene of the index-th recording from the random streams of `slot`, e.g. train_1."""
    length = seconds * LABEL_RATE + 1  # both ends
    speaker = draw_speaker(stream(seed, slot, "speaker"), index)
    emotion = feel(stream(seed, slot, "latent"), length)
    voice, face = express(stream(seed, slot, "expr"), emotion)
    score = converse(stream(seed, slot, "plan"), speaker, voice)
    speaking = score.speaking_at_labels(length)
    return Scene(speaker, emotion, voice, face, score, speaking, perceive(voice, face, speaking))


def hear(seed, slot, scene):
    """The recording's samples: int16 (N,) at 16 kHz."""
    length = (len(scene.speaking) - 1) * AUDIO_RATE // LABEL_RATE
    speech = speak(stream(seed, slot, "synth"), scene.speaker, scene.score, scene.voice, length)
    signal = record(stream(seed, slot, "room"), scene.speaker, speech, scene.score)
    return np.clip(np.round(signal * FULL_SCALE), -FULL_SCALE - 1, FULL_SCALE).astype("<i2")


def make(seed, slot, index, seconds):
    """A recording: its samples, int16 (N,), and its ratings, (2, 6, T)."""
    scene = draw_scene(seed, slot, index, seconds)
    return hear(seed, slot, scene), rate(seed, slot, scene.perceived)
