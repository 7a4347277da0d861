// The stages of plans as texts, with their words.
#pragma once

#include <fstream>
#include <functional>
#include <sstream>

#include <headrace/io/from_csv.hpp>
#include <headrace/io/from_fixed_records.hpp>
#include <headrace/io/from_image_folder.hpp>
#include <headrace/io/from_text.hpp>
#include <headrace/io/save.hpp>
#include <headrace/io/write_csv.hpp>
#include <headrace/io/write_hdf5.hpp>
#include <headrace/io/write_npy.hpp>

#include "io/zip_made.hpp"
#include "plan_functions.hpp"

namespace headrace::plan_texts {

/// The words of one stage: the i-th, or "key=value".
class Words {
 public:
  explicit Words(const std::string& stage) {
    std::istringstream stream(stage);
    for (std::string word; stream >> word;) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos)
        placed_.push_back(word);
      else
        named_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  const std::string& name() const { return placed_.front(); }
  std::optional<std::string> word(std::size_t place, const std::string& key) const {
    if (place + 1 < placed_.size()) return placed_[place + 1];
    const auto found = named_.find(key);
    if (found == named_.end() || found->second == "none") return std::nullopt;
    return found->second;
  }
  std::optional<std::int64_t> number(std::size_t place, const std::string& key) const {
    const auto text = word(place, key);
    return text ? std::optional(static_cast<std::int64_t>(std::stoll(*text))) : std::nullopt;
  }
  std::int64_t number(std::size_t place, const std::string& key, std::int64_t otherwise) const {
    return number(place, key).value_or(otherwise);
  }
  bool flag(std::size_t place, const std::string& key, bool otherwise) const {
    const auto text = word(place, key);
    return text ? *text == "true" : otherwise;
  }
  FunctionPtr function(std::size_t place, const std::string& key) const {
    const auto text = word(place, key);
    return text ? function_named(*text) : nullptr;
  }
  std::vector<std::int64_t> list(std::size_t place, const std::string& key) const {
    std::vector<std::int64_t> result;
    std::istringstream stream(word(place, key).value_or(""));
    for (std::string part; std::getline(stream, part, ',');) result.push_back(std::stoll(part));
    return result;
  }
  std::optional<Element> shares(std::size_t place, const std::string& key) const {
    if (!word(place, key)) return std::nullopt;
    std::vector<double> result;
    std::istringstream stream(*word(place, key));
    for (std::string part; std::getline(stream, part, ',');) result.push_back(std::stod(part));
    return Tensor::copy_of<double>(result);
  }
  std::optional<bool> choice(std::size_t place, const std::string& key) const {
    return word(place, key) ? std::optional(flag(place, key, false)) : std::nullopt;
  }
  std::optional<Element> numbers(std::size_t place, const std::string& key) const {
    if (!word(place, key)) return std::nullopt;
    return numbers_of(list(place, key));
  }

 private:
  std::vector<std::string> placed_;
  std::map<std::string, std::string> named_;
};

/// What a stage makes of the dataset before it; for sources that is empty.
using Attach = std::function<Dataset(const Dataset& ds, const Words& words)>;

/// The first ten rows, and the others, as .npy files.
inline std::vector<std::string> in_two_files(const Dataset& ds) {
  std::vector<std::string> paths;
  for (Dataset part : {ds | Take{10}, ds | Skip{10}}) {
    paths.push_back(new_folder() + ".npy");
    write_npy(part, paths.back());
  }
  return paths;
}

inline const std::map<std::string, Attach>& stages() {
  using D = const Dataset&;
  using W = const Words&;
  static const std::map<std::string, Attach> all{
      {"range",
       [](D, W w) {
         if (!w.number(1, "stop")) return range(w.number(0, "start", 0));
         return range(w.number(0, "start", 0), w.number(1, "stop", 0), w.number(2, "step", 1));
       }},
      {"from_tensor_slices", [](D, W w) { return from_tensor_slices(array_named(*w.word(0, "tensors"))); }},
      {"from_tensors", [](D, W w) { return from_tensors(array_named(*w.word(0, "tensors"))); }},
      {"counter", [](D, W w) { return counter(w.number(0, "start", 0), w.number(1, "step", 1)); }},
      {"random", [](D, W w) { return random(w.number(0, "seed"), w.choice(1, "rerandomize_each_iteration")); }},
      {"from_generator", [](D, W) { return from_generator(yields); }},
      {"list_files",
       [](D, W w) {
         return list_files({files_named(*w.word(0, "file_pattern"))}, w.flag(1, "shuffle", false), w.number(2, "seed"));
       }},
      {"from_image_folder",
       [](D, W w) {
         FromImageFolder source{.directory = images_named(*w.word(0, "directory"))};
         if (w.word(1, "size")) source.size = Shapes(Shape(w.list(1, "size")));
         return make_source(source);
       }},
      {"ignore_errors", [](D ds, W) { return ds | IgnoreErrors{}; }},
      {"rejection_resample",
       [](D ds, W w) {
         return ds | RejectionResample{w.function(0, "class_func"), *w.shares(1, "target_dist"),
                                       w.shares(2, "initial_dist"), w.number(3, "seed")};
       }},
      {"scan",
       [](D ds, W) {
         return ds | scan(number_of(0), [](const Element& state, const Element& element) {
                  const Element sum = number_of(number_in(state.tensor()) + number_in(element.tensor()));
                  return std::pair(sum, sum);
                });
       }},
      {"take_while", [](D ds, W w) { return ds | TakeWhile{w.function(0, "predicate")}; }},
      {"unique", [](D ds, W) { return ds | Unique{}; }},
      {"load",
       [](D ds, W) {
         const std::string path = new_folder();
         Dataset saved = ds;
         save(saved, path);
         return load(path);
       }},
      {"from_hdf5",
       [](D ds, W) {
         const std::string path = new_folder() + ".h5";
         Dataset saved = ds;
         write_hdf5(saved, path, {.chunk_rows = 3});
         return from_hdf5({path});
       }},
      {"from_npy", [](D ds, W) { return from_npy(in_two_files(ds)); }},
      {"from_npz",
       [](D ds, W) {
         std::vector<std::string> paths = in_two_files(ds);
         for (std::string& path : paths) {
           const std::string zip = zip_of({{"x.npy", contents_of(path)}});
           path += ".npz";
           std::ofstream(path, std::ios::binary) << zip;
         }
         return from_npz(paths, Element(Tensor::text_scalar("x")));
       }},
      {"from_fixed_records",
       [](D ds, W) {
         const std::string path = new_folder();
         std::ofstream records(path, std::ios::binary);
         for (const Element& element : ds.iterate(0))
           records.write(reinterpret_cast<const char*>(element.tensor().data()), 8);
         records.close();
         return make_source(FromFixedRecords{.files = {path}, .record_bytes = 8, .dtype = int64});
       }},
      {"from_text",
       [](D ds, W) {
         const std::string path = new_folder();
         std::ofstream lines(path);
         for (const Element& element : ds.iterate(0)) lines << number_in(element.tensor()) << '\n';
         lines.close();
         return from_text({path});
       }},
      {"from_csv",
       [](D ds, W) {
         const std::string path = new_folder() + ".csv";
         Dataset saved = ds;
         write_csv(saved, path);
         return from_csv({path}, Element(Tensor::text_scalar("data")));
       }},
      {"batch",
       [](D ds, W w) {
         return ds | Batch{w.number(0, "batch_size", 0), w.flag(1, "drop_remainder", false)};
       }},
      {"bucket_by_sequence_length",
       [](D ds, W w) {
         return ds | BucketBySequenceLength{.element_length_func = w.function(0, "element_length_func"),
                                            .bucket_boundaries = *w.numbers(1, "bucket_boundaries"),
                                            .bucket_batch_sizes = w.numbers(2, "bucket_batch_sizes"),
                                            .tokens_per_batch = w.number(8, "tokens_per_batch")};
       }},
      {"cache", [](D ds, W w) { return ds | Cache{w.word(0, "filename") ? new_folder() : ""}; }},
      {"enumerate", [](D ds, W w) { return ds | Enumerate{w.number(0, "start", 0)}; }},
      {"filter", [](D ds, W w) { return ds | Filter{w.function(0, "predicate")}; }},
      {"flat_map", [](D ds, W w) { return ds | FlatMap{w.function(0, "map_func")}; }},
      {"group_by_window",
       [](D ds, W w) {
         return ds | GroupByWindow{w.function(0, "key_func"), w.function(1, "reduce_func"), w.number(2, "window_size"),
                                   w.function(3, "window_size_func")};
       }},
      {"interleave",
       [](D ds, W w) {
         return ds | Interleave{.map_func = w.function(0, "map_func"),
                                .cycle_length = w.number(1, "cycle_length", 8),
                                .block_length = w.number(2, "block_length", 1),
                                .num_parallel_calls = w.number(3, "num_parallel_calls")};
       }},
      {"map",
       [](D ds, W w) {
         return ds | Map{.map_func = w.function(0, "map_func"),
                         .num_parallel_calls = w.number(1, "num_parallel_calls"),
                         .seed = w.number(4, "seed")};
       }},
      {"padded_batch",
       [](D ds, W w) {
         return ds | PaddedBatch{.batch_size = w.number(0, "batch_size", 0),
                                 .drop_remainder = w.flag(3, "drop_remainder", false)};
       }},
      {"prefetch", [](D ds, W w) { return ds | Prefetch{w.number(0, "buffer_size")}; }},
      {"ragged_batch",
       [](D ds, W w) {
         return ds | RaggedBatch{w.number(0, "batch_size", 0), w.flag(1, "drop_remainder", false)};
       }},
      {"rebatch",
       [](D ds, W w) {
         return ds | Rebatch{w.number(0, "batch_size", 0), w.flag(1, "drop_remainder", false)};
       }},
      {"repeat", [](D ds, W w) { return ds | Repeat{w.number(0, "count")}; }},
      {"shard",
       [](D ds, W w) {
         return ds | Shard{w.number(0, "num_shards", 0), w.number(1, "index", 0)};
       }},
      {"shuffle",
       [](D ds, W w) {
         return ds |
                Shuffle{w.number(0, "buffer_size"), w.number(1, "seed"), w.flag(2, "reshuffle_each_iteration", true)};
       }},
      {"skip", [](D ds, W w) { return ds | Skip{w.number(0, "count", 0)}; }},
      {"snapshot", [](D ds, W) { return ds | Snapshot{new_folder()}; }},
      {"sparse_batch",
       [](D ds, W w) {
         return ds | SparseBatch{w.number(0, "batch_size", 0), Shapes(Shape(w.list(1, "row_shape")))};
       }},
      {"take", [](D ds, W w) { return ds | Take{w.number(0, "count", 0)}; }},
      {"unbatch", [](D ds, W) { return ds | Unbatch{}; }},
      {"window",
       [](D ds, W w) {
         return ds | Window{w.number(0, "size", 0), w.number(1, "shift"), w.number(2, "stride", 1),
                            w.flag(3, "drop_remainder", false)};
       }},
      {"with_options", [](D ds, W w) { return ds | WithOptions{.memory_limit = w.number(1, "memory_limit")}; }},
  };
  return all;
}

}  // namespace headrace::plan_texts
