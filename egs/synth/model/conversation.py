"""The conversation: turns, phrases and pauses, which depend on the current vocal expression (section 3)."""

import numpy as np

from .parameters import LABEL_RATE, TALK
from .score import Score
from .speaker import cue
from .syllables import draw_durations, draw_phones

FIRST_TURN = 2.0  # latest start, s
LAST_START = 0.3  # no syllable starts later than this before the end, s
FEWEST_SYLLABLES, MORE_SYLLABLES = 3, 5  # per phrase: minimum, and mean number above it
ACCENT_EVERY, ACCENT_SHARE = 3, 0.4  # syllables until an accent is possible, and its probability then
PHRASE_FINAL, ACCENTED, PLAIN = 1.45, 1.2, 0.93  # lengthening of syllables
ACCENT_LEVEL = 1.0  # dB
BACKCHANNEL_SYLLABLE, BACKCHANNEL_TONE = 0.2, 1.5  # s; semitones, spread
SECOND_SYLLABLE = 0.4  # share of the backchannels that have one


def converse(rng, speaker, expression):
    """Return the Score of a conversation with the length of the vocal expression, (2, T) at 25 Hz."""
    conversation = _Conversation(rng, speaker, expression)
    time, own = rng.uniform(0, FIRST_TURN), rng.random_sample() < 0.5
    while time < conversation.end:
        time = conversation.own_turn(time) if own else conversation.partner_turn(time)
        own = not own
    return conversation.score


class _Conversation:
    """Draws who speaks when. Methods with a duration take their start time and return their end time, in seconds."""

    def __init__(self, rng, speaker, expression):
        self.rng, self.speaker, self.expression = rng, speaker, expression
        self.score = Score(expression.shape[1] / LABEL_RATE)
        self.end = self.score.seconds - LAST_START

    def own_turn(self, time):
        """The recorded person speaks: phrases with pauses between them."""
        length = self.speaker.turn * self.lognormal(TALK.own_turn) * np.exp(self.cue("turn", time))
        turn_end = time + max(TALK.shortest_turn, length)
        while time < min(turn_end, self.end):
            time = self.phrase(time, turn_end)
            time += self.lognormal(TALK.pause) * np.exp(self.cue("pause", time))
        return time

    def partner_turn(self, time):
        """The partner speaks, unheard; the recorded person sometimes adds a backchannel."""
        turn_end = time + self.lognormal(TALK.partner_turn) * np.exp(-self.cue("turn", time))
        while time < min(turn_end, self.end):
            time += self.rng.exponential(TALK.backchannel_gap)
            if time < min(turn_end, self.end):
                time = self.backchannel(time)
        return turn_end

    def backchannel(self, time):
        """One or two soft syllables."""
        for _ in range(1 + (self.rng.random_sample() < SECOND_SYLLABLE)):
            tone = self.rng.normal(0, BACKCHANNEL_TONE)
            time = self.syllable(time, BACKCHANNEL_SYLLABLE, tone, TALK.backchannel_level, accented=False)
        return time

    def phrase(self, time, turn_end):
        """A phrase: its pitch declines, some of its syllables carry an accent, the last one always."""
        count = FEWEST_SYLLABLES + self.rng.poisson(MORE_SYLLABLES)
        unaccented = 0
        for number in range(count):
            if time >= self.end:
                break
            final = number == count - 1
            accented = self.accent(final, unaccented)
            unaccented = 0 if accented else unaccented + 1
            ends_turn = final and time > turn_end
            tone = self.tone(time, number / (count - 1), accented, ends_turn)
            duration = self.duration(time, PHRASE_FINAL if final else ACCENTED if accented else PLAIN)
            level = (ACCENT_LEVEL if accented else 0.0) + self.rng.normal(0, TALK.level_spread)
            time = self.syllable(time, duration, tone, level, accented)
        return time

    def accent(self, final, unaccented):
        """Whether a syllable is accented, after so many unaccented ones."""
        return final or (unaccented + 1 >= ACCENT_EVERY and self.rng.random_sample() < ACCENT_SHARE)

    def tone(self, time, position, accented, ends_turn):
        """A syllable's pitch (semitones) at a position from 0 to 1 in its phrase."""
        tone = TALK.declination * (0.5 - position) + self.rng.normal(0, TALK.tone_spread)
        if ends_turn:
            tone -= TALK.turn_fall
        elif accented:
            tone += TALK.accent_rise
        return self.speaker.range * np.exp(self.cue("range", time)) * tone

    def duration(self, time, lengthening):
        """A syllable's duration (s)."""
        rate = TALK.syllable_rate * self.speaker.rate * np.exp(self.cue("rate", time))
        return np.exp(self.rng.normal(0, TALK.syllable_spread)) / rate * lengthening

    def syllable(self, time, duration, tone, level, accented):
        """Utter a syllable."""
        phones = draw_phones(self.rng)
        durations = draw_durations(self.rng, phones, duration, accented)
        self.score.add_syllable(time, phones, durations, tone, level)
        return time + duration

    def cue(self, name, time):
        """A cue's deviation at a time (s)."""
        moment = min(int(time * LABEL_RATE), self.expression.shape[1] - 1)
        return cue(name, self.speaker, self.expression[:, moment])

    def lognormal(self, median):
        """A length (s) drawn about its median."""
        return self.rng.lognormal(np.log(median), TALK.spread)
