"""Chapter 1 while a run is computed: it stands still for the short training, says why, and goes on."""

import pytest
from playwright.sync_api import expect
from support.servers import with_key

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
WAITS = "waiting for a short test"


def test_a_run_stands_still_for_the_short_training_and_goes_on(start_app, tmp_path, profile):
    app = start_app(tmp_path / "runs")
    watching, learning = profile.new_page(), profile.new_page()
    watching.goto(with_key(app.address))
    watching.get_by_role("button", name="Watch it happen here").click(timeout=PATIENCE)
    expect(watching.get_by_text("running", exact=True).first).to_be_visible(timeout=2 * PATIENCE)
    learning.goto(with_key(f"{app.address}/how_it_works?chapter=what-is-asked-for&guess=10"))
    learning.get_by_role("button", name="Train both here").click(timeout=PATIENCE)
    expect(learning.get_by_text(WAITS, exact=True)).to_be_visible(timeout=PATIENCE)
    expect(watching.get_by_text(WAITS, exact=True).first).to_be_visible(timeout=PATIENCE)
    expect(learning.get_by_text("trained here:")).to_have_count(2, timeout=3 * PATIENCE)
    for page in (learning, watching):
        expect(page.get_by_text(WAITS, exact=True)).to_have_count(0, timeout=PATIENCE)
        expect(page.get_by_text("running", exact=True).first).to_be_visible(timeout=PATIENCE)
        page.close()
