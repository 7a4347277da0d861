// Private to the pool: on which core a worker wakes. Called with the pool's mutex held.
#pragma once

namespace headrace::pool::detail {

/// The calling worker begins: it may run on every core again.
void worker_wakes() noexcept;

/// The calling worker ends and may sleep.
void worker_rests() noexcept;

/// Before a worker is called: the one that rested last, if it may sleep, shall not wake on the calling thread's core.
void make_way() noexcept;

}  // namespace headrace::pool::detail
