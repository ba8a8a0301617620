"""What the pages, the API and SCIM share: who asks, what they may, how a page is framed."""

import sys

# Flask-Admin's upload fields load an imaging library where there is one, 6 MiB for each worker; none is used.
if "PIL" not in sys.modules:
    sys.modules["PIL"] = None  # type: ignore[assignment]
    import flask_admin.form.upload  # noqa: F401

    del sys.modules["PIL"]
