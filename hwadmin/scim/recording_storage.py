"""What the storages of employees and of staff have in common."""

from __future__ import annotations

from scim2_server.storage import ScimStorage


class RecordingStorage(ScimStorage):
    """A storage whose writes begin with a lock and end with an event."""

    def begin(self) -> None:
        """Let others who write the same wait."""

    def close(self) -> None:
        """Write the event of what was done, if anything was."""
