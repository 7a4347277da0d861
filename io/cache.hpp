// Elements kept, in memory or in a folder.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Cache {
  std::string filename;
  static constexpr auto name = "cache";
  static constexpr auto summary = "Keeps every element the first time it is read, in memory or in a folder.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays. Everything before it is read as epoch 0.\n"
      "Memory: without a filename all elements, once for all iterators of this Dataset; read-only. Passing the\n"
      "    memory limit is a MemoryError. On a stream a partial pass is thrown away. Not pickled, not in the state.\n"
      "    With a filename nothing: elements are written beside the folder as they are read, and it appears once all\n"
      "    of them were; on a stream by one pass to its end, on random access in any order and by any number of\n"
      "    passes of one process. From then on it is mapped, also by other processes, and elements are views of it.\n"
      "    Of two processes that write at once one names the folder; both go on right.\n"
      "Errors: never kept. A failing element is computed again; on a stream a pass with one is not kept, and on\n"
      "    random access the folder waits until every element was good once. With a filename also: ValueError when\n"
      "    attached if the folder holds another plan's elements (a changed function body is not seen), and for an\n"
      "    element whose structure, dtype or number of axes is unlike the others'; OSError with the path and the\n"
      "    system's reason where it cannot be written: on random access for each element, on a stream once, and\n"
      "    it then goes on uncached.\n"
      "Source: tf.data.Dataset.cache.";
  static constexpr auto options() {
    return std::tuple{hint("filename", &Cache::filename, "the folder, in one that exists; '': in memory")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
