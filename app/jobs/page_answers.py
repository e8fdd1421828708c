"""Services of the answers that this process computes for pages: classifiers, embeddings, nearest images."""

from app.answers.service import Answers
from app.answers.singleton import Singleton
from app.jobs.manager import hold_job, is_computing

get_page_answers = Singleton(lambda: Answers("answers", is_computing, hold_job=hold_job))
"""The service of this process; what is `after_job` lets the background thread's job go first, or holds it."""

get_image_readings = Singleton(lambda: Answers("reading"))
"""The service that reads folders of images, a folder in one piece: the other answers do not wait for it."""
