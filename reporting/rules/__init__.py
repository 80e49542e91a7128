"""Figures of the dashboards as pure arithmetic: use by product, cost and exposure, notice deadlines."""
