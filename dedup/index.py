"""Linked rows that take in new ones: what a full run under the same frozen model gives, kept up to date at the cost of the batch.

What is stored: for every row its id, a whole number per compared value and the blocks it is in; every distinct value once, by keyed hash,
with its letters only where letters are compared; the edges and the cluster of every row. See ``index_store.MARKS`` for which files
hold personal data. A row that is removed or changed takes its values with it unless another row holds them.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from contacts.errors import LastroError
from dedup import engine
from dedup.frozen import Frozen, weighed
from dedup.index_clusters import touched_clusters
from dedup.index_plan import Change, Found, letters, one_row, plan, texts_of
from dedup.index_store import BLOCKS, CHARS, GROUPS, IDS, ROWS, TABLES, VALUES, Store, layout
from dedup.kernel import columns as coding
from dedup.kernel import incremental as loops
from dedup.kernel import run
from dedup.kernel.columns import Ints
from dedup.kernel.program import Program, unpack

_CHUNK = 100_000
"""Rows of a large batch that are taken in together."""


class Index:
    """Rows under a frozen model. ``add`` and ``find`` are not to be called from several threads at once."""

    def __init__(self, frozen: Frozen, store: Store | None = None, state: Mapping[str, Any] | None = None) -> None:
        self.frozen, self.table = frozen, frozen.table
        self._weights, self._hasher, self._cap = frozen.learned, frozen.hasher, self.table.blocking.cap
        self._never = engine.never(self.table)
        self._plan = plan(self.table, frozen.silent)
        self.store = store or Store()
        self.used = np.array(state["used"] if state else [0] * 5, dtype=np.int64)
        self.astral: dict[int, int] = {int(k): v for k, v in state["astral"].items()} if state else {}
        self.spare_rows: list[int] = list(state["spare_rows"]) if state else []
        if not state:
            for name, dtype, width in layout(len(self._plan.slots), self._plan.rules):
                self.store.make(name, dtype, 1024, width)
            self.store.make("edge_free", "i8", 2)
        self._lent = np.empty(0, dtype=np.int64)
        self._bind()

    def __len__(self) -> int:
        return int(self.used[ROWS]) - len(self.spare_rows)

    # ---- what is known

    def labels(self) -> pd.Series:
        """Cluster (smallest id in it) of every row, by id, in the order of ids."""
        ids = self.store["ids"][: self.used[ROWS]]
        live = np.flatnonzero(ids >= 0)
        clusters = ids[self.store["label"][live]]
        return pd.Series(clusters, index=ids[live]).sort_index()

    def edges(self) -> pd.DataFrame:
        """Every edge: ids a < b and log-odds in bits, in order."""
        pairs = self.store["edge_row"][: self.store["edge_free"][0]]
        live = pairs[:, 0] >= 0
        ends = np.sort(self.store["ids"][pairs[live]], axis=1)
        told = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "bits": self.store["edge_bits"][: len(pairs)][live]})
        return told.sort_values(["a", "b"], ignore_index=True)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, with the room for more."""
        return sum(array.nbytes for array in self.store.arrays.values())

    # ---- taking in and leaving

    def add(self, frame: pd.DataFrame, gone: Iterable[int] = (), id_column: str = "id") -> Change:
        """Take in new rows, link changed ones (known ids) again, and let go the ids ``gone``.

        ``frame``: ``id_column`` (whole numbers from 0 on, each once) and every column of the table. Rows that say what is already known
        are left alone. Raises LastroError for a missing column or an id that is there twice.
        """
        if missing := [name for name in (id_column, *self._plan.columns) if name not in frame]:
            raise LastroError(f"The table has no column {missing[0]!r}.", "Every column named in the linkage file must be there.")
        ids = frame[id_column].to_numpy(np.int64)
        leaving = np.unique(np.fromiter(gone, dtype=np.int64))
        if len(np.unique(ids)) < len(ids) or (ids < 0).any() or np.isin(ids, leaving).any():
            raise LastroError("An id is there twice, negative, or both new and gone.", "Every row of a batch needs an id of its own.")
        timings = dict.fromkeys(("encode", "index", "probe", "score", "cluster"), 0.0)
        touched: list[Ints] = [self._remove(self._rows_of(leaving), timings)] if len(leaving) else []
        touched += [self._take_in(frame.iloc[at : at + _CHUNK], ids[at : at + _CHUNK], timings) for at in range(0, len(ids), _CHUNK)]
        begin = time.perf_counter()
        told, clusters = self._cluster(np.concatenate(touched) if touched else np.empty(0, dtype=np.int64))
        timings["cluster"] += time.perf_counter() - begin
        return Change(told, clusters, leaving, timings)

    def forget(self, ids: Iterable[int]) -> Change:
        """Let rows go, and every value nobody else holds: letters, hashes and keys are overwritten, in the files too once ``flush`` returned."""
        columns = pd.DataFrame({name: pd.Series(dtype=str) for name in ("id", *self._plan.columns)})
        change = self.add(columns.astype({"id": np.int64}), gone=ids)
        self.store.flush()
        return change

    # ---- looking up

    def find(self, record: Mapping[str, str | None], least: float | None = None, most: int = 20) -> list[Found]:
        """Known rows that may be this record, best first.

        ``record``: any of the table's columns, e.g. e-mail and phone only. A row is looked at when it shares a block with the record, as in a
        batch; ``least`` probability (default: the linkage file's unsure). Raises LastroError for a column the table does not have.
        """
        if unknown := [name for name in record if name not in self._plan.columns]:
            raise LastroError(f"The linkage file has no column {unknown[0]!r}.", f"It has {', '.join(self._plan.columns)}.")
        hashes, derived = self._plan.hashes(one_row(record, self._plan.columns), self._hasher)
        made = self._plan.mixed(hashes)
        rows = loops.members(self._rows, self._chains, np.ascontiguousarray(made[len(self._plan.slots) :, 0]), self._cap)
        if not len(rows):
            return []
        here = int(self.used[ROWS])
        self._lent = self._lent[:0]
        strange, chars = self._stranger(here, hashes, made, derived)
        bits, pattern = self._weigh(np.full(len(rows), here), rows, len(strange))
        self._wipe_values(strange)
        self.store["cross"][self._lent] = -1  # the codes of these values are given again
        self.store["codes"][here] = -1
        self.used[CHARS] = chars
        probability = 1 / (1 + np.exp2(-bits))
        use = np.flatnonzero(probability >= (self.table.zones.unsure if least is None else least))
        ids = self.store["ids"]
        use = use[np.lexsort((ids[rows[use]], -bits[use]))][:most]
        levels = unpack(pattern[use], len(self.table.comparisons))
        told = []
        for at, codes in zip(use.tolist(), levels.tolist(), strict=True):
            words = {name: part.names[code] for (name, part), code in zip(self.table.comparisons.items(), codes, strict=True) if code >= 0}
            row = rows[at]
            told.append(Found(int(ids[row]), int(ids[self.store["label"][row]]), float(bits[at]), float(probability[at]), words))
        return told

    # ---- room

    def _bind(self) -> None:
        """Views of the arrays as the loops and the kernel take them; again whenever an array has moved."""
        s = self.store
        self._rows = loops.Rows(s["ids"], s["block"], s["after"], s["before"], s["edge"], s["fresh"], s["seen"])
        self._chains = loops.Chains(s["block_key"], s["block_head"], s["block_size"], s["block_capped"], s["block_table"])
        self._edges = loops.Edges(s["edge_row"], s["edge_next"], s["edge_bits"], s["edge_tie"], s["edge_free"])
        wide = len(self._plan.slots)
        none, base = np.zeros(wide, dtype=np.int64), np.array([0, s.room("value_hash") - 1], dtype=np.int64)
        texts: dict[str, Any] = {"chars": s["chars"], "begin": s["begin"], "base": base, "numbers": s["numbers"]}
        more: dict[str, Any] = {"rows": s["codes"], "base": none, "place": none, "masks": s["masks"], "cross": s["cross"]}
        program: Program = replace(self._plan.bare, texts=replace(self._plan.bare.texts, **texts), **more)
        self._program = weighed(program, self._weights, s["rarity"])

    def _reserve(self, group: int, more: int) -> None:
        """Room for so many more lines, and one to spare for a record that is only looked up."""
        needed = int(self.used[group]) + more + len(self._plan.slots) + 2
        moved = False
        if group in GROUPS and needed > self.store.room(GROUPS[group][0]):
            for name in GROUPS[group]:
                self.store.grow(name, int(needed * 1.4))
            moved = True
        if group in TABLES:
            name, keys = TABLES[group]
            if needed > 0.6 * self.store.room(name):
                known = int(self.used[ROWS if group == IDS else group])
                self.store.make(name, "i4", 1 << int(np.ceil(np.log2(needed * 2.2))))
                loops.rehash(self.store[name], self.store[keys], known)
                if group == IDS:
                    self.used[IDS] = known
                moved = True
        if moved:
            self._bind()

    # ---- one chunk of a batch

    def _rows_of(self, ids: Ints) -> Ints:
        rows = np.empty(len(ids), dtype=np.int64)
        loops.locate_all(self.store["id_table"], self.store["ids"], ids, rows)
        return rows[rows >= 0]

    def _take_in(self, frame: pd.DataFrame, ids: Ints, timings: dict[str, float]) -> Ints:
        begin = time.perf_counter()
        hashes, derived = self._plan.hashes(texts_of(frame, self._plan.columns), self._hasher)
        made = self._plan.mixed(hashes)
        codes, keys = self._codes(hashes, made, derived), np.ascontiguousarray(made[len(self._plan.slots) :].T)
        source = self._sources(frame)
        timings["encode"] += time.perf_counter() - begin
        known = np.empty(len(ids), dtype=np.int64)
        loops.locate_all(self.store["id_table"], self.store["ids"], ids, known)
        at = np.flatnonzero(known >= 0)
        same = (self._keys_of(known[at]) == keys[at]).all(axis=1)
        same &= (self.store["codes"][known[at]] == codes[at]).all(axis=1) & (self.store["source"][known[at]] == source[at])
        new = np.ones(len(ids), dtype=bool)
        new[at[same]] = False
        loops.count_codes(self.store["holders"], codes[new], 1)  # before the old values go: one that stays keeps its letters
        touched = [self._remove(known[at[~same]], timings)] if not same.all() else []
        begin = time.perf_counter()
        rows, crossed = self._insert(ids[new], codes[new], keys[new], source[new])
        timings["index"] += time.perf_counter() - begin
        touched += [rows, *self._settle(crossed, timings)]
        begin = time.perf_counter()
        first, second = loops.probe(self._rows, self._chains, rows)
        timings["probe"] += time.perf_counter() - begin
        self._score(first, second, timings)
        self.store["fresh"][rows] = 0
        return np.concatenate(touched)

    def _codes(self, hashes: Ints, made: Ints, derived: list[pa.Array]) -> Ints:
        """Whole numbers for the values of every row (n, slots); new values are written down."""
        size = made.shape[1]
        codes = np.empty((size, len(self._plan.slots)), dtype=np.int32)
        self._reserve(VALUES, size * len(self._plan.slots))
        for slot in range(len(self._plan.slots)):
            out, new = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
            count = int(self.used[VALUES])
            after = loops.intern(self.store["value_table"], self.store["value_hash"], count, made[slot], out, new)
            codes[:, slot] = out
            first = new[: after - count]
            self._write_values(slot, count, derived[slot].take(pa.array(first)), hashes[slot][first])
            self.used[VALUES] = after
        return codes

    def _write_values(self, slot: int, at: int, values: pa.Array, hashes: Ints) -> None:
        """Letters, dates, rarity of values ``at`` and after."""
        s, many = self.store, len(values)
        if not many:
            return
        units, sizes = (np.empty(0, np.uint16), np.zeros(many, np.int64))
        if slot in self._plan.read:
            units, sizes = coding.units(values, self.astral)
            self._reserve(CHARS, len(units))
        low = int(self.used[CHARS])
        s["chars"][low : low + len(units)] = units
        ends = low + np.cumsum(sizes)
        s["begin"][at], s["begin"][at + 1 : at + 1 + many] = low, ends
        s["masks"][at : at + many] = letters(units, np.r_[0, ends - low])
        s["numbers"][at : at + many] = coding.day_numbers(values) if slot in self._plan.dates else -1
        s["holders"][at : at + many] = 0
        s["rarity"][at : at + many] = self.frozen.rarity(self._plan.terms[slot], hashes) if slot in self._plan.terms else 0.0
        s["cross"][at : at + many] = -1
        self.used[CHARS] = low + len(units)
        for mine, other in self._plan.swaps.items():
            if slot in (mine, other):
                self._cross(mine, other, slot, at, hashes)

    def _cross(self, mine: int, other: int, slot: int, at: int, hashes: Ints) -> None:
        """The same text in the column it is sometimes exchanged with, both ways."""
        counterpart = np.empty(len(hashes), dtype=np.int64)
        wanted = np.empty((1, len(hashes)), dtype=np.int64)
        seed, one = np.array([1000 + (other if slot == mine else mine)]), np.array([0, 1])
        loops.mix(hashes.reshape(1, -1), seed, one, one, wanted)
        loops.locate_all(self.store["value_table"], self.store["value_hash"], wanted[0], counterpart)
        codes, known = at + np.arange(len(hashes)), counterpart >= 0
        if slot == mine:
            self.store["cross"][codes[known]] = counterpart[known]
        if slot == other:
            self.store["cross"][counterpart[known]] = codes[known]
            self._lent = np.append(self._lent, counterpart[known])

    def _sources(self, frame: pd.DataFrame) -> Ints:
        """A number for each row's source where sources are free of duplicates, else 0."""
        if not self.table.duplicate_free:
            return np.zeros(len(frame), dtype=np.int32)
        named = frame[self.table.duplicate_free]
        plain = self._hasher(pa.array(named.fillna("").astype(str), pa.large_string())) & 0x7FFFFFFF
        return np.where(named.isna(), -1, plain).astype(np.int32)

    def _keys_of(self, rows: Ints) -> Ints:
        blocks = self.store["block"][rows]
        return np.where(blocks >= 0, self.store["block_key"][blocks], -1)

    def _insert(self, ids: Ints, codes: Ints, keys: Ints, source: Ints) -> tuple[Ints, Ints]:
        """Rows for new ids, linked into their blocks; returns the rows, and (block, rule) lines of blocks that crossed the cap."""
        many = len(ids)
        fresh = max(many - len(self.spare_rows), 0)
        for group, more in ((ROWS, fresh), (IDS, many), (BLOCKS, keys.size)):
            self._reserve(group, more)
        spare = [self.spare_rows.pop() for _ in range(many - fresh)]
        rows = np.r_[np.array(spare, dtype=np.int64), self.used[ROWS] + np.arange(fresh)].astype(np.int64)
        self.used[ROWS] += fresh
        s = self.store
        s["ids"][rows], s["codes"][rows], s["source"][rows], s["edge"][rows], s["label"][rows], s["fresh"][rows] = ids, codes, source, -1, rows, 1
        self.used[IDS] += loops.place_ids(s["id_table"], s["ids"], rows)
        blocks = np.empty(keys.shape, dtype=np.int64)
        for rule in range(keys.shape[1]):
            count, new, out = int(self.used[BLOCKS]), np.empty(many, dtype=np.int64), np.empty(many, dtype=np.int64)
            self.used[BLOCKS] = after = loops.intern(s["block_table"], s["block_key"], count, np.ascontiguousarray(keys[:, rule]), out, new)
            for name in ("block_size", "block_capped"):
                s[name][count:after] = 0
            blocks[:, rule] = out
        return rows, loops.link(self._rows, self._chains, rows, blocks, self._cap)

    def _remove(self, rows: Ints, timings: dict[str, float]) -> Ints:
        """Take rows out, with all edges and with the values and keys that nobody else has; returns the rows they were tied to."""
        begin = time.perf_counter()
        tied = loops.untie(self._rows, self._edges, rows)
        s = self.store
        crossed, empty = loops.unlink(self._rows, self._chains, rows, self._cap)
        self._wipe_values(np.unique(loops.count_codes(s["holders"], s["codes"][rows], -1)))
        s["block_key"][empty[s["block_size"][empty] == 0]] = -1
        s["ids"][rows], s["codes"][rows] = -1, -1
        self.spare_rows.extend(rows.tolist())
        timings["index"] += time.perf_counter() - begin
        return np.concatenate([tied, *self._settle(crossed, timings)])

    def _settle(self, crossed: Ints, timings: dict[str, float]) -> list[Ints]:
        """Blocks that have become too large lose the edges only they had found; those no longer too large give theirs back. Returns rows touched."""
        if not len(crossed):
            return []
        s = self.store
        blocks = np.unique(crossed)
        now = s["block_size"][blocks] > self._cap
        blocks, now = blocks[now != s["block_capped"][blocks].astype(bool)], now[now != s["block_capped"][blocks].astype(bool)]
        blocks, now = blocks[s["block_size"][blocks] > 0], now[s["block_size"][blocks] > 0]
        s["block_capped"][blocks] = now
        begin = time.perf_counter()
        rules = (s["block"][s["block_head"][blocks]] == blocks[:, None]).argmax(axis=1)
        first, second = loops.closed(self._rows, self._chains, self._edges, blocks[now], rules[now])
        a, b = loops.reopened(self._rows, self._chains, self._edges, blocks[~now], rules[~now])
        if len(a):
            pairs = np.unique(np.sort(np.stack([a, b], axis=1), axis=1), axis=0)
            a, b = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
        timings["probe"] += time.perf_counter() - begin
        a, b = self._score(a, b, timings)
        return [first, second, a, b]

    def _score(self, first: Ints, second: Ints, timings: dict[str, float]) -> tuple[Ints, Ints]:
        """Weigh pairs of rows and keep those that reach the edge; returns the kept ones."""
        begin = time.perf_counter()
        s = self.store
        if self.table.duplicate_free:
            apart = s["source"][first] != s["source"][second]
            first, second = first[apart], second[apart]
        turned = s["ids"][first] > s["ids"][second]  # as a full run in the order of ids sees them
        first, second = np.where(turned, second, first), np.where(turned, first, second)
        bits, pattern = self._weigh(first, second)
        use = bits >= self.table.clusters.edge
        first, second, bits = first[use], second[use], bits[use].astype(np.float32)
        may = ~self._never(pattern[use]) if self._never else np.ones(len(first), dtype=bool)
        if s["edge_free"][0] + len(first) > s.room("edge_row"):
            for name in ("edge_row", "edge_next", "edge_bits", "edge_tie"):
                s.grow(name, int((s["edge_free"][0] + len(first)) * 1.4))
            self._bind()
        loops.tie(self._rows, self._edges, first, second, bits, may)
        timings["score"] += time.perf_counter() - begin
        return first, second

    def _weigh(self, first: Ints, second: Ints, more: int = 0) -> tuple[npt.NDArray[np.float64], Ints]:
        """Log-odds and patterns of pairs of rows; ``more`` values lie behind the known ones."""
        program = self._program
        if not run.is_compiled():  # the slow path decodes all texts it is given
            texts, many = program.texts, int(self.used[VALUES]) + more
            program = replace(program, texts=replace(texts, begin=texts.begin[: many + 1], base=np.array([0, many])))
        return run.weigh(program, first, second, self._weights.prior)

    def _cluster(self, touched: Ints) -> tuple[Ints, Ints]:
        """Clusters of all components that hold a touched row; returns their ids and clusters."""
        s = self.store
        rows, ties = loops.reach(self._rows, self._edges, touched)
        rows = rows[np.argsort(s["ids"][rows])]
        place = np.argsort(rows)
        ends = place[np.searchsorted(rows[place], s["edge_row"][ties])]
        edges = ends[:, 0], ends[:, 1], s["edge_bits"][ties]
        given = self.table, self._program, self._weights.prior, self._never, s["source"]
        labels = touched_clusters(*given, rows, edges, self._weigh) if len(rows) else rows
        s["label"][rows] = rows[labels]
        return s["ids"][rows], s["ids"][rows[labels]]

    # ---- values that come and go

    def _stranger(self, row: int, hashes: Ints, made: Ints, derived: list[pa.Array]) -> tuple[Ints, int]:
        """Write the record that is looked up behind all rows, its unknown values behind all values; returns these values and where letters ended."""
        count, chars = int(self.used[VALUES]), int(self.used[CHARS])
        unknown: list[int] = []
        codes = np.empty(len(self._plan.slots), dtype=np.int64)
        loops.locate_all(self.store["value_table"], self.store["value_hash"], np.ascontiguousarray(made[: len(codes), 0]), codes)
        for slot, code in enumerate(codes.tolist()):
            if code < 0 and made[slot, 0] >= 0:
                codes[slot] = count + len(unknown)
                unknown.append(count + len(unknown))
                self._write_values(slot, unknown[-1], derived[slot], hashes[slot])
        self.store["codes"][row] = codes
        return np.array(unknown, dtype=np.int64), chars

    def _wipe_values(self, codes: Ints) -> None:
        """Overwrite values."""
        s = self.store
        for code in codes.tolist():
            s["chars"][s["begin"][code] : s["begin"][code + 1]] = 0
        s["value_hash"][codes], s["numbers"][codes], s["masks"][codes], s["rarity"][codes], s["cross"][codes] = -1, -1, 0, 0, -1
