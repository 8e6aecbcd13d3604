"""ResNet-50 of random weights in eager FP32: torch_eager.py BATCH SECONDS. One JSON line; exits with 1 and a reason where it cannot be had."""
import json
import sys
import time

try:
    import torch
    from torch import nn
except ImportError as missing:
    sys.exit(f"PyTorch is not installed: {missing}")
if not torch.cuda.is_available():
    sys.exit("PyTorch is there but sees no GPU")


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, width, 1), nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, stride, 1), nn.ReLU(inplace=True),
            nn.Conv2d(width, 4 * width, 1))
        same = stride == 1 and inputs == 4 * width
        self.shortcut = nn.Identity() if same else nn.Conv2d(inputs, 4 * width, 1, stride)

    def forward(self, x):
        return torch.relu(self.branch(x) + self.shortcut(x))


def resnet50():
    """The network that make_models.py writes: batch normalisation folded in, which eager PyTorch would otherwise pay for."""
    layers = [nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for index in range(blocks):
            layers.append(Block(channels, 64 << stage, 2 if stage > 0 and index == 0 else 1))
            channels = 4 * (64 << stage)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000))


batch, seconds = int(sys.argv[1]), float(sys.argv[2])
with torch.inference_mode():
    model, images = resnet50().cuda().eval(), torch.randn(batch, 3, 224, 224, device="cuda")
    for _ in range(20):
        model(images)
    torch.cuda.synchronize()
    begin, runs = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        for _ in range(10):
            model(images)
        torch.cuda.synchronize()
        runs += 10
    took = time.perf_counter() - begin
print(json.dumps({"per_second": runs * batch / took, "version": torch.__version__}))
