"""Optuna's storages for many processes: its journal in a file, and sqlite."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

import optuna
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

if TYPE_CHECKING:
    from pathlib import Path

    from optuna.storages import BaseStorage

NAME = "search"
optuna.logging.set_verbosity(optuna.logging.ERROR)


def journal(folder: Path) -> JournalStorage:
    """Return the journal, whose every record is synced under a lock."""
    return JournalStorage(JournalFileBackend(str(folder / "optuna.log")))


def sqlite(folder: Path) -> RDBStorage:
    """Return the database, with a write-ahead log and patience for its lock."""
    file = folder / "optuna.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return RDBStorage(f"sqlite:///{file}", engine_kwargs={"connect_args": {"timeout": 120}})


STORAGES = {"optuna-journal": journal, "optuna-sqlite": sqlite}


def prepare(kind: str, folder: Path) -> None:
    """Make the study that all processes load."""
    optuna.create_study(storage=STORAGES[kind](folder), study_name=NAME)


def suggest(trial: optuna.Trial) -> float:
    """Suggest the ten dimensions; return the loss."""
    values = [trial.suggest_float(f"x{n}", 0.0, 1.0) for n in range(6)]
    for n in range(2):
        trial.suggest_float(f"rate{n}", 1e-5, 1.0, log=True)
    trial.suggest_int("layers", 1, 8)
    trial.suggest_categorical("kind", ["relu", "gelu", "tanh"])
    return values[0]


def run(kind: str, folder: Path, seconds: float) -> int:
    """Run trials for so long; return how many."""
    sampler = optuna.samplers.RandomSampler()
    study = optuna.load_study(study_name=NAME, storage=STORAGES[kind](folder), sampler=sampler)
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        trial = study.ask()
        study.tell(trial, suggest(trial))
        done += 1
    return done


def counted(kind: str, folder: Path) -> int:
    """Return how many finished trials it has."""
    storage: BaseStorage = STORAGES[kind](folder)
    study = storage.get_study_id_from_name(NAME)
    return storage.get_n_trials(study, state=TrialState.COMPLETE)


def run_some(kind: str, folder: Path, count: int) -> None:
    """Run so many trials."""
    study = optuna.load_study(study_name=NAME, storage=STORAGES[kind](folder))
    study.sampler = optuna.samplers.RandomSampler()
    for _ in range(count):
        trial = study.ask()
        study.tell(trial, suggest(trial))
