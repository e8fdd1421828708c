"""Display of one run, shared by the pages: its view, the stage's content, run bar, controls and inspector.

The loss chart is drawn by app/plots/loss.py (stage_content.py feeds it); the background thread is in
app/jobs.
"""
