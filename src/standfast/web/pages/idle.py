# SPDX-License-Identifier: Apache-2.0
"""Where a page of a browser without scripts goes by itself once nobody seems to be there.

With the case locked that is the unlock page. While somebody is there in another window it is the
same page again, which then waits for as long as is left; being shown so is no sign of a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


def _again(visit: Visit) -> Response:
    if not visit.room.unlocked:
        return visit.go("unlock")
    path = str(visit.value(visit.params["key"]))
    visit.session.unseen.add(path)
    return RedirectResponse(path, 303)


PAGES = (Page(name="again", path="/u/g/{key}", get=_again, locked=True, active=False),)
