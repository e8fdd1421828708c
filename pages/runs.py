"""Runs: everything on disk, whoever wrote it."""

from app.views.runs.page import show_runs

show_runs()
