#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Verify : Work {
  std::vector<std::string> files;
  std::string salvage;
  static constexpr auto name = "verify";
  static constexpr auto summary = "Reads every chunk of HDF5 files, and names those that are bad.";
  static constexpr auto details =
      "Every chunk of every dataset is read and decoded, through all its filters and checksums, and so are values of "
      "variable length and attributes. Each bad one is a line on standard output: file, dataset, rows, chunk, its "
      "place "
      "in the file, and why; the work goes on after it. What was never written is sound, and so is a link to nowhere. "
      "Bytes without a checksum or compression cannot be told from others: only that they are there.\n"
      "The exit code is 1 where anything is bad.\n"
      "--salvage OUT writes what is sound of one file to a new one: groups, links, attributes, and every chunk that "
      "can be "
      "decoded, as it is stored. Rows of others hold the fill value, and the attribute headrace_lost_rows of their "
      "dataset "
      "lists them, from and to in each line; a line on standard output does, too. Objects that cannot be read are left "
      "out and named. OUT appears when it is whole; the exit code is 1 where it lacks anything of FILE.";
  static std::vector<Example> examples() {
    return {{"headrace verify train.h5", "nothing is printed of a sound file"},
            {"headrace verify --jobs 2 --quiet data/*.h5", "many files, as in a nightly job"},
            {"headrace verify broken.h5 --salvage sound.h5", "what is left of a damaged file"}};
  }
  static constexpr auto parameters() {
    return std::tuple_cat(std::tuple{argument("FILE", &Verify::files, "HDF5 files"),
                                     option("salvage", '\0', "OUT", &Verify::salvage, "a new file for what is sound")},
                          Work::parameters());
  }
  int run(Console& console) const;
};

}  // namespace headrace::tool
