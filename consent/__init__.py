"""Who allowed what, for which purpose, until when; and the proof of it [5.1.6]. Pure: no clock, no network."""
