"""What it costs to start the whole platform, and to let it stand."""

import time

import psutil
import pytest
from platform_runs import Run, free_base

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

IDLE = 20.0
"""Seconds that the platform is watched doing nothing."""
MIB = 1024 * 1024


def _processes(run: Run) -> list[psutil.Process]:
    roots = [psutil.Process(row["pid"]) for row in run.status().values() if row["pid"]]
    return [process for root in roots for process in (root, *root.children(recursive=True))]


def _cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes if process.is_running())


def test_start_and_idle_cost(run, figures):
    """`lotse up` takes under 15 seconds after the first time; idle, all takes under 2 GiB and a tenth of a core."""
    started = time.perf_counter()
    run.lotse("up", "--base-port", str(free_base()))
    first = time.perf_counter() - started
    run.lotse("down")
    started = time.perf_counter()
    run.lotse("up")
    later = time.perf_counter() - started

    run.lotse("wait")
    processes = _processes(run)
    before = _cpu(processes)
    time.sleep(IDLE)
    share = (_cpu(processes) - before) / IDLE
    memory = sum(process.memory_full_info().pss for process in processes) / MIB
    title = "Start and idle, ten processes"
    figures.note(title, "lotse up, first time (jars already there)", f"{first:.0f} s")
    figures.note(title, "lotse up, later", f"{later:.0f} s", goal="15 s")
    figures.note(title, "memory of all, shared pages counted once", f"{memory:,.0f} MiB", goal="2,048 MiB")
    figures.note(title, "processor, doing nothing", f"{100 * share:.0f} % of a core", goal="10 %")
