"""Template tags and the frame: what other pages build on."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.template import engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

from reporting.templatetags.ui import MESSAGE_TONES, TONE_ICONS, initials
from reporting.tiles import Tile, Trend

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/vendor/icons.svg").read_text()))


def rendered(source: str, **context: Any) -> str:
    """What a template with our tags prints."""
    return engines["django"].from_string("{% load ui %}" + source).render(context)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_keep_the_content_security_policy(path: Path) -> None:
    """No template has an inline script, an inline style, an event attribute or another origin; programs for e-mail read
    no style sheets, so that the styles of a message stand in it."""
    source = path.read_text()
    if path.parent.name == "mail":
        source = re.sub(r'\sstyle="[^"]*"', "", source)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_name_only_icons_that_exist(path: Path) -> None:
    """An icon that is missing from the sprite would be an empty square."""
    named = set(re.findall(r'{% icon "([\w-]+)"', path.read_text()))
    assert named <= SPRITE


def test_the_sprite_is_made_of_the_list() -> None:
    """The committed sprite holds exactly the icons of bin/icons.txt, and every tone has one."""
    lines = (ROOT / "bin/icons.txt").read_text().splitlines()
    assert {line for line in lines if line and not line.startswith("#")} == SPRITE
    assert set(TONE_ICONS.values()) <= SPRITE


def test_style_sheets_name_only_files_that_exist() -> None:
    """Every url() of our style sheets resolves, or production could not build its manifest of static files."""
    stock = Path(admin.__file__).parent / "static"
    for sheet in (ROOT / "static/css").glob("*.css"):
        for target in re.findall(r'url\("([^"]+)"\)', sheet.read_text()):
            assert (sheet.parent / target).resolve().is_file() or (stock / target.removeprefix("../")).is_file(), target


def test_light_and_dark_text_is_readable() -> None:
    """Text keeps 4.5:1 on every ground it stands on, edges of controls 3:1, in light and in dark (WCAG 2.2 AA)."""
    tokens = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (ROOT / "static/css/tokens.css").read_text())
    for mode in (1, 2):
        colours = {token[0]: token[mode] for token in tokens}
        grounds = [colours[name] for name in ("canvas", "surface", "sunken", "raised")]
        for name in ("ink", "ink-soft", "ink-faint", "brand", "brand-strong", "ok", "warn", "danger", "info"):
            assert min(contrast(colours[name], ground) for ground in grounds) >= 4.5, (name, mode)
        for tone in ("ok", "warn", "danger", "info", "pending", "neutral"):
            assert contrast(colours[tone], colours[f"{tone}-wash"]) >= 4.5, (tone, mode)
        assert contrast(colours["on-brand"], colours["brand"]) >= 4.5
        assert contrast(colours["brand-strong"], colours["selected"]) >= 4.5
        assert contrast(colours["line-strong"], colours["surface"]) >= 3


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_pill_has_icon_and_word() -> None:
    """A state is told by word and icon, the word is escaped, and a tone that does not exist is refused."""
    html = rendered("{% pill 'danger' label %}", label="Over <10>")
    assert "#alert-octagon" in html
    assert "Over &lt;10&gt;" in html
    with pytest.raises(KeyError):
        rendered("{% pill 'purple' 'x' %}")


def test_an_icon_is_decoration_unless_labelled() -> None:
    """Screen readers skip an icon beside a word and read one that stands alone."""
    assert 'aria-hidden="true"' in rendered("{% icon 'plus' %}")
    labelled = rendered("{% icon 'plus' 'Add' %}")
    assert 'role="img" aria-label="Add"' in labelled
    assert "aria-hidden" not in labelled


def test_a_tile_says_when_and_leads_to_its_rows() -> None:
    """A figure is a link to its rows, carries its instant, and its trend says in colour what it says in words."""
    tile = Tile(
        label="Open violations",
        value="3",
        href="/violations/",
        tone="danger",
        trend=Trend(text="+1 this week", direction="up", good=False),
        as_of=datetime(2026, 5, 12, 9, 30, tzinfo=UTC),
    )
    html = rendered("{% kpi_row tiles %}", tiles=[tile])
    assert '<a href="/violations/" class="kpi kpi--danger">' in html
    assert 'datetime="2026-05-12T09:30:00+00:00"' in html
    assert "12 May 2026, 09:30 UTC" in html
    assert "trend--bad" in html
    assert html.count("</a>") == 1


def test_no_tiles_no_strip() -> None:
    """An admin list without figures has no empty strip."""
    assert "kpi-row" not in rendered("{% kpi_row tiles %}", tiles=None)


def test_figures_follow_the_language() -> None:
    """1,284.50 euro in English is 1.284,50 in German; so are counts and shares."""
    source = "{% money amount 'EUR' %}|{{ count|number }}|{{ ratio|share }}|{{ none|number }}"
    context = {"amount": Decimal("1284.50"), "count": 48210, "ratio": 0.875, "none": None}
    with translation.override("en"):
        assert rendered(source, **context) == "€1,284.50|48,210|88%|–"
    with translation.override("de"):
        assert rendered(source, **context).replace("\xa0", " ") == "1.284,50 €|48.210|88 %|–"


def test_a_meter_over_its_maximum_is_full_and_says_so() -> None:
    """110 of 100 fills the bar and is written as it is."""
    html = rendered("{% meter 110 100 'LumenCAD' 'danger' %}")
    assert '<progress max="100" value="100" aria-label="LumenCAD">' in html
    assert "110 / 100" in html


def test_every_message_level_has_a_tone() -> None:
    """Messages of django.contrib.messages become notes with an icon."""
    assert set(MESSAGE_TONES.values()) <= set(TONE_ICONS)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mira Holt", "MH"),
        ("mira.holt@halden.example", "mh"),
        ("mira@halden.example", "m"),
        ("Ana de la Vega", "AV"),
        ("", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    """Two letters of first and last name, one where there is one word, none where there is none."""
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "429.html", "500.html"])
def test_error_pages_need_nothing(name: str) -> None:
    """An error page prints without request, session and database: it is needed most when these fail."""
    html = get_template(name).render({})
    assert f">{name[:3]}<" in html
    assert 'href="/"' in html


def test_a_refusal_is_printed_on_its_page() -> None:
    """The words of a refusal stand on the page, escaped."""
    assert "Ask &lt;the&gt; owner." in get_template("403.html").render({"reason": "Ask <the> owner."})


def test_the_frame_configures_htmx_for_the_policy() -> None:
    """htmx evaluates nothing, adds no styles and sends the CSRF token with every request."""
    html = get_template("base.html").render({}, RequestFactory().get("/"))
    for setting in ('"includeIndicatorStyles":false', '"allowEval":false', '"allowScriptTags":false'):
        assert setting in html
    assert re.search(r"hx-headers='\{\"X-CSRFToken\": \"\w{64}\"\}'", html)
    assert 'href="#content"' in html
