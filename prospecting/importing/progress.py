"""How fast a file loads and how long it still takes, from what has been read so far."""

from datetime import datetime

from prospecting.models import LeadFile


def pace(lead_file: LeadFile, now: datetime) -> int | None:
    """Rows a second: so far while it loads, over the whole once it is loaded; None while there is nothing to tell."""
    until = lead_file.finished_at if lead_file.state == LeadFile.State.LOADED else now
    if not (lead_file.started_at and until and lead_file.rows_done):
        return None
    spent = (until - lead_file.started_at).total_seconds()
    return max(1, round(lead_file.rows_done / spent)) if spent > 0 else None


def seconds_left(lead_file: LeadFile, now: datetime) -> int | None:
    """From the pace so far; None while there is none."""
    if not (lead_file.started_at and lead_file.rows_done and lead_file.rows > lead_file.rows_done):
        return None
    if lead_file.state not in {LeadFile.State.QUEUED, LeadFile.State.LOADING}:
        return None
    spent = (now - lead_file.started_at).total_seconds()
    return max(1, round(spent * (lead_file.rows - lead_file.rows_done) / lead_file.rows_done))
