"""The answer that carries an archive, for pages and REST alike."""

from django.http import FileResponse

from reporting.operations.handing_out import HandedOut


def archive_response(handed: HandedOut) -> FileResponse:
    """The ZIP as a download that no cache keeps; its digest stands in a header, so that a client can check it."""
    response = FileResponse(
        handed.path.open("rb"),
        as_attachment=True,
        filename=f"{handed.package.number}.zip",
        content_type="application/zip",
    )
    response["Cache-Control"] = "no-store"
    response["X-Content-SHA256"] = handed.package.archive_sha256
    return response
