"""What each browser looked at: its last run, and the runs at work whose end it is to be told of.

Kept in the memory of the process by the hash of the browser's id, because a reload begins another session.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

MOST_BROWSERS, MOST_RUNS = 1000, 20


@dataclass
class _Browser:
    last: str = ""
    awaited: OrderedDict[str, None] = field(default_factory=OrderedDict)


class LookedAt:
    """Runs that browsers looked at; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._browsers: OrderedDict[str, _Browser] = OrderedDict()

    def look(self, browser: str, run_id: str, *, at_work: bool) -> None:
        """Note that a run is on screen: one at work is awaited from now on, of another its end is known."""
        with self._lock:
            self._browser(browser).last = run_id
        if at_work:
            self.expect(browser, run_id)
        else:
            self.forget(browser, run_id)

    def expect(self, browser: str, run_id: str) -> None:
        """Await the end of a run."""
        with self._lock:
            awaited = self._browser(browser).awaited
            awaited[run_id] = None
            awaited.move_to_end(run_id)
            while len(awaited) > MOST_RUNS:
                awaited.popitem(last=False)

    def forget(self, browser: str, run_id: str) -> None:
        """Await a run no longer."""
        with self._lock:
            self._browser(browser).awaited.pop(run_id, None)

    def last(self, browser: str) -> str:
        """Id of the run that was looked at last; empty where there was none."""
        with self._lock:
            return self._browser(browser).last

    def awaited(self, browser: str) -> tuple[str, ...]:
        """Ids of the runs whose end is awaited, or was not looked at yet; the newest first."""
        with self._lock:
            return tuple(reversed(self._browser(browser).awaited))

    def _browser(self, browser: str) -> _Browser:
        known = self._browsers.setdefault(browser, _Browser())
        self._browsers.move_to_end(browser)
        while len(self._browsers) > MOST_BROWSERS:
            self._browsers.popitem(last=False)
        return known


LOOKED_AT = LookedAt()
"""What the browsers of this process looked at."""
