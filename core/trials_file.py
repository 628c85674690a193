"""Files of trials: what a search exports, and what it imports. The parts are in `trials_*.py`."""

from trialdeck.core.trials_export import Exported, export_csv, export_json, export_pickle
from trialdeck.core.trials_import import ImportResult, import_trials

__all__ = [
    "Exported",
    "ImportResult",
    "export_csv",
    "export_json",
    "export_pickle",
    "import_trials",
]
