"""QR codes as SVG without any style of its own; the policy of the pages forbids those."""

from __future__ import annotations

import re

from markupsafe import Markup

# The white border around a code, without which a scanner does not find it.
_QUIET = 4
_DARK = re.compile(rb"\x01+")


def qr_code_svg(code: str, label: str = "") -> Markup:
    """The code as an inline picture.

    Args:
        code: what it says.
        label: what it is, for those who do not see it; the code itself where absent.
    """
    import segno  # Loaded where a code is drawn, which most workers never do.

    # The mask is given, or all eight would be made and compared: nine tenths of the time.
    matrix = segno.make_qr(code, error="m", boost_error=False, mask=2).matrix
    lines = []
    for y, row in enumerate(matrix, _QUIET):
        at = None
        # Of each row the dark runs: the first from where it is, the others from the end of the one before.
        for run in _DARK.finditer(row):
            gap = f"M{run.start() + _QUIET} {y}.5" if at is None else f"m{run.start() - at} 0"
            lines.append(f"{gap}h{run.end() - run.start()}")
            at = run.end()
    size = len(matrix) + 2 * _QUIET
    return Markup(
        '<svg class="unit-code" viewBox="0 0 {0} {0}" role="img" aria-label="{1}">'
        '<path fill="none" stroke="#000" shape-rendering="crispEdges" d="{2}"/></svg>'
    ).format(size, label or f"Code {code}", "".join(lines))
