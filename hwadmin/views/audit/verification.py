"""Whether the audit trail is what was written: for super-admins, as ``hwadmin audit`` on the command line."""

from __future__ import annotations

from pathlib import Path

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from hwadmin.clock import utcnow
from hwadmin.config import Settings
from hwadmin.domain.permissions import Permission
from hwadmin.operations.audit.publication import describe_published_head, keep_head_of_today
from hwadmin.queries.audit.chain_verification import Head, head, verdict_sentences, verify
from hwadmin.queries.audit.published_heads import (
    UnreadableHeads,
    heads_file,
    heads_of,
    read_heads,
)
from hwadmin.web.admin_views import GuardedView

# A page may not keep its worker busy for long: hashing so many takes two seconds, reading them takes more.
MAX_EVENTS = 200_000
_DAYS_SHOWN = 7
_MAX_TYPED = 100_000


class AuditVerificationView(GuardedView):
    """The published heads, and following the chain from its beginning."""

    permissions = {
        "index_view": Permission.AUDIT_READ_ALL,
        "verify": Permission.AUDIT_READ_ALL,
        "publish": Permission.AUDIT_READ_ALL,
    }

    def __init__(self) -> None:
        super().__init__(
            name="Verify the audit trail", endpoint="audit_verification", url="/audit/verification"
        )

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """What was published, and the form."""
        return self._page()

    @expose("/", methods=("POST",))
    def verify(self) -> ResponseReturnValue:
        """Recompute every event, and say what was found."""
        typed = request.form.get("heads", "")
        if len(typed) > _MAX_TYPED:
            return self._page(typed, f"Enter {_MAX_TYPED:,} characters at most.")
        if head().seq > MAX_EVENTS:
            return self._page(typed, f"More than {MAX_EVENTS:,} events are verified on the command line.")
        try:
            published = [*heads_of(typed, "the text"), *read_heads(_heads_file())]
        except (UnreadableHeads, OSError) as error:
            return self._page(typed, str(error))
        verdict = verify(published)
        sentences = verdict_sentences(verdict, len(published))
        return self._page(typed, sentences=sentences, whole=verdict.fault is None)

    @expose("/publish", methods=("POST",))
    def publish(self) -> ResponseReturnValue:
        """Keep the head of today; the mails follow with the others."""
        try:
            kept, added = keep_head_of_today(_heads_file())
        except (UnreadableHeads, OSError) as error:
            return self._page(problem=str(error))
        flash(f"{describe_published_head(kept, added=added)} Every super-admin gets it by mail.", "success")
        return redirect(url_for(".index_view"), 303)

    def _page(
        self,
        typed: str = "",
        problem: str | None = None,
        *,
        sentences: list[str] | None = None,
        whole: bool = True,
    ) -> ResponseReturnValue:
        published, unreadable = _published()
        page: str = self.render(
            "admin/hw/audit/verification.html",
            heading=self.name,
            events=head().seq,
            limit=MAX_EVENTS,
            published=published[-_DAYS_SHOWN:][::-1],
            today_is_missing=utcnow().date().isoformat() not in {row.published_on for row in published},
            typed=typed,
            problem=problem or unreadable,
            sentences=sentences,
            whole=whole,
        )
        return page, 422 if problem else 200


def _heads_file() -> Path:
    settings: Settings = current_app.config["HWADMIN"]
    return heads_file(settings.instance)


def _published() -> tuple[list[Head], str | None]:
    """The heads of the file, and why it cannot be read."""
    try:
        return read_heads(_heads_file()), None
    except (UnreadableHeads, OSError) as error:
        return [], str(error)
