"""The phones of French: formant targets, durations and frequencies of occurrence (approximate, for babble)."""

from typing import NamedTuple

SILENT = -99.0  # dB: a source that is off
STOP, FRICATIVE, NASAL, LIQUID = "stop", "fricative", "nasal", "liquid"


class Vowel(NamedTuple):
    """A vowel: formants in Hz, whether nasal, relative frequency of occurrence, duration in ms."""

    formants: tuple
    nasal: bool
    weight: float
    duration: float = 90.0


class Consonant(NamedTuple):
    """A consonant: levels of its sources in dB, band of its noise in Hz and octaves, the rest as for a vowel."""

    voicing: float
    frication: float
    centre: float
    width: float
    formants: tuple
    duration: float
    manner: str
    weight: float


VOWELS = {  # SAMPA-like letters; 5, A and 3 are the nasal vowels of vin, vent and vont
    "i": Vowel((280, 2250, 3000), False, 0.11),
    "e": Vowel((370, 2050, 2650), False, 0.13),
    "E": Vowel((550, 1750, 2550), False, 0.12),
    "a": Vowel((700, 1350, 2500), False, 0.18),
    "O": Vowel((520, 1070, 2510), False, 0.05),
    "o": Vowel((380, 840, 2560), False, 0.05),
    "u": Vowel((290, 750, 2300), False, 0.05),
    "y": Vowel((270, 1870, 2200), False, 0.05),
    "2": Vowel((380, 1480, 2280), False, 0.04),
    "@": Vowel((450, 1450, 2450), False, 0.10),
    "5": Vowel((600, 1500, 2500), True, 0.04),
    "A": Vowel((650, 1000, 2500), True, 0.05),
    "3": Vowel((450, 800, 2500), True, 0.03),
}

CONSONANTS = {
    "p": Consonant(SILENT, SILENT, 900, 1.2, (300, 900, 2300), 85, STOP, 0.08),
    "t": Consonant(SILENT, SILENT, 4500, 0.7, (300, 1750, 2700), 85, STOP, 0.10),
    "k": Consonant(SILENT, SILENT, 1900, 0.5, (300, 1900, 2300), 90, STOP, 0.08),
    "b": Consonant(-16, SILENT, 800, 1.2, (250, 900, 2300), 70, STOP, 0.04),
    "d": Consonant(-16, SILENT, 4200, 0.7, (250, 1700, 2700), 65, STOP, 0.08),
    "g": Consonant(-16, SILENT, 1800, 0.5, (250, 1900, 2300), 70, STOP, 0.03),
    "f": Consonant(SILENT, -24, 5000, 1.5, (350, 1000, 2400), 105, FRICATIVE, 0.04),
    "s": Consonant(SILENT, -12, 6000, 0.45, (320, 1600, 2600), 110, FRICATIVE, 0.11),
    "S": Consonant(SILENT, -13, 3200, 0.45, (320, 1800, 2500), 110, FRICATIVE, 0.02),
    "v": Consonant(-12, -30, 4500, 1.5, (300, 1000, 2400), 70, FRICATIVE, 0.04),
    "z": Consonant(-14, -20, 6000, 0.45, (300, 1600, 2600), 80, FRICATIVE, 0.03),
    "Z": Consonant(-14, -20, 3200, 0.45, (300, 1800, 2500), 80, FRICATIVE, 0.03),
    "m": Consonant(-8, SILENT, 1000, 1, (260, 1000, 2300), 70, NASAL, 0.07),
    "n": Consonant(-8, SILENT, 1000, 1, (260, 1500, 2600), 65, NASAL, 0.06),
    "l": Consonant(-5, SILENT, 1000, 1, (350, 1400, 2700), 60, LIQUID, 0.09),
    "R": Consonant(-9, -22, 1300, 0.8, (500, 1200, 2400), 65, LIQUID, 0.09),
    "j": Consonant(-5, SILENT, 1000, 1, (280, 2200, 2900), 55, LIQUID, 0.03),
    "w": Consonant(-5, SILENT, 1000, 1, (300, 750, 2300), 55, LIQUID, 0.03),
}
