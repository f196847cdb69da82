"""A kernel that knows nothing of its user: the same notebook gives the same outputs everywhere.

Start-up files, profiles, matplotlib settings and the progress of the user are shut out, one thread
does the linear algebra (sums in another order round differently), hashing is fixed, and progress
bars, which show the time, are off. The tests put nbval's kernels into the same environment
(conftest.py).
"""

import importlib.util
import os
import tempfile
import time
from pathlib import Path

import psutil  # ipykernel brings it
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
LONGEST_CELL = 600  # seconds


def environment(scratch: str | Path) -> dict[str, str]:
    """The environment variables of such a kernel; `scratch` is an empty folder for its profile."""
    matplotlib = importlib.util.find_spec("matplotlib").submodule_search_locations[0]
    fixed = {
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "TQDM_DISABLE": "1",
        "COURSE_RECORD": str(Path(scratch, "progress.json")),
        "IPYTHONDIR": str(scratch),
        "JUPYTER_CONFIG_DIR": str(scratch),
        "MATPLOTLIBRC": str(Path(matplotlib, "mpl-data", "matplotlibrc")),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    return os.environ | fixed


class Run:
    """One execution of a notebook.

    `cell` is the cell that was started last, counted from 1; `seconds` the time that all of it
    took; `memory` the most bytes that the kernel held after a cell. With `widgets` the notebook
    keeps the state of its widgets, so that figures live in an exported page.
    """

    def __init__(self, notebook: NotebookNode, *, widgets: bool = False):
        self.notebook, self.widgets = notebook, widgets
        self.cell, self.seconds, self.memory = 0, 0.0, 0

    def execute(self, folder: Path) -> None:
        """Run every code cell in `folder` and put the outputs into the notebook.

        Raises nbclient's CellExecutionError, CellTimeoutError or DeadKernelError.
        """
        # No folders to search: the kernel is this Python, whatever else is called python3 here.
        manager = AsyncKernelManager(
            kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
        )
        client = NotebookClient(
            self.notebook,
            km=manager,
            timeout=LONGEST_CELL,
            record_timing=False,
            store_widget_state=self.widgets,
            shutdown_kernel="immediate",
            extra_arguments=["--IPKernelApp.log_level=50"],  # its remarks on transport
            on_cell_execute=self._started,
            on_cell_executed=lambda **_: self._measure(manager.provisioner.pid),
        )
        start = time.perf_counter()
        # Not client.execute(): it catches Ctrl-C, and then trips over its own clean-up.
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
            client.setup_kernel(cleanup_kc=True, cwd=str(folder), env=environment(scratch)),
        ):
            for index, cell in enumerate(self.notebook.cells):
                client.execute_cell(cell, index)
            if self.widgets:
                client.set_widgets_metadata()
        self.seconds = time.perf_counter() - start

    def _started(self, cell: NotebookNode, cell_index: int) -> None:
        self.cell = cell_index + 1

    def _measure(self, process_id: int) -> None:
        self.memory = max(self.memory, psutil.Process(process_id).memory_info().rss)
