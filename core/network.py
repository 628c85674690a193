"""The fully connected network of `fcn`, its gradient and its optimiser, on plain tensors.

All weights lie in one vector, and so do their gradients, moments and best values: a step of the
optimiser is then a handful of operations whatever the depth, and a copy of the network is a clone.
With back-propagation written out, an epoch of a network this small takes two thirds of the time of
autograd and torch.optim (``python -m tests.bench.epoch``).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everyone calls it

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.fcn import Config

aten: Final = torch.ops.aten


@dataclass(frozen=True, slots=True)
class Activation:
    """A function, and the gradient before it: from that behind it, its argument and its value."""

    value: Callable[[Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor, Tensor], Tensor]


def _elu_gradient(gradient: Tensor, x: Tensor) -> Tensor:
    before: Tensor = aten.elu_backward(gradient, 1, 1, 1, is_result=False, self_or_result=x)
    return before


ACTIVATIONS: Final = {
    # In place: what it overwrites is not needed again.
    "relu": Activation(torch.relu_, lambda g, _x, y: aten.threshold_backward(g, y, 0)),
    "gelu": Activation(F.gelu, lambda g, x, _y: aten.gelu_backward(g, x)),
    "silu": Activation(F.silu, lambda g, x, _y: aten.silu_backward(g, x)),
    "elu": Activation(F.elu, lambda g, x, _y: _elu_gradient(g, x)),
    "tanh": Activation(torch.tanh, lambda g, _x, y: aten.tanh_backward(g, y)),
}


class Network:
    """Hidden layers of equal width and one output, the logit of "top quark".

    `mean` and `deviation` (inputs,) standardise what comes in. `values` and `gradient` are the
    weights and their gradient, each in one vector, of which the layers are views.
    """

    def __init__(self, config: Config, mean: Tensor, deviation: Tensor) -> None:
        self._activation = ACTIVATIONS[config.activation]
        self._dropout = config.dropout
        self._scale, self._shift = 1 / deviation, -mean / deviation
        widths = [len(mean), *[config.nodes] * config.layers, 1]
        self.shapes = list(itertools.pairwise(widths))  # (inputs, outputs) of each layer
        size = sum((inputs + 1) * outputs for inputs, outputs in self.shapes)
        self.values = torch.empty(size)
        for inputs, layer in zip(widths, self._views(self.values), strict=False):
            bound = 1 / math.sqrt(inputs)  # as nn.Linear starts
            for part in layer:
                part.uniform_(-bound, bound)
        self.values = self.values.to(mean.device)  # drawn on the CPU: alike on every device
        self.gradient = torch.zeros_like(self.values)
        self._layers, self._gradients = self._views(self.values), self._views(self.gradient)

    def _views(self, vector: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Return the weights (inputs, outputs) and biases (outputs,) that lie in a vector."""
        sizes = [n for i, o in self.shapes for n in (i * o, o)]
        parts = iter(torch.split(vector, sizes))
        return [(next(parts).view(shape), next(parts)) for shape in self.shapes]

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits (n,) of jets (n, inputs), without dropout."""
        x = torch.addcmul(self._shift, x, self._scale)
        for weight, bias in self._layers[:-1]:
            x = self._activation.value(torch.addmm(bias, x, weight))  # (n, nodes)
        weight, bias = self._layers[-1]
        return torch.addmm(bias, x, weight).squeeze(1)

    def differentiate(self, x: Tensor, y: Tensor) -> None:
        """Set `gradient` to that of the mean cross entropy for jets (n, inputs), labels (n,)."""
        inputs = [torch.addcmul(self._shift, x, self._scale)]  # of each layer
        passed = []  # of each hidden layer: before and behind the activation, the dropout
        for weight, bias in self._layers[:-1]:
            before = torch.addmm(bias, inputs[-1], weight)  # (n, nodes)
            behind = self._activation.value(before)
            mask = dropout_mask(before, self._dropout) if self._dropout else None
            passed.append((before, behind, mask))
            inputs.append(behind if mask is None else behind * mask)
        weight, bias = self._layers[-1]
        logits = torch.addmm(bias, inputs[-1], weight)  # (n, 1)
        gradient = torch.sigmoid(logits).sub_(y[:, None]).div_(len(y))
        for layer in range(len(self._layers) - 1, -1, -1):
            of_weight, of_bias = self._gradients[layer]
            torch.mm(inputs[layer].t(), gradient, out=of_weight)
            torch.sum(gradient, 0, out=of_bias)
            if layer:
                gradient = gradient @ self._layers[layer][0].t()  # (n, nodes)
                before, behind, mask = passed[layer - 1]
                gradient = gradient if mask is None else gradient.mul_(mask)
                gradient = self._activation.gradient(gradient, before, behind)


def dropout_mask(like: Tensor, rate: float) -> Tensor:
    """Return 0 with probability `rate`, else what keeps the mean, for each value.

    Takes a byte of randomness for each, a fifth of the time of F.dropout on a CPU; so the rate is
    rounded to a multiple of 1/256, and the scale agrees with it.
    """
    lost = min(round(256 * rate), 255)
    words = torch.empty((like.numel() + 7) // 8, dtype=torch.int64, device=like.device)
    words.random_(-(2**63), None)  # all 64 bits
    kept = words.view(torch.uint8)[: like.numel()].view_as(like) >= lost
    return kept.to(like.dtype).mul_(256 / (256 - lost))


class AdamW:
    """Adam with decoupled weight decay (Loshchilov, Hutter, arXiv:1711.05101).

    The kernel of torch.optim.AdamW(fused=True) without the Python around it, which takes several
    times as long and loads torch._dynamo (two seconds).
    """

    def __init__(self, network: Network, learning_rate: float, weight_decay: float) -> None:
        self.mean, self.square = (torch.zeros_like(network.values) for _ in range(2))
        self.steps = torch.zeros((), device=network.values.device)
        vectors = network.values, network.gradient, self.mean, self.square
        self._lists = [*([vector] for vector in vectors), [], [self.steps]]
        self._numbers = {
            "lr": learning_rate,
            "weight_decay": weight_decay,
            "beta1": 0.9,
            "beta2": 0.999,
            "eps": 1e-8,
            "amsgrad": False,
            "maximize": False,
        }

    def step(self) -> None:
        """Change the weights against the gradient."""
        self.steps += 1  # which the kernel only reads
        aten._fused_adamw_(*self._lists, **self._numbers)
