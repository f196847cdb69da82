"""A notebook as an exported page: its scripts are npm's, beside it; no kernel, no other host."""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import anywidget
import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from scripts import script

from course_lib.stage.packages import REQUIRE, WIDGETS

ROOT = Path(__file__).resolve().parents[2]


def executed(*sources):
    """A notebook of these cells, run, with the state of its widgets in it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    NotebookClient(notebook, kernel_name="python3", store_widget_state=True).execute(cwd=ROOT)
    return notebook


def write_page(notebook, folder, theme="light"):
    """Export the notebook as a page in `folder` and put beside it the scripts that it asks for."""
    folder.mkdir(exist_ok=True)
    for package, path in ((REQUIRE, "require.js"), (WIDGETS, "dist/embed-amd.js")):
        (folder / Path(path).name).write_text(script(package, path), encoding="utf-8")
    extension = Path(anywidget.__file__).parent / "nbextension" / "index.js"
    shutil.copy(extension, folder / "anywidget.js")
    (folder / "favicon.ico").touch()  # browsers ask for one
    exporter = HTMLExporter(
        theme=theme,
        require_js_url="require.js",
        widget_renderer_url="embed-amd.js",
        jquery_url="data:text/javascript,",
        mathjax_url="data:text/javascript,",
    )
    page, _ = exporter.from_notebook_node(notebook)
    (folder / f"{theme}.html").write_text(page, encoding="utf-8")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def serve(folder):
    """A server of `folder` on this machine alone, in a thread; its address is in `.address`."""
    handler = functools.partial(Quiet, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
