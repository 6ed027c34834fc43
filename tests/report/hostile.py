"""Texts that others may have written into names, reasons and devices, chosen to break a format or a screen."""

from hypothesis import strategies as st

FRAGMENTS = (
    "50% & _x_ $ \\",
    "=cmd|' /C calc'!A0",
    "[red]x[/]",
    "\x1b[2J\x1b]0;title\x07",
    "\u202eend\u2066",
    "a|b",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "`*_~#{}^\"'",
    "\r\n\t",
    "--set",
    "](http://example.org)",
    "&amp;",
    "$x^2$",
    "\\input{/etc/passwd}",
    "中文 \U0001f600",
    "_under",
    "+1",
    "-1",
    "@SUM(A1)",
)
names = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), min_size=1, max_size=4).map("".join)
"""Any of them, beside each other and beside arbitrary characters."""
EVERYTHING = " ".join(FRAGMENTS)
FILE_NAME = "50% & _x_ $ \\ =cmd|' [red]x[bold] \x1b[2J \u202eend a|b <script>alert(1) `*_~#{} --> ](x)"
"""The id of a preset is the name of its file: all but a slash may be in it."""
