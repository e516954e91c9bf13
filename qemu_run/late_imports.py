"""Modules that other modules import and hardly ever use, loaded only when something of them is asked for."""

import sys

TYPE_CHECKING = False  # typing's own takes two milliseconds
if TYPE_CHECKING:
    from typing import Any


class _Late(type(sys)):  # type: ignore[misc]  # the type of modules, without another import
    """Stands for a module that was not loaded yet."""

    __name__: str

    def __getattr__(self, name: str) -> "Any":  # noqa: ANN401  # as of any module
        """What the module has of this name. It is loaded now, and takes its own place."""
        from importlib import import_module

        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_late(*names: str) -> None:
    """Have these modules loaded when they are first used, not where others import them.

    What is loaded already stays, and so does what `from` takes out of them: it is loaded for that at once.
    """
    for name in names:
        sys.modules.setdefault(name, _Late(name))
