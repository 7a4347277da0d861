// The buffered shuffle of a stream.
#pragma once

#include <headrace/pipeline/node.hpp>

namespace headrace {

/// Holds `size` elements; each output is a random one of them, replaced by the next input.
std::shared_ptr<Node> make_shuffle_buffer(NodePtr upstream, std::int64_t size, std::optional<std::int64_t> seed,
                                          bool reshuffle);

/// Which input ordinals such a buffer holds, slot by slot, after `taken` outputs of it; found by looking back over the
/// picks, about size * ln(size) of them. `inputs` is their total where the end was seen, else -1.
std::vector<std::int64_t> shuffle_buffer_ordinals(std::uint64_t key, std::int64_t size, std::int64_t taken,
                                                  std::int64_t inputs);

}  // namespace headrace
