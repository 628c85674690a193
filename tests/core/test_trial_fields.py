from tests.core.searched_trials import TEXT, a_state, begun, ended, the_params
from trialdeck.core.trial_fields import Fields


def fields_of(*events, text=TEXT, now=0.0):
    snapshot = a_state(*events).snapshot()
    fields = Fields(the_params(text), clock=lambda: now)
    fields.see(snapshot, snapshot.trials.values())
    return fields, snapshot.trials


def test_facts_come_first_then_the_point_then_what_was_returned():
    fields, _ = fields_of(begun(0, point={"old": 1}), ended(0, metrics={"auc": 0.9, "f1": 0.5}))
    assert fields.names[:4] == ["trial", "state", "auc", "time"]
    assert fields.names[4:11] == ["x", "layers", "optimizer", "params.seed", "flag", "old", "f1"]
    assert {"loss", "attempt", "core", "host", "cause", "origin", "seed"} <= set(fields.names[11:])


def test_new_names_are_told_once():
    snapshot = a_state(begun(0, point={"x": 1.0}), ended(0, metrics={"f1": 0.5})).snapshot()
    fields = Fields(the_params())
    assert "f1" not in fields
    assert fields.see(snapshot, snapshot.trials.values())
    assert "f1" in fields
    assert not fields.see(snapshot, snapshot.trials.values())


def test_every_field_has_a_value_of_a_plain_trial():
    point = {"x": 1.5, "layers": 2, "optimizer": "sgd", "seed": 4, "flag": False}
    start = begun(3, point=point, core=2, revision=5, seed=77, environment="gpu", origin="retry 1")
    end = ended(3, loss=-0.9, metrics={"auc": 0.9, "loss": 0.2}, steps=8)
    fields, trials = fields_of(start, end)
    values = {field.name: field.value(trials[3]) for field in fields}
    assert values == {
        "trial": 3,
        "state": "ok",
        "auc": 0.9,
        "time": 4.0,
        "x": 1.5,
        "layers": 2,
        "optimizer": "sgd",
        "params.seed": 4,
        "flag": False,
        "loss": 0.2,
        "attempt": 0,
        "core": 2,
        "cause": None,
        "why": None,
        "origin": "retry 1",
        "revision": 5,
        "started": 1003.0,
        "finished": 2003.0,
        "seed": 77,
        "stage": 0,
        "steps": 8,
        "host": "node7",
    }


def test_the_loss_is_what_is_minimised_where_none_is_returned():
    fields, trials = fields_of(begun(0), ended(0, loss=-0.9, metrics={"auc": 0.9}))
    assert fields["loss"].value(trials[0]) == -0.9
    assert fields.metric.name == "auc"
    plain, trials = fields_of(begun(0), ended(0, loss=0.5), text=TEXT.replace('metric = "auc"', ""))
    assert plain.names.count("loss") == 1
    assert plain.metric.name == "loss"


def test_a_metric_called_like_a_fact_has_another_name():
    text = TEXT.replace('metric = "auc"', 'metric = "time"')
    fields, trials = fields_of(begun(0), ended(0, loss=-3.0, metrics={"time": 3.0}), text=text)
    assert fields.metric.name == "metrics.time"
    assert fields.metric.value(trials[0]) == 3.0
    assert fields["time"].value(trials[0]) == 1.0


def test_the_time_of_a_running_trial_grows_and_its_rank_does_not():
    fields, trials = fields_of(begun(0), begun(1), begun(2), ended(2), now=1010.0)
    time = fields["time"]
    assert [time.value(trials[tid]) for tid in range(3)] == [10.0, 9.0, 3.0]
    ranks = [time.sort_value(trials[tid]) for tid in range(3)]
    assert ranks[2] < ranks[1] < ranks[0]  # the longest-running is at the very end


def test_the_host_is_the_writers_where_no_environment_is_known():
    fields, trials = fields_of(begun(0), begun(1, environment="gpu"))
    assert [fields["host"].value(trials[tid]) for tid in (0, 1)] == ["amber", "node7"]
