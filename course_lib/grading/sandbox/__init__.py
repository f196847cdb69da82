"""Where a submission runs: it cannot read an answer, nor reach anything, nor outlive its turn.

`places.py` says what can be seen of the machine; `bubblewrap.py` builds the outer wall, `guards.py`
the inner one (`kernel.py`, `landlock.py`, `seccomp.py`); `worker.py` forks a job for each
submission, `job.py` and `cells.py` run it, `link.py` and `talking.py` carry what comes of it.
`marker.py` is the other end. `bare.py` does without walls.
"""

from .bare import Bare
from .guards import Guards, possible
from .marker import Sandbox
from .talking import Broken, End, Unavailable

__all__ = ["Bare", "Broken", "End", "Guards", "Sandbox", "Unavailable", "possible"]
