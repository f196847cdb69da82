"""The chains and forks, in lines that are the same for every library: x is its kind of number."""


def chain(x, data):
    y = x
    for weight in data["weights"]:
        y = y * weight + 0.001
    return y


def chain_of_forks(x, data):
    total = x
    for weight in data["weights"]:
        total = total + x * weight
    return total


def tree_of_forks(x, data):
    layer = [x * weight for weight in data["weights"]]
    while len(layer) > 1:
        odd = layer[len(layer) // 2 * 2 :]
        layer = [a + b for a, b in zip(layer[::2], layer[1::2], strict=False)] + odd
    return layer[0]


def array_forks(x, data):
    total = x
    for _ in range(data["count"]):
        total = total + x
    return total.sum()
