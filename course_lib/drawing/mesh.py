"""Steps 3 and 4 of a layout: in which order the vertices of a level stand, and how high.

`layout.py` has the overview. Crossings are reduced by sweeps of barycenters (Sugiyama, Tagawa and
Toda 1981) with exchanges of neighbors; heights are medians of neighbors under order constraints.
"""

from bisect import bisect, insort
from itertools import pairwise

GAPS = 16.0, 9.0, 16.0  # pixels, in a level: between two wires, wire and block, two blocks
SWEEPS = 16  # the order rarely improves after ten


class Mesh:
    """Blocks and dummies in levels, and the segments of edges between adjacent levels.

    Levels are the layers and, at each fold, a turn. Vertices are numbered, first the blocks, then
    the dummies. Up to its last turn an edge shares its dummies with the other edges of its block.
    """

    def __init__(self, blocks, edges, layers, folds):
        self.blocks = blocks
        self.ports = [port for _, _, port in edges]
        self.turns = [fold + 1 + k for k, fold in enumerate(folds)]
        self.level = [layer + sum(fold < layer for fold in folds) for layer in layers]
        depth = max(self.level) + 1
        stops = [*self.turns, depth - 1]
        self.rows = [
            range(start, stop + 1) for start, stop in zip([0, *self.turns], stops, strict=True)
        ]
        shared = {}
        self.chains = []  # of each edge: the vertices it passes
        for s, t, _ in edges:
            chain, last_turn = [s], max((k for k in self.turns if k < self.level[t]), default=-1)
            for level in range(self.level[s] + 1, self.level[t]):
                dummy = shared.get((s, level)) if level <= last_turn else None
                if dummy is None:
                    dummy = len(self.level)
                    self.level.append(level)
                    if level <= last_turn:
                        shared[s, level] = dummy
                chain.append(dummy)
            self.chains.append([*chain, t])
        self.source = {v: chain[0] for chain in self.chains for v in chain[:-1]}
        self.left, self.right = [[] for _ in self.level], [[] for _ in self.level]
        segments = {
            (u, v, e if self.is_block(v) else None): None
            for e, chain in enumerate(self.chains)
            for u, v in pairwise(chain)
        }
        for u, v, edge in segments:
            self.left[v].append((u, edge))
            self.right[u].append((v, edge))
        self.levels = self.first_order(depth)

    def is_block(self, v):
        return v < len(self.blocks)

    def first_order(self, depth):
        """Levels filled as a walk back from the last block meets their vertices."""
        levels, seen, stack = [[] for _ in range(depth)], set(), list(range(len(self.blocks)))
        while stack:
            v = stack.pop()
            if v not in seen:
                seen.add(v)
                levels[self.level[v]].append(v)
                stack.extend(u for u, _ in reversed(self.left[v]))
        return levels

    def drop(self, v, edge):
        """How far below the origin of v the edge arrives."""
        return self.blocks[v].ports[self.ports[edge]] if self.is_block(v) else 0.0

    def rank(self, v, edge):
        """Where in 0 ... 1 of its target an edge arrives; in the middle if that is open."""
        if not self.is_block(v) or self.blocks[v].swappable:
            return 0.5
        return (self.ports[edge] + 1) / (len(self.blocks[v].ports) + 1)

    def reduce_crossings(self):
        """Sort every level by its neighbors' mean position, to and fro; keep the best order."""
        levels = self.levels
        fewest = self.crossings(levels, positions(levels))
        for sweep in range(SWEEPS):
            if not fewest:
                break
            levels, rightwards = [list(level) for level in levels], sweep % 2 == 0
            position = positions(levels)
            for level in levels if rightwards else reversed(levels):
                means = {v: self.mean_position(v, position, rightwards) for v in level}
                if sweep % 4 > 1:  # ties the other way round: a way out of some dead ends
                    level.reverse()
                level.sort(key=means.get)
                position.update((v, i) for i, v in enumerate(level))
            self.swap_neighbors(levels, position)
            crossings = self.crossings(levels, position)
            if crossings < fewest:
                self.levels, fewest = levels, crossings

    def mean_position(self, v, position, rightwards):
        if rightwards:
            found = [position[u] for u, _ in self.left[v]]
        else:
            found = [position[w] + self.rank(w, e) for w, e in self.right[v]]
        return sum(found) / len(found) if found else position[v]

    def swap_neighbors(self, levels, position, rounds=4):
        """Exchange adjacent vertices where that removes crossings."""
        for _ in range(rounds):
            before = dict(position)
            for level in levels:
                for i in range(len(level) - 1):
                    u, v = level[i], level[i + 1]
                    if self.crossed(u, v, position) > self.crossed(v, u, position):
                        level[i], level[i + 1] = v, u
                        position[u], position[v] = i + 1, i
            if position == before:
                return

    def crossed(self, upper, lower, position):
        """How often edges of two adjacent vertices cross if `upper` stands above `lower`."""
        total = 0
        for ends in (self.left_ends, self.right_ends):
            passed = ends(upper, position)
            total += sum(len(passed) - bisect(passed, end) for end in ends(lower, position))
        return total

    def left_ends(self, v, position):
        return sorted(position[u] for u, _ in self.left[v])

    def right_ends(self, v, position):
        return sorted(position[w] + self.rank(w, e) for w, e in self.right[v])

    def crossings(self, levels, position):
        """The number of pairs of segments that cross."""
        total = 0
        for level in levels:
            passed = []
            for u in level:
                ends = self.right_ends(u, position)
                total += sum(len(passed) - bisect(passed, end) for end in ends)
                for end in ends:
                    insort(passed, end)
        return total

    def sort_swappable_ports(self):
        """Let the edges into a sum or product arrive in the order in which they come."""
        position = positions(self.levels)
        for v, block in enumerate(self.blocks):
            if block.swappable:
                arriving = sorted((position[u], e) for u, e in self.left[v])
                ports = sorted(self.ports[e] for _, e in arriving)
                for port, (_, e) in zip(ports, arriving, strict=True):
                    self.ports[e] = port


def positions(levels):
    """The index of every vertex in its level."""
    return {v: i for level in levels for i, v in enumerate(level)}


def row_heights(mesh, row):
    """The height of every vertex in a row: near its neighbors, in order, at a distance.

    The row's top is 0. Rows are independent; a turn has a height in both of its rows.
    """
    levels = [mesh.levels[k] for k in row]
    y = {}
    for level in levels:
        y.update(zip(level, settle(mesh, level, [[(0.0, 1.0)]] * len(level)), strict=True))
    for sweep in range(20):
        rightwards, both = sweep % 2 == 0, sweep >= 8  # in the end both sides count
        for level in levels if rightwards else reversed(levels):
            wishes = []
            for v in level:
                wish = []
                if rightwards or both:
                    wish += [(y[u] - mesh.drop(v, e), u) for u, e in mesh.left[v] if u in y]
                if not rightwards or both:
                    wish += [(y[w] + mesh.drop(w, e), w) for w, e in mesh.right[v] if w in y]
                stiff = 1.0 if mesh.is_block(v) else 4.0  # long edges had better be straight
                wishes.append(
                    [(at, 1.0 if mesh.is_block(u) else stiff) for at, u in wish] or [(y[v], 0.1)]
                )
            y.update(zip(level, settle(mesh, level, wishes), strict=True))
    top = min(y[v] - extent(mesh, v)[0] for v in y)
    return {v: height - top for v, height in y.items()}


def extent(mesh, v):
    """How far v reaches above and below its origin."""
    return (mesh.blocks[v].above, mesh.blocks[v].below) if mesh.is_block(v) else (0.0, 0.0)


def settle(mesh, level, wishes):
    """The heights closest to `wishes` (least weighted absolute error) that keep all distances.

    Less its least possible height, each vertex only has to stand no higher than the one before:
    an isotonic regression. Neighbors that are out of order are pooled at their common median.
    """
    least = [0.0]
    for u, v in pairwise(level):
        gap = GAPS[mesh.is_block(u) + mesh.is_block(v)]
        least.append(least[-1] + extent(mesh, u)[1] + gap + extent(mesh, v)[0])
    pools = []  # (median, wishes, number of vertices)
    for base, wish in zip(least, wishes, strict=True):
        pooled, size = sorted((y - base, weight) for y, weight in wish), 1
        while pools and pools[-1][0] > weighted_median(pooled):
            _, above, more = pools.pop()
            pooled, size = sorted(above + pooled), size + more
        pools.append((weighted_median(pooled), pooled, size))
    settled = [median for median, _, size in pools for _ in range(size)]
    return [base + y for base, y in zip(least, settled, strict=True)]


def weighted_median(pairs):
    """Of sorted (value, weight): where half of the weight is passed; between two, their middle."""
    half, so_far = sum(weight for _, weight in pairs) / 2, 0.0
    for i, (value, weight) in enumerate(pairs):
        so_far += weight
        if so_far > half:
            break
        if so_far == half:
            return (value + pairs[i + 1][0]) / 2
    return value
