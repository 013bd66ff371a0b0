"""The clock of the web role: a step of the machine's clock is not followed before it has lasted."""

import pytest

from onefold.clock import HOUR, MINUTE, SECOND
from onefold.runtime.steady_clock import PATIENCE, STEP_MAX, SteadyClock

START = 1_760_000_000_000_000


class Machine:
    """A machine whose two clocks a test moves."""

    def __init__(self) -> None:
        self.wall = START
        self.steady = 5 * HOUR
        self.clock = SteadyClock(lambda: self.wall, lambda: self.steady)

    def wait(self, time: int) -> None:
        self.wall += time
        self.steady += time


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_time_that_passes_is_followed_however_long_nobody_asked(machine: Machine) -> None:
    for time in (SECOND // 2, MINUTE, 300 * HOUR):
        machine.wait(time)
        assert (machine.clock(), machine.clock.step) == (machine.wall, 0)


@pytest.mark.parametrize("step", [SECOND, -SECOND, STEP_MAX, -STEP_MAX])
def test_small_steps_are_followed_at_once(machine: Machine, step: int) -> None:
    machine.wall += step
    assert (machine.clock(), machine.clock.step) == (machine.wall, 0)


def test_many_small_steps_are_no_large_one(machine: Machine) -> None:
    for _ in range(5):
        machine.wall += STEP_MAX
        machine.wait(MINUTE)
        assert machine.clock() == machine.wall


@pytest.mark.parametrize("step", [3 * HOUR, -3 * HOUR])
def test_a_large_step_is_told_and_not_followed_until_it_has_lasted(machine: Machine, step: int) -> None:
    machine.wait(MINUTE)
    machine.wall += step
    assert (machine.clock(), machine.clock.step) == (START + MINUTE, step)
    machine.wait(PATIENCE - 1)
    assert (machine.clock(), machine.clock.step) == (START + MINUTE + PATIENCE - 1, step)
    machine.wait(1)
    assert (machine.clock(), machine.clock.step) == (START + MINUTE + PATIENCE + step, 0)


def test_a_step_that_is_taken_back_leaves_no_trace(machine: Machine) -> None:
    machine.wall += 3 * HOUR
    assert machine.clock() == START
    machine.wait(MINUTE)
    machine.wall -= 3 * HOUR
    assert (machine.clock(), machine.clock.step) == (START + MINUTE, 0)
    machine.wait(2 * PATIENCE)
    machine.wall += 3 * HOUR
    assert machine.clock.step == 3 * HOUR, "its patience begins anew"
