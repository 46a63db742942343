"""``walesi calibrate``: worlds like a study, whose truth is known, asked the questions of the study."""
