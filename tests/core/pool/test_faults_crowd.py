"""Very many processes write one history at once."""

from tests.core.pool.crowd import crowded


def test_many_writers_run_a_budget_exactly(tmp_path):
    crowded(tmp_path, count=80, budget=400)
