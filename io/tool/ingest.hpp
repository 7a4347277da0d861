#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Ingest : Work {
  std::vector<std::string> sources;
  std::string output;
  std::string format;
  std::string schema;
  std::string columns;
  std::string size;
  std::int64_t chunk_rows = 0;
  std::string compress = "gzip:4";
  std::string split;
  std::optional<std::int64_t> shuffle_seed;
  bool stats = false;
  std::string on_error = "stop";
  static constexpr auto name = "ingest";
  static constexpr auto summary = "Brings data of other kinds into an HDF5 file.";
  static constexpr auto details =
      "SRC is a file, a pattern with * ? [...] in it, or a folder of images; several follow each other as one. What it "
      "is, is found by its first bytes, else by its name; csv, tsv, text and records may be compressed by gzip.\n"
      "csv, tsv: a dataset for each column, of the type found in the first megabyte, and kept to.\n"
      "npy, npz: rows of arrays. hdf5: rows of the datasets of one first size. text: a line a row, in /data.\n"
      "records: raw ones of one size; --schema says it: {\"record_bytes\": 784, \"shape\": [28, 28]}.\n"
      "images: a sub-folder a class; /image and /label, whose attribute 'classes' names the labels. With --size they "
      "are "
      "decoded and resized, to RGB unless --schema says {\"channels\": 1}; without it the files are kept as they are.\n"
      "--schema is a JSON file of further options of the source that reads SRC (from_csv, from_npz, ..., as Python's "
      "help() describes them), such as {\"dtypes\": {\"age\": \"float32\"}, \"defaults\": {\"age\": 0}, \"missing\": "
      "[\"-\"]}.\n"
      "--split writes a group for each part; rows are shuffled then, by seed 0 unless --shuffle-seed says another one. "
      "Every order is as likely. Rows that lie in order, of csv and the like, are brought to OUT.rows first for it, "
      "which is removed at the end: room for them and for the journal is needed.\n"
      "--on-error skip leaves rows out that cannot be read, FILE.jsonl gets a line for each of them: where it was, and "
      "why. What FILE.jsonl held before is replaced.\n"
      "Chunks that are done are kept in OUT.journal, so the same command goes on after a kill or a full disk, and the "
      "result is the same, byte by byte, for any number of kills and --jobs. Other inputs or options than the "
      "journal's "
      "are refused. The file appears under its name when it is whole.";
  static std::vector<Example> examples() {
    return {{"headrace ingest measurements-*.csv.gz -o measurements.h5", "columns become datasets"},
            {"headrace ingest a.csv -o a.h5 --stats --columns x,y", "two of them, with mean and range"},
            {"headrace ingest photos -o photos.h5 --size 64x64 --split a=0.9,b=0.1",
             "images of one shape, shuffled, in two groups"},
            {"headrace ingest runs.csv -o runs.h5 --on-error bad.jsonl", "bad rows are listed and left out"}};
  }
  static constexpr auto parameters() {
    return std::tuple_cat(
        std::tuple{
            argument("SRC", &Ingest::sources, "files, patterns, or a folder of images"),
            required_option("output", 'o', "OUT", &Ingest::output, "the new file; what is there is replaced"),
            option("format", 'f', "KIND", &Ingest::format,
                   "csv, tsv, npy, npz, text, records, hdf5 or images; found by itself where it can be"),
            option("schema", 's', "FILE", &Ingest::schema, "a JSON file of the source's options"),
            option("columns", '\0', "NAMES", &Ingest::columns,
                   "columns, arrays or datasets to take, with commas between them; all"),
            option("size", '\0', "HxW", &Ingest::size, "the shape that images are resized to"),
            option("chunk-rows", 'r', "N", &Ingest::chunk_rows, "rows a chunk; 0: 512 KiB of the largest column"),
            option("compress", 'c', "HOW", &Ingest::compress, "gzip:0 to gzip:9, or none"),
            option("split", '\0', "PARTS", &Ingest::split, "groups with their shares: train=0.9,val=0.1"),
            option("shuffle-seed", '\0', "N", &Ingest::shuffle_seed, "rows in random order, that of this number"),
            option("stats", '\0', "", &Ingest::stats,
                   "count, nulls, mean, std, min and max as attributes of each dataset"),
            option("on-error", '\0', "HOW", &Ingest::on_error, "stop, skip, or FILE.jsonl")},
        Work::parameters());
  }
  int run(Console& console) const;
};

}  // namespace headrace::tool
