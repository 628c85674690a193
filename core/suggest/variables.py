"""The variables of a space, with what they depend on, and the groups that occur together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import Choice
from trialdeck.core.suggest.priors import CategoricalPrior, Prior, prior_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import hyperopt

    from trialdeck.core.space import Space

# One way in which a variable is needed: all of these variables have these values.
Condition = frozenset[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Variable:
    """One hyperparameter; it has a value when any of its conditions holds, or if it has none."""

    label: str
    prior: Prior
    conditions: frozenset[Condition] = frozenset()

    def is_active(self, values: Mapping[str, float]) -> bool:
        """Return whether a point with these values needs one of this variable."""
        return not self.conditions or any(
            all(values.get(label) == value for label, value in condition)
            for condition in self.conditions
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Variables, by their places, that are always there together."""

    places: tuple[int, ...]
    first: Variable  # whether it is active, all are


def groups_of(variables: Sequence[Variable]) -> list[Group]:
    """Return the groups, those first that others depend on. Raises ValueError for a circle."""
    left: dict[frozenset[Condition], list[int]] = {}
    for place, variable in enumerate(variables):
        left.setdefault(variable.conditions, []).append(place)
    groups: list[Group] = []
    known: set[str] = set()
    while left:
        ready = [conditions for conditions in left if _parents(conditions) <= known]
        if not ready:
            labels = sorted(variables[places[0]].label for places in left.values())
            raise ValueError(f"{', '.join(labels)} depend on what is not in the space")
        for conditions in ready:
            places = left.pop(conditions)
            groups.append(Group(tuple(places), variables[places[0]]))
            known.update(variables[place].label for place in places)
    return groups


def _parents(conditions: frozenset[Condition]) -> set[str]:
    return {label for condition in conditions for label, _ in condition}


def active(variables: Sequence[Variable], values: Sequence[float]) -> list[float]:
    """Return a point without what is not active in it, NaN instead, from a value for everything."""
    point = [math.nan] * len(values)
    known: dict[str, float] = {}
    for group in groups_of(variables):
        if group.first.is_active(known):
            for place in group.places:
                point[place] = known[variables[place].label] = values[place]
    return point


def variables_of(space: Space) -> list[Variable]:
    """Return those of one of our spaces; values are encoded as by `Space.encode`."""
    made = []
    for dimension in space.dimensions:
        name, *arguments = dimension.distribution.prior()
        conditions: frozenset[Condition] = frozenset()
        if dimension.parent is not None:
            above = space[dimension.parent.choice]
            assert isinstance(above.distribution, Choice)  # noqa: S101 - only those have options
            option = float(above.distribution.encode(dimension.parent.option))
            conditions = frozenset({frozenset({(above.name, option)})})
        made.append(Variable(dimension.name, prior_of(name, arguments, {}), conditions))
    return made


def variables_of_domain(domain: hyperopt.base.Domain) -> list[Variable]:
    """Return those of a space of `hyperopt.hp`.

    Raises ValueError for a distribution whose arguments are hyperparameters themselves.
    """
    nodes: dict[str, Any] = {}
    conditions: dict[str, set[Condition]] = {}
    _walk(domain.expr, frozenset(), nodes, conditions, set())
    priors = {label: _prior_of_node(label, node) for label, node in nodes.items()}
    return [
        Variable(label, prior, _simplified(conditions[label], priors))
        for label, prior in priors.items()
    ]


def _walk(
    node: Any,
    condition: Condition,
    nodes: dict[str, Any],
    conditions: dict[str, set[Condition]],
    done: set[tuple[int, Condition]],
) -> None:
    """Collect the hyperparameters below a node of hyperopt's graph, and when they are needed."""
    if (id(node), condition) in done:
        return
    done.add((id(node), condition))
    if node.name == "hyperopt_param":
        label = node.pos_args[0].obj
        nodes[label] = node.pos_args[1]
        conditions.setdefault(label, set()).add(condition)
        return
    first, options = None, node.inputs()
    if node.name == "switch" and node.pos_args[0].name == "hyperopt_param":
        first, *options = node.pos_args
        _walk(first, condition, nodes, conditions, done)
    for number, option in enumerate(options):
        chosen = {(first.pos_args[0].obj, float(number))} if first is not None else frozenset()
        _walk(option, condition | chosen, nodes, conditions, done)


def _simplified(conditions: set[Condition], priors: Mapping[str, Prior]) -> frozenset[Condition]:
    """Join the conditions that differ in nothing but a choice of which they name every option."""
    made = set(conditions)
    for condition in sorted(conditions, key=len, reverse=True):
        for label, _ in condition:
            prior, rest = priors[label], {each for each in condition if each[0] != label}
            if isinstance(prior, CategoricalPrior):
                options = range(len(prior.probabilities))
                all_of_them = {frozenset({*rest, (label, float(n))}) for n in options}
                if all_of_them <= made:
                    made = (made - all_of_them) | {frozenset(rest)}
    return frozenset() if frozenset() in made else frozenset(made)


def _prior_of_node(label: str, node: Any) -> Prior:
    from hyperopt import pyll

    if any(inner.name == "hyperopt_param" for inner in pyll.dfs(node)):
        raise ValueError(f"{label}: the arguments of its distribution are searched themselves")
    arguments = [pyll.rec_eval(argument) for argument in node.pos_args]
    # The generator of random numbers is an argument too.
    named = {name: pyll.rec_eval(a) for name, a in node.named_args if name not in ("rng", "size")}
    return prior_of(node.name, arguments, named)
