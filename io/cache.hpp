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
      "Memory: without a filename all elements, once for all iterators of this Dataset; read-only. Passing the memory\n"
      "    limit is a MemoryError. On a stream a partial pass is thrown away. Not pickled, not in the state.\n"
      "    With a filename nothing: elements are written beside the folder as they are read, and the folder appears\n"
      "    once all of them were: on a stream by one pass to the end, on random access in any order and by any number "
      "of\n"
      "    passes, but of one process. From then on it is mapped, also by other processes; elements are views of it. "
      "Two\n"
      "    processes that write at once do not disturb each other: one of the folders stays, and both go on right.\n"
      "Errors: never kept: a failing element is computed again, on a stream the pass with it is not kept, and on "
      "random\n"
      "    access the folder waits until every element was good once. ValueError when attached if the folder holds\n"
      "    another plan's elements: delete it, or give another filename (a changed function body is not seen). "
      "OSError\n"
      "    with the path and the system's reason where it cannot be written; the elements go on uncached on a stream.\n"
      "Source: tf.data.Dataset.cache.";
  static constexpr auto options() {
    return std::tuple{hint("filename", &Cache::filename, "the folder, in one that exists; '': in memory")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
