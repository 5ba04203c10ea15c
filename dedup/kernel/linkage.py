"""Average linkage field by field: two groups are compared by the mean weight of each comparison over the pairs that have it.

A pair that lacks a field says nothing about it. In plain average linkage such a pair pulls the mean of two groups down to
the prior as if it spoke against them; here it stands aside, so that sparse records of one person stay together and one
threshold serves clean and sparse tables alike.
"""

import numpy as np

# Plain Python that numba compiles as it stands: the fallback runs the very same lines.


def link_fieldwise(members, offsets, pair_offsets, pattern, rare, weights, prior, related, related_prior, never, strongest, bond, largest, out):
    """Groups inside every component: ``out`` gets each row's group, named by its first row.

    Rows of component i are ``members[offsets[i]:offsets[i + 1]]``; its pairs, in the order of ``triu_indices``, begin at
    ``pair_offsets[i]``. ``pattern``, ``rare`` (pairs, K), ``never``: packed levels, bits of rarity, and pairs that are never one.
    """
    fields = weights.shape[0]
    relations = related.shape[0]
    for at in range(len(offsets) - 1):
        k = offsets[at + 1] - offsets[at]
        total = np.zeros((k, k, fields, 1 + relations))
        count = np.zeros((k, k, fields))
        apart = np.zeros((k, k), dtype=np.bool_)
        mean = np.full((k, k), -np.inf)
        place = pair_offsets[at]
        for i in range(k):
            for j in range(i + 1, k):
                for field in range(fields):
                    level = (pattern[place] >> (4 * field)) & 15
                    if level != 15:
                        count[i, j, field] = 1.0
                        total[i, j, field, 0] = weights[field, level] + rare[place, field]
                        for r in range(relations):
                            bits = related[r, field, level]
                            total[i, j, field, 1 + r] = bits + rare[place, field] if bits != 0.0 else 0.0
                apart[i, j] = never[place]
                place += 1
                mean[i, j] = -np.inf if apart[i, j] else _mean(i, j, total, count, prior, related_prior, strongest)
        size = np.ones(k, dtype=np.int64)
        group = np.arange(k)
        while True:
            best, a, b = -np.inf, -1, -1
            for i in range(k):
                if size[i] > 0:
                    for j in range(i + 1, k):
                        if size[j] > 0 and mean[i, j] > best and size[i] + size[j] <= largest:
                            best, a, b = mean[i, j], i, j
            if a < 0 or best < bond:
                break
            size[a] += size[b]
            size[b] = 0
            for j in range(k):
                if group[j] == b:
                    group[j] = a
                if size[j] > 0 and j != a:
                    p, q = min(a, j), max(a, j)
                    s, t = min(b, j), max(b, j)
                    for field in range(fields):
                        count[p, q, field] += count[s, t, field]
                        for r in range(1 + relations):
                            total[p, q, field, r] += total[s, t, field, r]
                    apart[p, q] = apart[p, q] or apart[s, t]
                    mean[p, q] = -np.inf if apart[p, q] else _mean(p, q, total, count, prior, related_prior, strongest)
        for j in range(k):
            out[members[offsets[at] + j]] = members[offsets[at] + group[j]]


def _mean(i, j, total, count, prior, related_prior, strongest):
    """Log-odds in bits of groups ``i`` and ``j``: prior and mean weight of every comparison, against strangers and the related."""
    bits = prior
    for field in range(count.shape[2]):
        if count[i, j, field] > 0:
            bits += total[i, j, field, 0] / count[i, j, field]
    odds = 1.0
    for r in range(len(related_prior)):
        beside = related_prior[r]
        for field in range(count.shape[2]):
            if count[i, j, field] > 0:
                beside += total[i, j, field, 1 + r] / count[i, j, field]
        odds += 2.0**beside
    bits -= np.log2(odds)
    return max(min(bits, strongest), -strongest)
