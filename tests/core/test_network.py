from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - as everyone calls it

from trialdeck.core.fcn import Config
from trialdeck.core.network import ACTIVATIONS, AdamW, Network, dropout_mask

INPUTS = 7


def made(**params) -> Network:
    torch.manual_seed(3)
    config = Config.read({"nodes": 6, "layers": 3, **params})
    return Network(config, torch.linspace(-1, 1, INPUTS), torch.linspace(0.5, 2, INPUTS))


def jets(count: int = 11) -> tuple[torch.Tensor, torch.Tensor]:
    random = np.random.default_rng(0)
    x = random.normal(0, 2, (count, INPUTS)).astype(np.float32)
    return torch.from_numpy(x), torch.from_numpy(random.integers(0, 2, count).astype(np.float32))


def gradient_by_autograd(network: Network, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    values = network.values.detach().clone().requires_grad_()
    network._layers = network._views(values)
    F.binary_cross_entropy_with_logits(network.logits(x), y).backward()
    return values.grad


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("layers", [1, 4])
def test_the_gradient_is_that_of_autograd(activation: str, layers: int) -> None:
    network = made(activation=activation, layers=layers)
    x, y = jets()
    network.differentiate(x, y)
    found = network.gradient.clone()
    assert found.abs().max() > 1e-3
    assert torch.allclose(found, gradient_by_autograd(network, x, y), atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_goes_through_what_dropout_kept(activation: str, monkeypatch) -> None:
    network = made(activation=activation, dropout=0.5)
    x, y = jets()
    masks = [dropout_mask(torch.empty(len(x), 6), 0.5) for _ in range(3)]
    left = iter(masks)
    monkeypatch.setattr("trialdeck.core.network.dropout_mask", lambda _like, _rate: next(left))
    network.differentiate(x, y)
    found = network.gradient.clone()
    function = ACTIVATIONS[activation].value

    def logits(x: torch.Tensor) -> torch.Tensor:
        x = torch.addcmul(network._shift, x, network._scale)
        for (weight, bias), mask in zip(network._layers[:-1], masks, strict=True):
            x = function(x @ weight + bias) * mask
        return (x @ network._layers[-1][0] + network._layers[-1][1]).squeeze(1)

    network.logits = logits
    assert torch.allclose(found, gradient_by_autograd(network, x, y), atol=1e-6)


def test_inputs_are_standardised() -> None:
    network, raw = made(), made()
    raw._scale, raw._shift = torch.ones(INPUTS), torch.zeros(INPUTS)
    x, _ = jets()
    mean, deviation = torch.linspace(-1, 1, INPUTS), torch.linspace(0.5, 2, INPUTS)
    assert torch.allclose(network.logits(x), raw.logits((x - mean) / deviation), atol=1e-6)


def test_one_layer_has_the_right_number_of_parameters() -> None:
    assert made(layers=1).values.numel() == 6 * (INPUTS + 1) + 6 + 1


def test_the_start_values_are_those_of_a_linear_layer() -> None:
    network = made(nodes=200)
    for weight, bias in network._layers:
        bound = 1 / len(weight) ** 0.5
        assert weight.abs().max() <= bound
        assert weight.std() == pytest.approx(bound / 3**0.5, rel=0.15)
        assert bias.abs().max() <= bound


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_steps_are_those_of_adam_with_decoupled_decay(decay: float) -> None:
    network = made()
    optimizer, rate = AdamW(network, 0.01, decay), 0.01
    x, y = jets()
    values, mean, square = network.values.clone(), 0.0, 0.0
    for step in range(1, 6):
        network.differentiate(x, y)
        mean = 0.9 * mean + 0.1 * network.gradient
        square = 0.999 * square + 0.001 * network.gradient**2
        root = (square / (1 - 0.999**step)).sqrt() + 1e-8
        values = (1 - rate * decay) * values - rate * mean / (1 - 0.9**step) / root
        optimizer.step()
        assert torch.allclose(network.values, values, atol=1e-6)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.999])
def test_dropout_loses_its_share_and_keeps_the_mean(rate: float) -> None:
    mask = dropout_mask(torch.empty(999, 1001), rate)
    assert (mask == 0).float().mean().item() == pytest.approx(rate, abs=1 / 256)
    assert mask.mean().item() == pytest.approx(1, abs=0.05)
    byte_by_byte = (mask.flatten()[:999_992].view(-1, 8) == 0).float().mean(0)
    assert byte_by_byte.max() - byte_by_byte.min() < 0.01
