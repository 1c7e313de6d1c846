# SPDX-License-Identifier: Apache-2.0
#
# zip_file.py: zip and jar files made in memory.

import io
import zipfile


def zipped(members):
    """{name: text or bytes}, deflated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()
