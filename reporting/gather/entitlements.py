"""The recorded rights and the papers behind them; what is missing is named."""

from licensing.models import Entitlement, EntitlementModel, EntitlementState
from reporting.gather.frame import Frame
from reporting.gather.rights import Rights
from reporting.packages.snapshot import EntitlementRow, Missing
from reporting.rules.evidence import Papers, missing
from reporting.rules.notice import last_day, notice_day


def entitlements(frame: Frame, rights: Rights) -> tuple[EntitlementRow, ...]:
    """One row for each right that counts, will count or has counted; withdrawn ones stand in the position, as not
    counted. No query."""
    return tuple(_row(frame, row) for row in rights.rows if row.state == EntitlementState.ACTIVE)


def _row(frame: Frame, row: Entitlement) -> EntitlementRow:
    papers = _papers(row)
    agreement, batch = row.agreement, row.import_row.batch if row.import_row else None
    return EntitlementRow(
        number=row.number,
        publisher=row.product.publisher.name,
        product=row.product.name,
        edition=row.edition.name if row.edition else "",
        metric=row.metric.name,
        model=row.model,
        unlimited=row.unlimited,
        rights=row.rights,
        starts_on=frame.day(row.starts_at),
        ends_on=last_day(row.ends_at, frame.zone) if row.ends_at else None,
        notice_deadline=notice_day(row.ends_at, agreement.notice_days, frame.zone)
        if row.ends_at and agreement
        else None,
        auto_renews=agreement.auto_renew if agreement else False,
        agreement=papers.agreement,
        purchase=papers.order,
        invoice=papers.invoice,
        document=papers.document,
        document_sha256=row.document_sha256 if row.document else agreement.document_sha256 if agreement else "",
        import_batch=batch.number if batch else "",
        waiver=row.evidence_waiver,
        missing=tuple(Missing(paper.value) for paper in missing(papers)),
    )


def _papers(row: Entitlement) -> Papers:
    purchase = row.purchase_line.purchase if row.purchase_line else None
    return Papers(
        agreement=row.agreement.number if row.agreement else "",
        order=purchase.order_number if purchase else "",
        invoice=purchase.invoice_number if purchase else "",
        document=row.document or (row.agreement.document if row.agreement else ""),
        is_trial=row.model == EntitlementModel.TRIAL,
    )
