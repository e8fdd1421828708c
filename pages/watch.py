"""Watch: condense a data set and see its images change."""

from app.watch import show_watch

show_watch()
