"""The content security policy holds in a real browser, and the watch that says so has teeth."""

import pytest

INLINE_SCRIPT = "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
INLINE_STYLE = "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')"
FOREIGN_IMAGE = "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/pixel.png'}))"


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/admin/", "/no-such-page/"])
def test_pages_for_visitors_raise_no_report(page, site, watch, path):
    """What everybody can open loads scripts, styles and pictures from the site alone, with nothing on the console."""
    watch.expect("404 (Not Found)")
    page.goto(site + path)
    assert page.locator("main").count() == 1
    assert page.title()


def test_an_injected_script_does_not_run(page, site, watch):
    """A script that somebody smuggles into a page is not executed, and the browser reports it."""
    page.goto(site + "/accounts/sign-in/")
    page.evaluate(INLINE_SCRIPT)
    page.wait_for_timeout(100)
    assert page.evaluate("window.ran") is None
    assert any("script-src" in line for line in watch.unexpected())
    watch.expect("")


@pytest.mark.parametrize(("attempt", "reported"), [(INLINE_STYLE, "style-src"), (FOREIGN_IMAGE, "img-src")])
def test_the_watch_sees_what_it_must(page, site, watch, attempt, reported):
    """Inline styles and pictures from elsewhere are reported, so a green browser test means that there were none."""
    page.goto(site + "/accounts/sign-in/")
    page.evaluate(attempt)
    page.wait_for_timeout(100)
    assert any(reported in line for line in watch.unexpected())
    watch.expect("")
