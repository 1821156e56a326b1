"""The generative model of the open corpus: from a hidden emotion to a recording and six annotators' ratings of it.

The output is SYNTHETIC BABBLE in the format of RECOLA's original release. It can test software and methods for
continuous emotion recognition; it says nothing about real emotion, real speech or real annotators. The parameters were
chosen once, for plausible label statistics and cue strengths, and frozen; they are never tuned to favour a system.

Dimension d is arousal or valence. Hidden tracks run at 25 Hz. OU(tau) is a Gaussian AR(1) process of variance 1 and
time constant tau; LP_tau is a one-pole low-pass (a leaky integrator). Pairs are (arousal, valence).

1. Emotion (emotion.py): what the person feels, a sum of four parts, gently limited to +-2.5:

       x_d = 2.5 tanh((sqrt(.02) m_d + sqrt(.40) S_d + sqrt(.35) Q_d + sqrt(.23) E_d) / 2.5)

   m is one N(0, 1) value per recording; S a slow mood, OU(20, 25 s); Q a fast one, OU(3, 4 s); E the response to events
   that occur every 25 s on average, each of N(0, 1) size and shape (1 - exp(-t / 0.5 s)) exp(-t / 3 s). The draws of
   arousal and valence have a correlation of .3.

2. Expression (emotion.py): voice and face show the emotion, each with its own slow error:

       v_d = x_d + (.4, .8) OU(4 s)    voice        f_d = x_d + (.4, .4) OU(4 s)    face

   The face does not affect the audio, but the raters see it, as RECOLA's raters saw a video.

3. Conversation (conversation.py, syllables.py, score.py): the recorded person and an unheard partner take turns. Turns
   have log-normal lengths (median 4.5 s own, 3.5 s partner) and hold phrases of 3 + Poisson(5) syllables between
   log-normal pauses (median .32 s); short backchannels fall into the partner's turns. A syllable is (C)(C)V(C) over the
   13 vowels and 18 consonants of French (phones.py), uttered with phrase accents, a declination and a falling end of
   turn. s(t) is 1 while the person speaks, 0 otherwise.

4. Voice (speaker.py, voice.py, tract.py): nine cues k follow the vocal expression, relative to the speaker's own level:

       cue_k = g_k a_k v_arousal + b_k v_valence,    g_k log-normal, .2, one per speaker and cue

   with a_k and b_k in `parameters.CUES`: loudness, pitch, its range, spectral tilt, speaking rate, pauses, turns,
   breath and formants (a smile shortens the vocal tract). A source-filter synthesiser turns the cues into sound:
   pulses with jitter and shimmer through a spectral tilt, five formants and lip radiation, plus noise for breath and
   fricatives. The room (room.py) adds reverberation, coloured noise, clicks and a microphone's frequency response.

5. Perception (perception.py): a causal average of voice and face; the voice has weight mainly while the person speaks:

       q_d = LP[w_d max(s, .02) v_d + u_d f_d] / LP[w_d max(s, .02) + u_d] + beta_d LP[(s - mean s) / sd s]

   with tau = (1.5, 2.0) s, voice w = (.85, .4), face u = (.15, .6), beta = (1, 0): talking itself looks aroused.

6. Ratings (raters.py): rater r follows q with a lag, noise, a bias, and a slider with a dead band and inertia:

       y_r = round M2[D(c_d (g_r q_d(t - l_r) + .9 (sqrt(.75) OU(10 s) + sqrt(.25) OU(1.5 s))) + o_d + b_r + b_r,rec)]

   c = (.19, .14); lag l uniform in 1.0 .. 3.5 s; gain g log-normal, .25; bias b ~ N(0, (.12, .07)), b_r,rec ~
   N(0, (.05, .03)); o = (0, .08); D a dead band of .02; M2 two LP of .25 s; rounded to .01, clipped to [-1, 1]. A rater
   keeps g, l and b over the whole corpus. The delay from an emotion to its rating is about l + tau + .5 s: 3 to 6 s.

The gold standard is not part of the model: it is computed from the ratings, as for RECOLA.
"""
