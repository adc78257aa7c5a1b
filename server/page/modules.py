"""Which files each page of the browser needs, read from the modules themselves, so that they are asked for at once."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from labelyard.server.page.files import IMPORTS, PageFiles

ROUTER: Final = "router.js"
_IMPORT: Final = re.compile(r'(?:^|[;}])\s*(?:import|export)\b[^;"]*?\bfrom\s*"([^"]+)"', re.MULTILINE)
_STYLE: Final = re.compile(r'\bawait style\(new URL\("([^"]+)",\s*import\.meta\.url\)\)')
# A line of PAGES: address, name, module.
_PAGE: Final = re.compile(r'\["(/[^"]*)",\s*"\w+",\s*\(\)\s*=>\s*import\("([^"]+)"\)\]')


def needed_by(page: PageFiles, name: str) -> list[str]:
    """A module with all that it imports and the style sheets that it waits for, each once, nearer ones first."""
    found = [name]
    for one in found:
        if not one.endswith((".js", ".mjs")):
            continue
        text = page.by_name[one].plain.decode()
        for wanted in (*_IMPORT.findall(text), *_STYLE.findall(text)):
            file = IMPORTS.get(wanted) or posixpath.normpath(posixpath.join(posixpath.dirname(one), wanted))
            if file not in found:
                found.append(file)
    return found


def pages(page: PageFiles, shell: list[str]) -> dict[str, list[str]]:
    """Address pattern under /label → files that its page needs beside the shell's."""
    listed = _PAGE.findall(page.by_name[ROUTER].plain.decode())
    return {
        pattern: [name for name in needed_by(page, posixpath.normpath(module)) if name not in shell]
        for pattern, module in listed
    }
