// Pieces of work on all threads, and how many threads memory is enough for.
#pragma once

#include <functional>

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

/// How many threads work where each takes so many bytes: as many as `work` says, fewer where its memory is not enough,
/// at least one. ValueError where an option is wrong.
int jobs_for(std::string_view command, const Work& work, std::int64_t bytes_each);

/// Calls body(i) for each i < n on `jobs` threads, in the order of i as threads become free. What a body throws ends
/// it.
void sweep(int jobs, std::int64_t n, const std::function<void(std::int64_t)>& body);

}  // namespace headrace::tool
