"""Which copy of a history this is, and what is otherwise where it lies.

The home hands out tids. Any other site is a copy on another machine, whose pools run only the
trials that were granted to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.backends.own_id import own_id
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params

HOME = "home"


class Site(msgspec.Struct, frozen=True, omit_defaults=True):
    """``site.json``: the name of a copy, and what its machine has otherwise than the parameters.

    `fixed` are values of [fixed], `gpus` stands for that of [cores] unless it is None.
    """

    name: str = HOME
    epoch: int = 0
    fixed: dict[str, Any] = {}
    gpus: str | list[int] | int | None = None

    @property
    def is_home(self) -> bool:
        """Whether this copy hands out tids."""
        return self.name == HOME

    def over(self, params: Params) -> Params:
        """Return parameters as they are on this site's machine."""
        cores = params.cores
        if self.gpus is not None:
            cores = msgspec.structs.replace(cores, gpus=self.gpus)
        return msgspec.structs.replace(params, fixed={**params.fixed, **self.fixed}, cores=cores)

    def encoded(self) -> bytes:
        """Return the content of the file."""
        return msgspec.json.encode(self)


def folder_there(paths: HistoryPaths) -> Path:
    """Return where the copies of a search lie at sites, as if they lay in this project.

    A search that takes the place of one that was removed does not take over its copies, nor does a
    copy of the project elsewhere. Raises LaunchError.
    """
    return paths.root.with_name(f"{paths.name}.{own_id(paths.root)}")


def this_site(paths: HistoryPaths) -> Site:
    """Return which copy this is. Raises HistoryError when its file makes no sense."""
    try:
        return msgspec.json.decode(paths.site.read_bytes(), type=Site)
    except FileNotFoundError:
        return Site()
    except OSError as error:
        raise HistoryError(f"which site this is cannot be read: {disk.explain(error)}") from error
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise HistoryError(f"{paths.site} makes no sense ({error}): launch again") from error
