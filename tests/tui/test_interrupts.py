import os
import signal
import time

import pytest

from trialdeck.tui.interrupts import Interrupts


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_is_counted_until_it_was_too_often():
    with Interrupts(most=2) as interrupts:
        press()
        press()
        assert interrupts.count == 2
        with pytest.raises(KeyboardInterrupt):
            press()


def test_waiting_ends_at_once_when_it_comes():
    with Interrupts() as interrupts:
        press()
        began = time.monotonic()
        interrupts.wait(30.0)
        assert time.monotonic() - began < 10.0
        interrupts.wait(0.0)


def test_afterwards_everything_is_as_before():
    before = signal.getsignal(signal.SIGINT)
    with Interrupts():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    with pytest.raises(KeyboardInterrupt):
        press()
