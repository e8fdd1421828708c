"""The coloured marks before verdicts, as Markdown."""

MARKS = {"holds": ":green[●]", "reversed": ":red[●]", "not resolved": ":gray[●]"}
