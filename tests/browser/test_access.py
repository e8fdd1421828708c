"""The key, as browsers meet it: an address without it, foreign pages, the page that asks for it."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image
from playwright.sync_api import expect
from support.waiting import PATIENCE, until

from app import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOREIGN_PAGE = """<!doctype html><title>foreign</title>
<iframe src="{app}/runs" width="800" height="600"></iframe>
<img src="{app}/live/bar">
<a href="{app}/runs">Open the runs</a>
"""
# What a page on another port of this machine can try: the browser sends it the same cookies.
TRY = """async app => {
  const seen = {};
  const ask = (how, path, options) => fetch(app + path, {credentials: 'include', ...options})
    .then(answer => answer.type + ' ' + answer.status, () => 'failed').then(said => { seen[how] = said; });
  await ask('read', '/live/bar', {});
  await ask('write', '/_stcore/upload_file/a/b', {method: 'PUT', body: 'x'});
  await ask('form', '/_stcore/upload_file/a/b', {method: 'POST', mode: 'no-cors', body: 'x'});
  seen.websocket = await new Promise(resolve => {
    const socket = new WebSocket(app.replace('http', 'ws') + '/_stcore/stream', ['streamlit']);
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  });
  return seen;
}"""


@pytest.fixture(scope="module")
def app(app_without_runs):
    return app_without_runs


@pytest.fixture
def foreign_page(app):
    """Address of a page of another program on this machine, and the headers of what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(dict(self.headers))
            content = FOREIGN_PAGE.format(app=app.address).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A folder of six images of two classes."""
    folder = tmp_path_factory.mktemp("files") / "Pictures"
    for number in range(6):
        file = folder / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), 40 * number).save(file)
    return folder


@pytest.fixture
def known(app, chromium):
    """A browser that has shown the key; what its console says is of no interest."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(app.url)
    yield context
    context.close()


def shows_app(page):
    expect(page.get_by_role("link", name="Runs")).to_be_visible(timeout=PATIENCE * 1000)


def test_the_key_leaves_the_address_at_once_and_the_link_to_a_setup_works_without_it(app, open_page):
    page = open_page(f"{app.address}/?width=48")
    shows_app(page)
    assert "key=" not in page.url
    assert app.key not in page.content()
    assert page.evaluate("document.cookie").find("dm_explorer") == -1  # no script reads it
    page.goto(f"{app.address}/runs")
    shows_app(page)


def test_a_page_on_another_port_frames_nothing_reads_nothing_writes_nothing(app, known, foreign_page):
    page = known.new_page()
    answers = []
    page.on("response", lambda answer: answers.append((answer.url.removeprefix(app.address), answer.status)))
    page.goto(foreign_page[0])
    frame = next(frame for frame in page.frames if frame != page.main_frame)
    until(lambda: frame.url.startswith("chrome-error:"), "the browser shows nothing in the frame")
    assert ("/runs", 403) in answers  # the image's is kept from the page's process altogether
    assert page.evaluate("document.querySelector('img').naturalWidth") == 0
    assert page.evaluate(TRY, app.address) == {
        "read": "failed",
        "write": "failed",
        "form": "failed",
        "websocket": "refused",
    }
    page.get_by_role("link", name="Open the runs").click()
    shows_app(page)  # a link to the app is followed


def test_neither_the_key_nor_the_address_goes_to_another_page(app, known, foreign_page):
    page = known.new_page()
    page.goto(app.url)
    shows_app(page)
    address, asked = foreign_page
    page.evaluate("address => { location.href = address; }", address)
    page.wait_for_url(address)
    assert asked  # its own icon, too, with its own address as the referrer
    assert all(app.address not in headers.get("Referer", "") for headers in asked)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_without_the_key_a_page_asks_for_it_and_goes_on_where_the_link_led(app, chromium, theme):
    context = chromium.new_context(color_scheme=theme, viewport={"width": 390, "height": 700})
    page = context.new_page()
    assert page.goto(f"{app.address}/?width=48").status == 403
    expect(page.get_by_role("heading")).to_have_text("This app is for the person who started it")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    field = page.get_by_label("Address or key")
    field.fill("a wrong one")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_contain_text("not the key of this server")
    field.fill(app.key)
    page.get_by_role("button", name="Open").click()
    page.wait_for_url(f"{app.address}/watch?width=48")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=PATIENCE * 1000)
    context.close()


def test_a_server_without_the_key_shows_nothing_but_how_to_start(serve_script, open_page):
    page = open_page(serve_script(ROOT / "app" / "main.py"))
    expect(page.get_by_test_id("stAlert")).to_contain_text("dm-explorer", timeout=PATIENCE * 1000)
    assert page.get_by_role("link", name="Runs").count() == 0


@pytest.mark.parametrize("place", ["?dataset=", "architectures?table3_data="])
def test_a_path_in_the_address_is_read_after_a_click_and_a_typed_one_at_once(visit, pictures, place):
    waits = "Nothing there has been read yet"
    read = re.compile(r"[0-9] (training )?images of (2 classes|8×8)")
    page = visit(f"{place}{pictures}")
    expect(page.get_by_text(waits)).to_be_visible(timeout=PATIENCE * 1000)
    page.reload()
    expect(page.get_by_text(waits)).to_be_visible(timeout=PATIENCE * 1000)
    page.get_by_role("button", name="Read this folder or zip").click()
    expect(page.get_by_text(read)).to_be_visible(timeout=PATIENCE * 1000)
    other = visit(place.partition("?")[0] or "?setup=open")
    field = other.get_by_role("combobox", name="Data set")
    field.click(timeout=PATIENCE * 1000)
    field.fill(str(pictures))
    field.press("Enter")
    expect(other.get_by_text(read)).to_be_visible(timeout=PATIENCE * 1000)
    expect(other.get_by_text(waits)).to_have_count(0)
