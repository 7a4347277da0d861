#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Repack : Work {
  std::string file;
  std::string output;
  std::int64_t chunk_rows = 0;
  std::string compress = "gzip:4";
  bool leave_out = false;
  static constexpr auto name = "repack";
  static constexpr auto summary = "Writes an HDF5 file anew, in chunks that suit streaming.";
  static constexpr auto details =
      "All groups, links, types with names, datasets and attributes are kept, with their types and shapes; references "
      "to objects point to the new ones. Datasets get chunks of whole rows, shuffled and compressed; values of "
      "variable "
      "length are chunked but not compressed, scalars and what takes less than 4 kB stay in one piece. Times of "
      "creation and the order in which links were made are not kept. What cannot be carried at all (references to "
      "regions, links of unknown kinds, what is behind damage) is named; unless --leave-out is given that is an error "
      "before anything is written.\n"
      "Chunks that are done are kept in OUT.journal, so the same command goes on after a kill or a full disk, and the "
      "result is the same, byte by byte, for any number of kills and --jobs. Other inputs or options than the "
      "journal's are refused. The file appears under its name when it is whole. The journal and OUT.part each need as "
      "much room as the result.";
  static std::vector<Example> examples() {
    return {{"headrace repack train.h5 -o shuffled.h5", "chunks of about 32 kB: for shuffle()"},
            {"headrace repack train.h5 -o rows.h5 --chunk-rows 1 --compress none", "each row by itself"}};
  }
  static constexpr auto parameters() {
    return std::tuple_cat(
        std::tuple{argument("FILE", &Repack::file, "an HDF5 file"),
                   required_option("output", 'o', "OUT", &Repack::output, "the new file; what is there is replaced"),
                   option("chunk-rows", 'r', "N", &Repack::chunk_rows, "rows a chunk; 0: about 32 kB of them"),
                   option("compress", 'c', "HOW", &Repack::compress, "gzip:0 to gzip:9, or none"),
                   option("leave-out", '\0', "", &Repack::leave_out, "go on without what cannot be carried")},
        Work::parameters());
  }
  int run(Console& console) const;
};

}  // namespace headrace::tool
