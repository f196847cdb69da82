"""Where the parts of a graph go on paper: layers from left to right, few crossings, no overlaps.

The method is that of Sugiyama, Tagawa and Toda (1981), "Methods for visual understanding of
hierarchical system structures", with one addition: a long graph is folded into rows, as text is.

1. Layers. A block stands to the right of everything it depends on (longest path); what depends on
   nothing moves up to its first user.
2. Rows. Layers fill a row up to the width of the page. At a fold every wire passes a `turn`: a
   layer of its own, drawn twice, at the end of one row and at the start of the next.
3. Order. Where an edge passes through a layer it becomes a dummy vertex there. Sweeps sort every
   layer by the mean position of its neighbors; the order with the fewest crossings is kept.
4. Heights. Each vertex is wanted at the median height of its neighbors; within a layer the closest
   heights that keep order and distances come from isotonic regression (pool adjacent violators).

Edges bend only between layers, where no block is; within a layer they are horizontal and have a
place of their own. So no edge meets a block or another block's labels, whatever the graph.
"""

from bisect import bisect, insort
from dataclasses import dataclass
from itertools import pairwise

GAP = 16.0  # pixels between two blocks of a layer, one above the other
WIRE = 16.0  # between two wires that pass through a layer side by side
TRACK = 8.0  # between two wires that turn at the end of a row
SWEEPS = 16  # the order rarely improves after ten


@dataclass(frozen=True)
class Block:
    """What is to be placed, in pixels around an origin; its wire leaves to the right of it."""

    before: float  # extent to the left of the origin
    after: float  # to the right,
    above: float  # upwards,
    below: float  # and downwards
    ports: tuple[float, ...] = ()  # heights below the origin at which edges arrive from the left
    swappable: bool = False  # edges may arrive in any order, as in a sum
    tag: float = 0.0  # width of the tag on its wire where that enters another row


@dataclass(frozen=True)
class Trunk:
    """The wire of a block from one row into the next, where edges branch off."""

    block: int
    path: list[tuple]
    tag_x: float  # where its tag begins; the path ends behind it
    forks: bool


@dataclass(frozen=True)
class Layout:
    """The picture's size, and for each block and edge where it goes; y grows downwards.

    Paths are lists of SVG commands ("M", x, y), ("L", x, y), ("C", x1, y1, x2, y2, x, y).
    """

    width: float
    height: float
    origins: list[tuple[float, float]]
    wire_ends: list[float]  # x at which a block's own wire ends and its edges begin
    branches: list[int]  # how many edges and trunks begin there
    ports: list[int]  # the port at which each edge arrives
    paths: list[list[tuple]]  # of each edge, from its block or, in a later row, from the trunk
    trunks: list[Trunk]


def place(blocks: list[Block], edges: list[tuple[int, int, int]], page: float) -> Layout:
    """Lay out `blocks`, listed in topological order, and `edges` (source, target, port).

    A graph wider than `page` pixels is folded into rows.
    """
    layers = longest_path_layers(len(blocks), edges)
    columns = [Column.of(k, blocks, edges, layers) for k in range(max(layers) + 1)]
    folds = choose_folds(columns, page)
    mesh = Mesh(blocks, edges, layers, folds)
    mesh.reduce_crossings()
    mesh.sort_swappable_ports()
    return Drawing(mesh, columns, [row_heights(mesh, row) for row in mesh.rows]).layout()


def longest_path_layers(count, edges):
    """The layer of each block: one more than the largest of its sources; then leaves move right."""
    layers = [0] * count
    sources, targets = [set() for _ in range(count)], [set() for _ in range(count)]
    for s, t, _ in edges:
        sources[t].add(s)
        targets[s].add(t)
    for v in range(count):
        layers[v] = max((layers[s] + 1 for s in sources[v]), default=0)
    for v in reversed(range(count)):  # no wire gets longer unless another gets shorter
        if targets[v] and len(sources[v]) <= 1:
            layers[v] = min(layers[t] for t in targets[v]) - 1
    return [layer - min(layers) for layer in layers]


@dataclass(frozen=True)
class Column:
    """The extent of a layer around its origins, and what leaves it to the right."""

    before: float
    after: float
    gap: float  # to the next layer: bundles of many edges need room to be followed by eye
    wires: int  # blocks whose wires go on to the right
    strays: int  # of these, leaves of this very layer: a fold would part them from their first user
    tag: float  # the widest of their tags

    @classmethod
    def of(cls, k, blocks, edges, layers):
        inside = [block for block, layer in zip(blocks, layers, strict=True) if layer == k]
        dependent = {t for _, t, _ in edges}
        onward = [s for s, t, _ in edges if layers[s] <= k < layers[t]]
        return cls(
            before=max(block.before for block in inside),
            after=max(block.after for block in inside),
            gap=min(16.0 + 3 * len(onward), 60.0),
            wires=len(set(onward)),
            strays=sum(layers[s] == k and s not in dependent for s in set(onward)),
            tag=max((blocks[s].tag for s in onward), default=0.0),
        )

    @property
    def exit(self):
        """The width in which its wires leave the row."""
        return self.gap + self.wires * TRACK

    @property
    def entry(self):
        """The width in which they enter the next row."""
        return self.wires * TRACK + self.tag + self.gap


def choose_folds(columns, page):
    """After which layers to begin a new row: fewest rows, then fewest wires at folds, then even."""
    count = len(columns)
    best = [(0, 0, 0.0, ())] + [None] * count  # (rows, wires, unevenness, folds) of the first k
    for stop in range(1, count + 1):
        for start in reversed(range(stop)):
            inside = columns[start:stop]
            width = sum(c.before + c.after for c in inside) + sum(c.gap for c in inside[:-1])
            width += columns[start - 1].entry if start else 0.0
            width += inside[-1].exit if stop < count else 0.0
            if width > page and start < stop - 1:
                break
            rows, wires, uneven, folds = best[start]
            if start:
                last = columns[start - 1]
                wires, folds = wires + last.wires + last.strays, (*folds, start - 1)
            candidate = rows + 1, wires, uneven + width**2, folds
            best[stop] = min(best[stop] or candidate, candidate)
    return best[count][-1]


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
                for i, (u, v) in enumerate(pairwise(list(level))):
                    u = level[i]
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
        gap = GAP if mesh.is_block(u) and mesh.is_block(v) else WIRE
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


class Drawing:
    """From orders and heights to coordinates: rows below each other, trunks around their ends."""

    def __init__(self, mesh, columns, heights):
        self.mesh, self.heights = mesh, heights
        self.x = {}  # of each layer's level: where it begins, its origins and where it ends
        self.exits, self.entries = [], []  # x of each turn in the row before and the row after
        self.tops, self.bottoms = [], []
        self.width = bottom = 0.0
        layers = iter(columns)
        column = None
        for row, levels in enumerate(mesh.rows):
            x = 0.0
            for level in levels:
                if level not in mesh.turns:
                    column = next(layers)
                    self.x[level] = x, x + column.before, x + column.before + column.after
                    x += column.before + column.after + column.gap
                elif level == levels[0]:
                    self.entries.append(column.wires * TRACK)
                    x += column.entry
                    bottom += (column.wires + 1) * TRACK
                else:
                    self.exits.append(x)
                    self.width = max(self.width, x + column.wires * TRACK)
            self.width = max(self.width, self.x[max(self.x)][2])
            self.tops.append(bottom)
            bottom += max(y + extent(mesh, v)[1] for v, y in heights[row].items())
            self.bottoms.append(bottom)
            bottom += TRACK

    def row(self, v):
        return sum(turn < self.mesh.level[v] for turn in self.mesh.turns)

    def y(self, v, row):
        return self.tops[row] + self.heights[row][v]

    def layout(self):
        mesh, count = self.mesh, len(self.mesh.blocks)
        return Layout(
            width=self.width,
            height=self.bottoms[-1],
            origins=[(self.x[mesh.level[v]][1], self.y(v, self.row(v))) for v in range(count)],
            wire_ends=[self.x[mesh.level[v]][2] for v in range(count)],
            branches=[len(mesh.right[v]) for v in range(count)],
            ports=mesh.ports,
            paths=[self.path(chain, e) for e, chain in enumerate(mesh.chains)],
            trunks=[
                self.trunk(v, k) for k, turn in enumerate(mesh.turns) for v in mesh.levels[turn]
            ],
        )

    def path(self, chain, edge):
        """An edge, from the last turn it passes or from its block to its target."""
        mesh, target = self.mesh, chain[-1]
        turns = [i for i, v in enumerate(chain) if mesh.level[v] in mesh.turns]
        path = self.through(chain[max(turns, default=0) : -1])
        end = self.y(target, self.row(target)) + mesh.drop(target, edge)
        return [*path, curve(path[-1], self.x[mesh.level[target]][0], end)]

    def through(self, vertices):
        """From the right end of the first vertex through the dummies that follow it."""
        first, *dummies = vertices
        row = self.row(first)
        if self.mesh.level[first] in self.mesh.turns:
            row += 1
            tag = max(
                self.mesh.blocks[self.mesh.source[v]].tag
                for v in self.mesh.levels[self.mesh.level[first]]
            )
            path = [("M", self.entries[row - 1] + tag, self.y(first, row))]
        else:
            path = [("M", self.x[self.mesh.level[first]][2], self.y(first, row))]
        for v in dummies:
            begin, _, end = self.x[self.mesh.level[v]]
            path += [curve(path[-1], begin, self.y(v, row)), ("L", end, self.y(v, row))]
        return path

    def trunk(self, v, k):
        """The wire to turn v at the end of row k, around the row and into the next one.

        The uppermost wire takes the outermost track on the right, the lowest below the row and
        the innermost on the left: so wires keep their order and do not cross.
        """
        mesh = self.mesh
        before, chain = v, []
        while not chain or (mesh.level[before] not in mesh.turns and not mesh.is_block(before)):
            ((before, _),) = mesh.left[before]
            chain.append(before)
        path = self.through(chain[::-1])
        path.append(curve(path[-1], self.exits[k], self.y(v, k)))
        order = mesh.levels[mesh.turns[k]]
        inner, outer = order.index(v) + 1, len(order) - order.index(v)
        right, under = self.exits[k] + outer * TRACK, self.bottoms[k] + outer * TRACK
        left, entry, y = self.entries[k] - inner * TRACK, self.entries[k], self.y(v, k + 1)
        corners = [(right, self.y(v, k)), (right, under), (left, under), (left, y)]
        tag = max(mesh.blocks[mesh.source[u]].tag for u in order)
        path += rounded([path[-1][-2:], *corners, (entry + tag, y)])
        return Trunk(mesh.source[v], path, entry, len(mesh.right[v]) > 1)


def curve(start, x, y):
    """From the end of the command `start` to (x, y), horizontal at both ends."""
    from_x, from_y = start[-2:]
    if abs(from_y - y) < 0.01:
        return ("L", x, y)
    middle = (from_x + x) / 2
    return ("C", middle, from_y, middle, y, x, y)


def rounded(points, radius=4.0):
    """Lines along `points`, which lie on a rectangular path, with rounded corners."""
    commands = []
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        commands.append(("L", *toward(corner, before, radius)))
        commands.append(("C", *corner, *corner, *toward(corner, after, radius)))
    return [*commands, ("L", *points[-1])]


def toward(point, other, distance):
    """The point `distance` away from `point` on the way to `other`, half-way at most."""
    (x, y), (to_x, to_y) = point, other
    length = abs(to_x - x) + abs(to_y - y)
    share = min(distance, length / 2) / length if length else 0.0
    return x + (to_x - x) * share, y + (to_y - y) * share
