"""Loading, calling and reading objectives."""

import subprocess
import sys
from pathlib import Path

import pytest

from trialdeck.core.errors import ObjectiveError
from trialdeck.core.objective import BadResult, Trial, bind, load, read_result, split_spec


def a_trial(folder=Path("/nonexistent"), attempt=0):
    return Trial(
        tid=1,
        seed=2,
        fraction=1.0,
        device="cpu",
        checkpoint=folder / "1" / str(attempt),
        model=folder / "models" / str(attempt),
        send_report=lambda step, values: None,
        asked_to_stop=lambda: False,
    )


POINT, FIXED = {"x": 1.0}, {"epochs": 3}


class TestSpec:
    def test_modules_and_files(self):
        assert split_spec("a.b:train") == ("a.b", "train")
        assert split_spec("dir/file.py:train") == ("dir/file.py", "train")
        assert split_spec("C:odd.py:train") == ("C:odd.py", "train")

    @pytest.mark.parametrize("spec", ["", "train", ":train", "a.b:", "a.b:2x", "a.b:c.d"])
    def test_anything_else_is_refused_with_both_forms(self, spec):
        with pytest.raises(ObjectiveError, match=r"path/to/file\.py:function"):
            split_spec(spec)


class TestLoad:
    def run(self, folder, spec):
        """Load in a process of its own, as a core does."""
        code = (
            "import sys; from pathlib import Path; from trialdeck.core.objective import load;"
            f"print(load({spec!r}, Path({str(folder)!r})).function())"
        )
        done = subprocess.run(
            [sys.executable, "-P", "-c", code],
            capture_output=True,
            text=True,
            cwd=folder,
            check=False,
        )
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    def test_a_package_called_core_of_the_users_own(self, tmp_path):
        (tmp_path / "core").mkdir()
        (tmp_path / "core" / "__init__.py").write_text("name = 'mine'\n")
        (tmp_path / "core" / "model.py").write_text("import core\ndef train(): return core.name\n")
        assert self.run(tmp_path, "core.model:train") == "mine"

    def test_a_file_called_core_of_the_users_own(self, tmp_path):
        (tmp_path / "core.py").write_text("name = 'mine'\n")
        (tmp_path / "job.py").write_text("import core\ndef train(): return core.name\n")
        assert self.run(tmp_path, "job:train") == "mine"
        assert self.run(tmp_path, "job.py:train") == "mine"

    def test_a_file_finds_the_files_beside_it(self, tmp_path):
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "helper.py").write_text("value = 7\n")
        (tmp_path / "deep" / "fcn.py").write_text(
            "import helper\ndef train(): return helper.value\n"
        )
        assert self.run(tmp_path, "deep/fcn.py:train") == "7"

    def test_a_missing_module_says_where_it_was_looked_for(self, tmp_path):
        said = self.run(tmp_path, "nowhere:train")
        assert 'there is no module "nowhere" here' in said
        assert str(tmp_path) in said

    def test_a_missing_import_of_the_objective_is_its_own_error(self, tmp_path):
        (tmp_path / "job.py").write_text("import not_installed\n")
        assert "ModuleNotFoundError: No module named 'not_installed'" in self.run(
            tmp_path, "job:train"
        )

    def test_a_missing_function_names_those_there_are(self, tmp_path):
        (tmp_path / "job.py").write_text("def tran(): pass\ndef _private(): pass\n")
        with pytest.raises(ObjectiveError, match=r"has no function train; it has tran$"):
            load("job.py:train", tmp_path)


class TestBind:
    def call(self, function):
        trial = a_trial()
        args, kwargs = bind(function, POINT, FIXED, trial)
        return function(*args, **kwargs)

    def test_params_alone(self):
        assert self.call(lambda params: params) == {"x": 1.0, "epochs": 3}

    def test_params_and_trial(self):
        assert self.call(lambda params, trial: (params["x"], trial.tid)) == (1.0, 1)

    def test_by_name_with_trial_and_defaults(self):
        assert self.call(lambda x, trial, rate=0.1: (x, trial.seed, rate)) == (1.0, 2, 0.1)

    def test_fixed_as_parameters(self):
        assert self.call(lambda x, Parameters: (x, Parameters)) == (1.0, FIXED)  # noqa: N803

    def test_everything_by_keywords(self):
        assert self.call(lambda **given: given) == {"x": 1.0, "epochs": 3}

    def test_positional_only(self):
        assert self.call(lambda x, /, epochs: (x, epochs)) == (1.0, 3)

    def test_a_parameter_that_nothing_gives(self):
        with pytest.raises(ObjectiveError, match="takes rate, which neither"):
            self.call(lambda x, rate: 0)

    def test_a_dimension_that_the_function_does_not_take(self):
        with pytest.raises(ObjectiveError, match=r"\[space\] gives x, which .* does not take"):
            self.call(lambda epochs: 0)


class TestResult:
    def test_the_direction_is_that_of_the_loss(self):
        result = read_result({"auc": 0.9, "loss": 2}, "auc", maximize=True)
        assert (result.loss, result.metrics) == (-0.9, {"auc": 0.9, "loss": 2})

    def test_hyperopts_own_form(self):
        assert read_result({"loss": 1.5, "status": "ok"}, "", maximize=False).loss == 1.5
        with pytest.raises(BadResult, match="status 'fail'"):
            read_result({"loss": 1.5, "status": "fail"}, "", maximize=False)

    def test_a_missing_metric_names_those_there_are(self):
        with pytest.raises(BadResult, match='returned no "auc"; it returned loss, epochs'):
            read_result({"loss": 1, "epochs": 3}, "auc", maximize=True)

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_not_finite(self, value):
        with pytest.raises(BadResult) as caught:
            read_result(value, "", maximize=False)
        assert caught.value.cause == "not_finite"


class TestCheckpoints:
    def test_the_folder_is_made_when_it_is_asked_for(self, tmp_path):
        trial = a_trial(tmp_path)
        assert not list(tmp_path.iterdir())
        assert list(trial.checkpoint_dir.iterdir()) == []

    def test_a_later_attempt_finds_the_newest_earlier_one(self, tmp_path):
        (a_trial(tmp_path, 0).checkpoint_dir / "net").write_text("old")
        (a_trial(tmp_path, 1).checkpoint_dir / "net").write_text("new")
        later = a_trial(tmp_path, 10).checkpoint_dir
        assert (later / "net").read_text() == "new"
        assert a_trial(tmp_path, 10).checkpoint_dir == later

    def test_it_is_the_same_file_not_a_copy(self, tmp_path):
        file = a_trial(tmp_path, 0).checkpoint_dir / "net"
        file.write_text("large")
        number = file.stat().st_ino
        assert (a_trial(tmp_path, 1).checkpoint_dir / "net").stat().st_ino == number

    def test_an_earlier_attempt_that_was_not_dead_has_no_place_left_and_takes_nothing_back(
        self, tmp_path
    ):
        zombie = a_trial(tmp_path, 0)
        (zombie.checkpoint_dir / "net").write_text("old")
        before = zombie.checkpoint_dir
        later = a_trial(tmp_path, 1).checkpoint_dir
        with pytest.raises(FileNotFoundError):
            (before / "net").write_text("of the dead")
        assert list(zombie.checkpoint_dir.iterdir()) == []
        (zombie.checkpoint_dir / "net").write_text("of the dead")
        assert (later / "net").read_text() == "old"
        assert (a_trial(tmp_path, 2).checkpoint_dir / "net").read_text() == "old"

    def test_an_attempt_that_wrote_nothing_does_not_hide_what_there_is(self, tmp_path):
        (a_trial(tmp_path, 0).checkpoint_dir / "net").write_text("old")
        (tmp_path / "1" / "1").mkdir()
        assert (a_trial(tmp_path, 2).checkpoint_dir / "net").read_text() == "old"

    def test_one_that_is_moved_away_under_the_search_for_it_is_looked_for_again(
        self, tmp_path, monkeypatch
    ):
        (a_trial(tmp_path, 0).checkpoint_dir / "net").write_text("old")
        rename = Path.rename

        def beaten(path, target):
            monkeypatch.setattr(Path, "rename", rename)
            assert a_trial(tmp_path, 1).checkpoint_dir.is_dir()  # another attempt is faster
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", beaten)
        assert (a_trial(tmp_path, 2).checkpoint_dir / "net").read_text() == "old"

    def test_a_network_goes_on_to_the_next_attempt_too(self, tmp_path):
        (a_trial(tmp_path, 0).model_dir / "net").write_text("the best so far")
        assert (a_trial(tmp_path, 1).model_dir / "net").read_text() == "the best so far"
