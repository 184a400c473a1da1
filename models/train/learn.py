"""How everything here learns: where it computes and in which precision, batches made ahead, and the steps of an optimizer.

A GPU is taken if there is one. Scripts that are told no other budget were set up for two cores; on a GPU batches four times as large
(`--budget 6144`) and more epochs pay.
"""

import copy
import multiprocessing
import os

import torch
from torch import nn

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
AHEAD, HELD = (1, 400) if DEVICE.type == "cpu" else (3, 3000)  # epochs that are made ready at a time, and batches of each


def autocast():
    """bfloat16 where it is as good."""
    return torch.autocast(DEVICE.type, dtype=torch.bfloat16)


def moved(batch):
    """A batch, however nested, on the device."""
    if isinstance(batch, torch.Tensor):
        return batch.to(DEVICE)
    return type(batch)(moved(part) for part in batch) if isinstance(batch, (tuple, list)) else batch


def load(path):
    """What a checkpoint holds, on the device."""
    return torch.load(path, map_location=DEVICE, weights_only=False)


def as_arrays(batch):
    """Tensors as NumPy arrays, which pass between processes as plain bytes."""
    return batch.numpy() if isinstance(batch, torch.Tensor) else tuple(as_arrays(part) for part in batch)


def as_tensors(batch):
    return tuple(as_tensors(part) for part in batch) if isinstance(batch, tuple) else torch.from_numpy(batch).to(DEVICE)


def epochs(make, count):
    """The batches of `make(epoch)` for every epoch, as (epoch, progress through all of it in [0, 1), batch on the device).

    `make` gives a list of functions without arguments, one a batch of CPU tensors. Other processes make the batches ahead; they begin at once.
    """
    context = multiprocessing.get_context("fork")

    def produce(epoch, queue):
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        torch.set_num_threads(1)
        steps = make(epoch)
        queue.put(len(steps))
        for step in steps:
            queue.put(as_arrays(step()))

    def begin(number):
        queue = context.Queue(maxsize=HELD)
        process = context.Process(target=produce, args=(number, queue), daemon=True)
        process.start()
        return queue, process

    running = {number: begin(number) for number in range(min(count, AHEAD + 1))}

    def made():
        for epoch in range(count):
            if epoch + AHEAD < count and epoch + AHEAD not in running:
                running[epoch + AHEAD] = begin(epoch + AHEAD)
            queue, process = running.pop(epoch)
            steps = queue.get()
            for step in range(steps):
                yield epoch, (epoch + step / steps) / count, as_tensors(queue.get())
            process.join()

    return made()


class Learner:
    """AdamW over groups of parameters, each with its rate, which rises for a tenth of the way and then falls; gradients are clipped.

    `mean` is the model with the running mean of the weights, which is steadier than the last step's where labels are noisy.
    """

    def __init__(self, model, groups, steadiness=0.995, floor=0.02):
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.steadiness, self.floor, self.steps = steadiness, floor, 0
        self.mean = copy.deepcopy(model)
        learnt = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
        running, current = dict(self.mean.named_parameters()), dict(model.named_parameters())
        self.running, self.current = [running[n] for n in learnt], [current[n] for n in learnt]

    def step(self, progress, *losses):
        """One step down the sum of the losses, `progress` of the way through all steps."""
        for loss in losses:
            loss.backward()
        nn.utils.clip_grad_norm_(self.current, 1.0)
        factor = min((progress + 1e-4) / 0.1, max(self.floor, (1 - progress) / 0.9))
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate * factor
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.steps += 1
        with torch.no_grad():
            torch._foreach_lerp_(self.running, self.current, 1 - min(self.steadiness, self.steps / (self.steps + 20)))
