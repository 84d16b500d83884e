"""The peer of `rondo-cli bench training`: PyTorch DistributedDataParallel over Gloo, one process and one thread a worker.

Usage: ddp_gloo.py MODEL WORKERS BATCH STEPS   prints samples per second of all workers together
"""
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn


def model_of(kind):
    if kind == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10))


def work(rank, kind, workers, batch, steps, port, results):
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=workers)
    model = nn.parallel.DistributedDataParallel(model_of(kind))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    inputs, targets = torch.rand(4096, 1, 28, 28), torch.randint(0, 10, (4096,))

    def train(count):
        for _ in range(count):
            chosen = torch.randint(0, 4096, (batch,))
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs[chosen]), targets[chosen]).backward()
            optimizer.step()

    train(max(3, steps // 10))
    dist.barrier()
    begin = time.perf_counter()
    train(steps)
    dist.barrier()
    if rank == 0:
        results.put(workers * batch * steps / (time.perf_counter() - begin))
    dist.destroy_process_group()


if __name__ == "__main__":
    kind, workers, batch, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    context = mp.get_context("spawn")
    results = context.SimpleQueue()
    port = 20000 + os.getpid() % 20000
    mp.spawn(work, (kind, workers, batch, steps, port, results), nprocs=workers)
    print(results.get())
