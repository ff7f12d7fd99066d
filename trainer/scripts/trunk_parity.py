#!/usr/bin/env python3
"""Hold every trunk against torchvision's or timm's network with the same random weights.

    python3 -m venv .venv
    .venv/bin/pip install torch==2.9.0 torchvision==0.24.0 timm==1.0.19 safetensors numpy
    cargo build --release -p mien-trainer --example trunk_parity
    .venv/bin/python trainer/scripts/trunk_parity.py target/release/examples/trunk_parity [NAME...]

Normalisations have random scales and the statistics of a batch of noise, so that none may be
swapped or left out. Pictures of two sizes, one of them odd, go through PyTorch and through burn; logits and the
map of every stage must agree within 1e-3. The weights burn writes back must be the same bits.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import timm
import torch
import torchvision
from safetensors.torch import load_file, save_file

TIMM = {
    "mobilevit_v2_050": "mobilevitv2_050",
    "mobilevit_v2_100": "mobilevitv2_100",
    "mobilevit_v2_200": "mobilevitv2_200",
    "xception": "legacy_xception",
}
NAMES = ["resnet18", "resnet50", "resnet50_caffe", "vgg16", "vgg16_bn", "mobilenet_v2", *TIMM]
SIZES = [(2, 64, 96), (1, 101, 75)]


def stages(name, net):
    """The modules whose outputs are the maps of `Trunk::features`."""
    if name.startswith("resnet"):
        return [net.layer1, net.layer2, net.layer3, net.layer4]
    if name.startswith("vgg"):
        return [layer for layer in net.features if isinstance(layer, torch.nn.MaxPool2d)]
    if name.startswith("mobilevit"):
        return list(net.stages)
    if name == "xception":
        return [net.act2, net.block1, net.block2, net.block11, net.act4]
    return [net.features[i] for i in (1, 3, 6, 13, 18)]


def caffe(net):
    """torchvision's ResNet-50 as VGGFace2's authors lay it out."""
    net.maxpool = torch.nn.MaxPool2d(3, 2, ceil_mode=True)
    for layer in (net.layer2, net.layer3, net.layer4):
        layer[0].conv1.stride, layer[0].conv2.stride = (2, 2), (1, 1)
    return net


def fresh(name):
    """The network as its library makes it."""
    if name in TIMM:
        return timm.create_model(TIMM[name])
    if name == "resnet50_caffe":
        return caffe(torchvision.models.resnet50(weights=None))
    return getattr(torchvision.models, name)(weights=None)


def network(name, seed):
    """The network with random weights and the statistics these give, ready to infer."""
    torch.manual_seed(seed)
    net = fresh(name)
    for module in net.modules():
        if isinstance(module, (torch.nn.BatchNorm2d, torch.nn.GroupNorm)):
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = 1.0
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.1)
    net.train()(torch.randn(4, 3, 96, 96) * 2 + 0.5)
    return net.eval()


def cases(name, net):
    """Pictures, and what PyTorch makes of them."""
    found = {}
    for i, (count, height, width) in enumerate(SIZES):
        maps = []
        hooks = [
            stage.register_forward_hook(lambda _module, _input, y: maps.append(y.clone()))
            for stage in stages(name, net)
        ]
        x = torch.randn(count, 3, height, width)
        found |= {f"x{i}": x, f"logits{i}": net(x)}
        found |= {f"map{i}.{stage}": y.contiguous() for stage, y in enumerate(maps)}
        for hook in hooks:
            hook.remove()
    return found


def same(net, path):
    """Whether the file holds the network's tensors, counters apart, to the last bit."""
    wanted = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    seen = load_file(path)
    return wanted.keys() == seen.keys() and all(torch.equal(wanted[k], seen[k]) for k in wanted)


def main(example, names):
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        weights, pictures, back = (str(Path(folder) / f"{n}.safetensors") for n in "wcb")
        for seed, name in enumerate(names or NAMES):
            net = network(name, seed)
            save_file(net.state_dict(), weights)
            save_file(cases(name, net), pictures)
            subprocess.run([example, name, weights, pictures, back], check=True)
            if not same(net, back):
                sys.exit(f"{name}: the weights written back are not those read")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
