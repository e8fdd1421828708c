"""Watch: condense a data set and see its images change."""

from app.views.watch.page import show_watch

show_watch()
