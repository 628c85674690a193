import pytest

from trialdeck.core.params import slurm_keys
from trialdeck.core.params.mistakes import Mistake


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("90m", 5400.0),
        ("1d 12h", 129600.0),
        ("1-12:00:00", 129600.0),
        ("04:00:00", 14400.0),
        ("30:00", 1800.0),
        (" 2-0 ", 172800.0),
    ],
)
def test_times_in_our_words_and_in_those_of_slurm(value, seconds):
    assert slurm_keys.read_time(value) == seconds


@pytest.mark.parametrize("value", [90, "90", 1.5, "0:00", "soon", True, ["1h"]])
def test_what_is_no_time(value):
    with pytest.raises(Mistake):
        slurm_keys.read_time(value)


def test_a_bare_number_could_be_minutes_or_seconds():
    with pytest.raises(Mistake, match="minutes or seconds") as caught:
        slurm_keys.read_time("90")
    assert caught.value.right == ["90m"]


def test_memory_has_a_unit():
    assert slurm_keys.read_memory("8G") == "8G"
    assert slurm_keys.read_memory("500mb") == "500M"
    for value in ("8", 8, "eight G", "0G", "1.5G"):
        with pytest.raises(Mistake, match="no amount of memory"):
            slurm_keys.read_memory(value)


def test_gpus_are_a_number_or_have_a_type():
    assert slurm_keys.read_gpus(2) == 2
    assert slurm_keys.read_gpus("a100:1") == "a100:1"
    for value in (-1, True, "many", 1.5):
        with pytest.raises(Mistake, match="are no GPUs"):
            slurm_keys.read_gpus(value)


def test_options_of_sbatch_that_are_ours_name_the_key_to_use():
    assert slurm_keys.read_options("--exclude=node7") == ["--exclude=node7"]
    for option, word in (
        ("--array=0-3", "cores and refill"),
        ("-p main", "partition"),
        ("-t10", "time"),
        ("--mem=3G", "memory"),
        ("--output=x", "logs are kept"),
        ("exclusive", "no option"),
    ):
        with pytest.raises(Mistake, match=word):
            slurm_keys.read_options([option])


def test_names_and_lines_are_as_they_are_meant():
    assert slurm_keys.read_word("low") == "low"
    assert slurm_keys.read_setup(["module load cuda", " "]) == ["module load cuda"]
    with pytest.raises(Mistake, match="more than one line"):
        slurm_keys.read_setup(["a\nb"])
    with pytest.raises(Mistake, match="no name"):
        slurm_keys.read_word("a b")
