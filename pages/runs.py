"""Runs: everything on disk, whoever wrote it."""

from app.runs_view import show_runs

show_runs()
