"""Random plans against the model, with random errors, resumes and thread counts."""

import json
from collections.abc import Callable
from itertools import chain, takewhile
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
import model
from model import ERROR, Boom, Plan, outcomes

Pair = tuple[hr.Dataset, Plan]


def first_sum(element: Any) -> int:
    """The sum of an element's first component, for elements and for plain values."""
    while isinstance(element, tuple):
        element = element[0]
    return int(np.sum(element))


def add_one(element: Any) -> Any:
    return tuple(map(add_one, element)) if isinstance(element, tuple) else element + 1


def add_one_plain(item: Any) -> Any:
    if isinstance(item, tuple | list):
        return type(item)(map(add_one_plain, item))
    return item + 1


def whole(arguments: tuple[Any, ...]) -> Any:
    """The element that was unpacked into a function's arguments."""
    return arguments if len(arguments) > 1 else arguments[0]


def bump(*arguments: Any) -> Any:
    return add_one(whole(arguments))


def keep(*arguments: Any) -> bool:
    return first_sum(whole(arguments)) % 3 != 0


def attach_fuse(pair: Pair, modulus: int, rest: int) -> Pair:
    """Errors at random places."""

    def fuse(*arguments: Any) -> Any:
        if first_sum(whole(arguments)) % modulus == rest % modulus:
            raise Boom
        return whole(arguments)

    ds, plan = pair
    return ds.map(fuse), model.mapped(plan, lambda item: ERROR if first_sum(item) % modulus == rest % modulus else item)


def attach_unbatch(pair: Pair) -> Pair:
    """Only over a batch: other elements may be scalars."""
    ds, plan = pair
    return ds.batch(2).unbatch(), model.rebatched(plan, 2, not ds.random_access)


def attach_shuffle(pair: Pair, buffer_size: int | None, seed: int, reshuffle: bool) -> Pair:
    ds, plan = pair
    buffer_size = buffer_size if ds.random_access else buffer_size or 5
    shuffled = ds.shuffle(buffer_size, seed=seed, reshuffle_each_iteration=reshuffle)
    return shuffled, model.shuffled(plan, not ds.random_access, seed, buffer_size, reshuffle)


def attach_shard(pair: Pair, count: int, index: int) -> Pair:
    ds, plan = pair
    return ds.shard(count, index % count), lambda epoch: plan(epoch)[index % count :: count]


def spread(*arguments: Any) -> hr.Dataset:
    total = first_sum(whole(arguments))
    return hr.range(total, total + total % 4)


def spread_plain(item: Any) -> list[Any]:
    total = first_sum(item)
    return list(range(total, total + total % 4))


def grow(*arguments: Any) -> Any:
    """A row whose length differs from the next one's."""
    total = first_sum(whole(arguments))
    return np.full(total % 4, total)


def grow_plain(item: Any) -> list[Any]:
    return [first_sum(item)] * (first_sum(item) % 4)


def third(*arguments: Any) -> int:
    return first_sum(whole(arguments)) % 3


def attach_windows(pair: Pair, size: int, shift: int, stride: int, drop_remainder: bool) -> Pair:
    """Windows, and their elements again."""
    ds, plan = pair
    flat = ds.window(size, shift, stride, drop_remainder).flat_map(lambda *window: hr.zip(whole(window)))
    return flat, lambda epoch: list(chain.from_iterable(model.windowed(plan(epoch), size, shift, stride, drop_remainder)))


def attach_groups(pair: Pair, size: int) -> Pair:
    """Windows by key, and their elements again."""
    ds, plan = pair
    groups = model.keyed(plan, lambda item: first_sum(item) % 3, lambda key: size + key)
    flat = ds.group_by_window(third, lambda key, window: window, window_size_func=lambda key: size + key)
    return flat, lambda epoch: [item for group in groups(epoch) for item in ([ERROR] if group is ERROR else group)]


def attach_rebatch(pair: Pair, before: int, after: int, drop_remainder: bool) -> Pair:
    ds, plan = pair
    return ds.batch(before).rebatch(after, drop_remainder), model.batch(model.rebatched(plan, before, not ds.random_access), after, drop_remainder)


def attach_buckets(pair: Pair, sizes: list[int] | None, tokens: int | None) -> Pair:
    ds, plan = pair
    bucketed = ds.map(grow).bucket_by_sequence_length(len, [2], sizes, tokens_per_batch=tokens)
    return bucketed, model.bucketed(model.mapped(plan, grow_plain), 2, sizes, tokens, False)


def attach_interleave(pair: Pair, cycle_length: int, block_length: int, calls: int | None) -> Pair:
    ds, plan = pair
    made = ds.interleave(spread, cycle_length, block_length, num_parallel_calls=calls)
    return made, model.interleaved(plan, spread_plain, cycle_length, block_length)


def attach_take_while(pair: Pair, limit: int) -> Pair:
    ds, plan = pair

    def below(*arguments: Any) -> bool:
        return first_sum(whole(arguments)) < limit

    return ds.take_while(below), lambda epoch: list(takewhile(lambda item: item is ERROR or first_sum(item) < limit, plan(epoch)))


def attach_unique(pair: Pair) -> Pair:
    """Of numbers of which many are equal."""
    ds, plan = pair
    once = model.once(model.mapped(plan, lambda item: first_sum(item) % 5))
    return ds.map(lambda *arguments: first_sum(whole(arguments)) % 5).unique(), once


def attach_sums(pair: Pair) -> Pair:
    """Each element with the sum so far; a failing one changes nothing."""
    ds, plan = pair

    def add(total: Any, element: Any) -> Any:
        return total + first_sum(element), (total + first_sum(element), element)

    def run(epoch: int) -> list[Any]:
        total, result = 0, []
        for item in plan(epoch):
            total += 0 if item is ERROR else first_sum(item)
            result.append(item if item is ERROR else (total, item))
        return result

    return ds.scan(np.int64(0), add), run


def attach_choice(pair: Pair, choices: list[int], stop: bool) -> Pair:
    ds, plan = pair
    picked = hr.from_tensor_slices(np.array(choices, np.int64))
    return hr.choose_from_datasets([ds, ds.skip(2)], picked, stop), model.chosen([plan, lambda epoch: plan(epoch)[2:]], choices, stop)


def attach_sample(pair: Pair, seed: int) -> Pair:
    ds, plan = pair
    return hr.sample_from_datasets([ds, ds.skip(2)], [2, 1], seed=seed, rerandomize_each_iteration=True), model.sampled([plan, lambda epoch: plan(epoch)[2:]], [2, 1], seed)


small = st.integers(0, 6)
STAGES: dict[str, st.SearchStrategy[Callable[[Pair], Pair]]] = {
    "map": st.sampled_from([None, 1, 2, 3]).map(lambda n: lambda p: (p[0].map(bump, num_parallel_calls=n), model.mapped(p[1], add_one_plain))),
    "fuse": st.tuples(st.integers(2, 9), small).map(lambda a: lambda p: attach_fuse(p, *a)),
    "filter": st.just(lambda p: (p[0].filter(keep), model.filtered(p[1], lambda item: first_sum(item) % 3 != 0))),
    "batch": st.tuples(st.integers(1, 5), st.booleans()).map(lambda a: lambda p: (p[0].batch(*a), model.batch(p[1], *a))),
    "unbatch": st.just(attach_unbatch),
    "shuffle": st.tuples(st.none() | st.integers(1, 50), small, st.booleans()).map(lambda a: lambda p: attach_shuffle(p, *a)),
    "repeat": st.integers(0, 3).map(lambda n: lambda p: (p[0].repeat(n), model.repeated(p[1], n))),
    "take": st.integers(0, 30).map(lambda n: lambda p: (p[0].take(n), lambda epoch: p[1](epoch)[:n])),
    "skip": small.map(lambda n: lambda p: (p[0].skip(n), lambda epoch: p[1](epoch)[n:])),
    "shard": st.tuples(st.integers(1, 3), small).map(lambda a: lambda p: attach_shard(p, *a)),
    "concatenate": small.map(lambda n: lambda p: (p[0].concatenate(p[0].take(n)), lambda epoch: p[1](epoch) + p[1](epoch)[:n])),
    "zip": small.map(lambda n: lambda p: (hr.zip((p[0], p[0].skip(n))), model.zipped(p[1], lambda epoch: p[1](epoch)[n:]))),
    "enumerate": small.map(lambda n: lambda p: (p[0].enumerate(n), model.enumerated(p[1], n))),
    "prefetch": (st.none() | small).map(lambda n: lambda p: (p[0].prefetch(n), p[1])),
    "flat_map": st.just(lambda p: (p[0].flat_map(spread), model.interleaved(p[1], spread_plain, 1, 4))),
    "interleave": st.tuples(st.integers(1, 4), st.integers(1, 3), st.sampled_from([None, 2, 4])).map(lambda a: lambda p: attach_interleave(p, *a)),
    "window": st.tuples(st.integers(1, 4), st.integers(2, 5), st.integers(1, 2), st.booleans()).map(lambda a: lambda p: attach_windows(p, *a)),
    "group_by_window": st.integers(1, 4).map(lambda n: lambda p: attach_groups(p, n)),
    "padded_batch": st.integers(1, 5).map(lambda n: lambda p: (p[0].map(grow).padded_batch(n), model.grouped(model.mapped(p[1], grow_plain), n, model.padded))),
    "rebatch": st.tuples(st.integers(1, 4), st.integers(1, 5), st.booleans()).map(lambda a: lambda p: attach_rebatch(p, *a)),
    "bucket_by_sequence_length": st.sampled_from([([2, 3], None), (None, 6)]).map(lambda a: lambda p: attach_buckets(p, *a)),
    "take_while": st.integers(0, 60).map(lambda n: lambda p: attach_take_while(p, n)),
    "unique": st.just(attach_unique),
    "ignore_errors": st.just(lambda p: (p[0].ignore_errors(), lambda epoch: [item for item in p[1](epoch) if item is not ERROR])),
    "scan": st.just(attach_sums),
    "choose_from_datasets": st.tuples(st.lists(st.integers(0, 1), max_size=30), st.booleans()).map(lambda a: lambda p: attach_choice(p, *a)),
    "sample_from_datasets": small.map(lambda n: lambda p: attach_sample(p, n)),
    "cache": st.just(lambda p: (p[0].cache(), lambda epoch: p[1](0))),
}
Stages = list[tuple[str, Callable[[Pair], Pair]]]
stages = st.lists(st.one_of([st.tuples(st.just(name), stage) for name, stage in STAGES.items()]), max_size=6)
sizes = st.integers(0, 40) | st.sampled_from([300, 2000])
threads = st.sampled_from([1, 2, 8])


def build(n: int, chosen: Stages, threads: int | None = None) -> Pair:
    pair: Pair = hr.range(n), lambda epoch: list(range(n))
    for _, attach in chosen:
        pair = attach(pair)
    return (pair[0] if threads is None else pair[0].with_options(threads=threads)), pair[1]


@given(sizes, stages, threads, st.integers(0, 2))
def test_a_plan_gives_what_the_model_gives(n: int, chosen: Stages, threads: int, epoch: int) -> None:
    ds, plan = build(n, chosen, threads)
    expected = plan(epoch)
    assert outcomes(ds.iterator(epoch=epoch)) == expected
    assert ds.cardinality() in (len(expected), hr.UNKNOWN)
    if ds.random_access:
        assert ds.cardinality() == len(expected)


@given(sizes, stages, threads, threads, st.data())
def test_a_plan_goes_on_exactly_after_two_resumes(n: int, chosen: Stages, before: int, after: int, data: st.DataObject) -> None:
    ds, plan = build(n, chosen, before)
    expected = plan(1)
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(expected))] * 2)))
    iterator = ds.iterator(epoch=1)
    assert outcomes(iterator, first) == expected[:first]
    for start, stop in ((first, second), (second, None)):
        state = json.loads(json.dumps(iterator.state_dict()))
        iterator = build(n, chosen, after)[0].iterator(epoch=0)
        iterator.load_state_dict(state)
        assert outcomes(iterator, None if stop is None else stop - start) == expected[start:stop]


@given(sizes, stages, st.integers(-50, 50))
def test_a_position_gives_the_element_of_epoch_0(n: int, chosen: Stages, position: int) -> None:
    ds, plan = build(n, chosen)
    if not ds.random_access:
        return
    expected = plan(0)
    try:
        got = model.plain(ds[position])
    except (Boom, ValueError):
        got = ERROR
    except IndexError:
        assert not -len(expected) <= position < len(expected)
        return
    assert got == expected[position]


Account = dict[str, Any]
KINDS = ("used", "filtered", "dropped", "failed", "held")
HOLDS = {"group_by_window", "bucket_by_sequence_length"}  # the only ones that wait for more input with some in hand
ENDS_EARLY = {"take", "take_while", "zip", "choose_from_datasets", "sample_from_datasets"}  # what they read may stop anywhere
READS_AGAIN = {"cache", "rebatch", *HOLDS}  # after a resume, what they had read
GOES_OVER = {"skip", "shard", "window"}  # rows of what they read, which need not be made and then count only in part
# A failing row is one failed input of these; what they read and what they give can be compared.
ROW_BY_ROW = {"range", "map", "filter", "enumerate", "prefetch", "with_options", "take", "repeat", "concatenate", "cache", "shuffle", "unique", "scan"}
# Of these, in a run that was never restored, the first count each row as it is asked for, however far they read ahead; the
# others may have read blocks for what is to come. All have read everything at the end.
IN_STEP = {"map", "prefetch", "rebatch", "interleave", "filter", "enumerate", "with_options", "take", "cache", "unbatch", "flat_map", "take_while", "unique", "scan", "ignore_errors", *HOLDS}
IN_BLOCKS = {"batch", "padded_batch", "shuffle"}


def below(stats: list[Account], stage: int) -> list[int]:
    """The stages that one reads from."""
    found = []
    for i in range(stage + 1, len(stats)):
        if stats[i]["depth"] <= stats[stage]["depth"]:
            break
        if stats[i]["depth"] == stats[stage]["depth"] + 1:
            found.append(i)
    return found


def check_accounts(stats: list[Account], good: int, fresh: bool, ended: bool) -> None:
    assert stats[0]["outputs"] == good
    for account in stats:
        assert account["in"] == sum(account[kind] for kind in KINDS), account
        assert all(account[kind] >= 0 for kind in (*KINDS, "outputs", "bytes", "discarded")), account
        assert account["held"] == 0 or account["stage"] in HOLDS, account
    ends_early = ENDS_EARLY if fresh else {*ENDS_EARLY, "shuffle"}  # its state may know how many there are
    whole = ended  # all stages from the last one to this one have read their inputs to the end
    for stage, account in enumerate(stats[:-1]):
        inputs = below(stats, stage)
        if len(inputs) != 1:  # datasets may read from one stage together: their counts are sums from here on
            return
        assert account["held"] == 0 or not whole, account
        whole = whole and account["stage"] not in ends_early
        fresh = fresh and account["stage"] not in GOES_OVER
        source = stats[inputs[0]]
        if not fresh or source["stage"] not in ROW_BY_ROW:
            continue
        came = source["outputs"] + source["failed"]
        if account["stage"] in IN_STEP or (whole and account["stage"] in IN_BLOCKS):
            assert account["in"] == came, (account, source)
        elif account["stage"] in IN_BLOCKS:
            assert account["in"] <= came, (account, source)


def followed(iterator: Any, count: int | None, fresh: bool) -> list[Any]:
    """The next outcomes; the accounts are looked at before, between (of many, at every 16th) and after them."""
    found: list[Any] = []
    good = 0
    while count is None or len(found) < count:
        if len(found) < 100 or len(found) % 16 == 0:
            check_accounts(iterator.stats(), good, fresh, False)
        got = outcomes(iterator, 1)
        if not got:
            break
        good += got[0] is not ERROR
        found += got
    check_accounts(iterator.stats(), good, fresh, count is None)
    return found


@settings(max_examples=max(1000, settings().max_examples))
@given(st.integers(0, 40), stages, threads, threads, st.data())
def test_the_accounts_of_a_plan_balance(n: int, chosen: Stages, before: int, after: int, data: st.DataObject) -> None:
    """With random errors, to the end, and also stopped early and resumed there with another number of threads."""
    ds, plan = build(n, chosen, before)
    expected = plan(1)
    whole = ds.iterator(epoch=1)
    assert followed(whole, None, True) == expected
    stop = data.draw(st.integers(0, len(expected)))
    iterator = build(n, chosen, before)[0].iterator(epoch=1)  # as new: nothing is cached
    assert followed(iterator, stop, True) == expected[:stop]
    resumed = build(n, chosen, after)[0].iterator(epoch=0)
    resumed.load_state_dict(json.loads(json.dumps(iterator.state_dict())))
    assert followed(resumed, None, False) == expected[stop:]
    check_parts(whole.stats(), iterator.stats(), resumed.stats())


def check_parts(whole: list[Account], before: list[Account], after: list[Account]) -> None:
    """What was counted before a stop and after it is what is counted at once, but below what reads again."""
    again = None
    for all_of_it, first, rest in zip(whole, before, after):
        depth = all_of_it["depth"]
        if again is not None and depth > again:
            continue
        ended = first["in"] == all_of_it["in"]  # rows without an output, before the end, are met again
        again = depth if ended or all_of_it["stage"] in {*READS_AGAIN, *GOES_OVER, *ENDS_EARLY} else None
        for kind in ("used", "filtered", "dropped", "failed", "outputs", "bytes") if again is None else ():
            assert first[kind] + rest[kind] == all_of_it[kind], (kind, all_of_it, first, rest)
