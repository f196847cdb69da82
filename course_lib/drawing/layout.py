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

from dataclasses import dataclass

from .mesh import Mesh, extent, row_heights

TRACK = 8.0  # pixels between two wires that turn at the end of a row


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
            gap=min(14.0 + 3 * len(onward), 60.0),
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
    """After which layers to begin a new row: fewest rows, then fewest wires at folds, then even.

    A leaf that a fold parts from its first user is as bad as one more row.
    """
    count = len(columns)
    best = [(0, 0, 0.0, ())] + [None] * count  # k layers: (rows + strays, wires, uneven, folds)
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
                rows, wires, folds = rows + last.strays, wires + last.wires, (*folds, start - 1)
            candidate = rows + 1, wires, uneven + width**2, folds
            best[stop] = min(best[stop] or candidate, candidate)
    return best[count][-1]


class Drawing:
    """From orders and heights to coordinates: rows below each other, trunks around their ends."""

    def __init__(self, mesh, columns, heights):
        self.mesh, self.heights = mesh, heights
        self.x = {}  # of each layer's level: where it begins, its origins and where it ends
        self.exits, self.entries = (
            [],
            [],
        )  # of each turn: x in the row before; in the next, its tags
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
                    x += column.wires * TRACK
                    self.entries.append((x, x + column.tag))
                    x += column.tag + column.gap
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
            path = [("M", self.entries[row][1], self.y(first, row + 1))]
            row += 1
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
        (entry, end), y = self.entries[k], self.y(v, k + 1)
        left = entry - inner * TRACK
        corners = [(right, self.y(v, k)), (right, under), (left, under), (left, y)]
        path += rounded([path[-1][-2:], *corners, (end, y)])
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
