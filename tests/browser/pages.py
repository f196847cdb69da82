"""Pages of JupyterLab in a browser, watched for errors and for requests to other machines."""

import contextlib

import nbformat


@contextlib.contextmanager
def notebooks(lab, chromium, **options):
    """A function that opens cells as a notebook, runs all of them, and returns the page.

    Afterwards: the console has shown no error, and nothing outside this machine was asked for.
    """
    address, folder = lab
    problems = []
    context = chromium.new_context(**options)

    def open_cells(*sources):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        name = f"lesson{len([*folder.iterdir()])}.ipynb"  # a kernel belongs to a name
        nbformat.write(notebook, folder / name)
        page = context.new_page()
        watch(page, address, problems)
        page.goto(f"{address}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook", timeout=60_000)
        page.wait_for_selector("text=| Idle", timeout=60_000)
        page.click('text="Run"')
        page.click('text="Run All Cells"')
        count = len(sources)
        page.wait_for_selector(f'.jp-InputPrompt:has-text("[{count}]:")', timeout=60_000)
        return page

    yield open_cells
    context.close()
    assert problems == []


def watch(page, address, problems):
    """Put into `problems` each error on the console and each request to another host."""
    page.on("console", lambda message: _note_error(message, problems))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: _note_host(request.url, address, problems))


def _note_error(message, problems):
    # A widget without its kernel is no fault of the page: it says so in the widget's place.
    if message.type == "error" and "widget model not found" not in message.text:
        problems.append(message.text)


def _note_host(url, address, problems):
    if not url.startswith((address, "data:", "blob:", address.replace("http", "ws"))):
        problems.append(f"asked for {url}")
