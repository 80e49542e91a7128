"""What the renderer may open: our own static files and data in the document itself. Nothing else, ever."""

import mimetypes
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

SCHEME: Final = "static:///"


class ForbiddenResource(FatalURLFetchingError):  # type: ignore[misc]  # WeasyPrint publishes no types
    """The document asked for something outside. No text of ours does, so rendering stops instead of going on."""


class StaticOnlyFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint publishes no types
    """Opens `static:///packages/report.css` below `root`, and data: URIs."""

    def __init__(self, root: Path) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.root = root.resolve()

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The resource. Raises ForbiddenResource for any other address, and for a file that is not there."""
        if url.startswith(SCHEME):
            return self._static_file(url)
        if url.startswith("data:"):
            return super().fetch(url, headers)
        raise ForbiddenResource(f"the document asked for {url[:200]!r}")

    def _static_file(self, url: str) -> URLFetcherResponse:
        path = (self.root / unquote(url.removeprefix(SCHEME))).resolve()
        if not path.is_relative_to(self.root) or not path.is_file():
            raise ForbiddenResource(f"{url[:200]!r} is not one of our static files")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})
