"""Extractors that misbehave, for worker processes to run."""

import contextlib
import os
import time

from tasks.extract.page import Page, extract_page


def misbehaving(html: str, url: str | None, extractor: str) -> Page:
    """Does what the page says."""
    if "HANG" in html:
        time.sleep(600)
    if "DIE" in html:
        os._exit(9)
    if "ONCE" in html:  # dies where its file is still there, which it takes away
        with contextlib.suppress(FileNotFoundError):
            os.unlink(html.removeprefix("ONCE"))
            os._exit(9)
        return Page("It went well the second time.")
    if "RAISE" in html:
        raise ValueError("the page said so")
    if "HOARD" in html:
        return Page("x" * len(bytearray(8 << 30)))
    return extract_page(html, url, extractor)
