import json
import math

import pytest

from trialdeck.core.early_stopping import EarlyStopping


def fed(stopping, values):
    """Update until it wants to stop; return which values were the best so far."""
    better = []
    for value in values:
        better.append(stopping.update(value))
        if stopping.should_stop:
            break
    return better


def test_it_stops_after_so_many_that_are_not_better():
    stopping = EarlyStopping(patience=2)
    assert fed(stopping, [3, 2, 2.5, 1, 1, 4, 0]) == [True, True, False, True, False, False]
    assert (stopping.best, stopping.best_step, stopping.step) == (1, 4, 6)


def test_maximising():
    stopping = EarlyStopping(patience=2, maximize=True)
    assert fed(stopping, [0.1, 0.5, 0.4, 0.5, 0.9]) == [True, True, False, False]
    assert stopping.best == 0.5


@pytest.mark.parametrize("sign", [1, -1])
def test_a_gain_that_is_not_above_min_delta_is_none(sign):
    stopping = EarlyStopping(patience=3, min_delta=0.5, maximize=sign < 0)
    given = [sign * value for value in (4.0, 3.5, 3.25, 3.0, 0.0)]
    assert fed(stopping, given) == [True, False, True, False, True]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("maximize", [False, True])
def test_a_value_that_is_not_finite_is_never_the_best_and_ends_it(value, maximize):
    stopping = EarlyStopping(patience=9, maximize=maximize)
    assert fed(stopping, [value, 1.0]) == [False]
    assert (stopping.best, stopping.best_step) == (-math.inf if maximize else math.inf, 0)
    stopping = EarlyStopping(patience=9, maximize=maximize)
    assert fed(stopping, [1.0, value, 1.0]) == [True, False]
    assert stopping.best == 1.0


def test_it_goes_on_from_its_state_as_if_nothing_had_been():
    values = [5, 3, 4, 2, 2, 2, 1, math.nan]
    for cut in range(len(values)):
        before, straight = EarlyStopping(3), EarlyStopping(3)
        fed(before, values[:cut])
        after = EarlyStopping(3)
        after.load_state_dict(json.loads(json.dumps(before.state_dict())))
        if not after.should_stop:
            fed(after, values[cut:])
        fed(straight, values)
        assert after.state_dict() == straight.state_dict()
        assert after.should_stop


@pytest.mark.parametrize(("patience", "min_delta"), [(0, 0), (1, -1), (1, math.nan), (1, math.inf)])
def test_wrong_settings_are_named(patience, min_delta):
    with pytest.raises(ValueError, match="patience = 0" if not patience else f"= {min_delta}"):
        EarlyStopping(patience, min_delta)
