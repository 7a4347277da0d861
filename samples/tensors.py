"""How do I get tensors in and out, and what is copied on the way?

Each line shows one way; the address says whether the memory is the same. With torch installed, both directions of it, too.
"""

import numpy as np

import headrace as hr


def address(array: object) -> int:
    return int(np.asarray(array).__array_interface__["data"][0])


def shares(what: str, a: object, b: object) -> None:
    print(f"{what:44} {'shared' if address(a) == address(b) else 'copied'}")


x = np.arange(6, dtype=np.float32).reshape(2, 3)
t = hr.tensor(x)
print(t)

shares("hr.tensor(array)", t, x)
shares("t.numpy()", t.numpy(), x)
shares("np.asarray(t)", np.asarray(t), x)
shares("memoryview(t)", memoryview(t), x)
shares("np.from_dlpack(t)", np.from_dlpack(t), x)
shares("hr.from_dlpack(array)", hr.from_dlpack(x), x)
shares("t[:, :2], t.T, t.reshape(3, 2)", t.reshape(3, 2), x)
shares("hr.tensor(bytearray)", hr.tensor(buffer := bytearray(4)), buffer)
shares("np.array(t), t.copy(), t.astype(...)", t.copy(), x)
shares("t[[0, 1]], t[t >= 0]", t[[0, 1]], x)

x[0, 0] = 7  # seen through all that is shared
print(t.numpy()[0, 0], (t * 2 + 1)[0].tolist(), hr.exp(t - hr.max(t)).sum().item())

for batch in hr.from_tensor_slices(t).batch(2).as_tensor_iterator():
    shares("a batch of as_tensor_iterator(), in order", batch, x)
    print("writable:", batch.writable, "-- others may read it; batch.copy() may be written to")

try:
    import torch
except ImportError:
    print("torch is not installed")
else:
    shares("torch.from_dlpack(batch)", torch.from_dlpack(t), x)  # type: ignore[attr-defined]
    weights = torch.ones(4, 2, requires_grad=True)
    shares("hr.tensor(torch tensor that requires grad)", hr.tensor(weights), weights.detach())
    shares("from_tensor_slices(torch tensor).batch(4)", next(iter(hr.from_tensor_slices(weights).batch(4))), weights.detach())
