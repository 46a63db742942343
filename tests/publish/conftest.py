"""The sample site, built once, and a browser that listens to what a page asks for and complains of."""

import pytest

from tests.publish import sample_site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Folder of the sample site, with the files that a run puts beside it."""
    folder = tmp_path_factory.mktemp("site")
    sample_site.build(folder)
    for name in ("findings.json", "manifest.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def visit_file(browser):
    """Open a page by its file; its ``requests`` and ``faults`` are what it asked for and complained of."""
    contexts = []

    def open_page(file, width=390, **options):
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        page.requests, page.faults = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.faults.append(message.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on("dialog", lambda dialog: page.faults.append(dialog.message))
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
