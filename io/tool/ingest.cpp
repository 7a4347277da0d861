#include <headrace/io/tool/ingest.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <headrace/io/hdf5/names.hpp>
#include <headrace/io/hdf5/new_arrays.hpp>
#include <headrace/io/structure_json.hpp>
#include <headrace/io/tool/compression.hpp>
#include <headrace/io/tool/ingest/column_stats.hpp>
#include <headrace/io/tool/ingest/inputs.hpp>
#include <headrace/io/tool/ingest/row_store.hpp>
#include <headrace/io/tool/ingest/splits.hpp>
#include <headrace/io/tool/sweep.hpp>
#include <headrace/pipeline/ignore_errors.hpp>
#include <headrace/pipeline/shuffle.hpp>
#include <headrace/pipeline/skip.hpp>
#include <headrace/pipeline/take.hpp>
#include <headrace/pipeline/with_options.hpp>

namespace headrace::tool {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
constexpr auto kStage = Ingest::name;

/// A part of the rows on its way to its group.
struct Part {
  std::string group;  // "/train", or nothing
  Pass pass;
  std::int64_t rows = 0;  // -1: unknown
};

class Ingesting {
 public:
  Ingesting(const Ingest& options, Console& console)
      : options_(options),
        console_(console),
        splits_(parse_splits(kStage, options.split)),
        inputs_(Inputs::of(options)),
        log_(options.on_error == "stop"   ? ""
             : options.on_error == "skip" ? options.output + ".journal.skipped"
                                          : options.on_error),
        row_(hdf5::require_writable(kStage, inputs_.rows)),
        arrays_(hdf5::arrays_for(kStage, row_, layout())) {
    require_apart("OUT", options.output);
    if (options.on_error != "stop" && options.on_error != "skip") {
      require_apart("--on-error", log_);
      require(!same_file(log_, options.output), kStage, "--on-error must be another file than OUT, got '", log_,
              "' as both");
    }
  }

  int run() {
    const int jobs = jobs_for(kStage, options_, 1);
    run_options_ = {.threads = jobs, .memory_limit = parse_bytes(kStage, options_.memory)};
    Journal journal(kStage, options_.output + ".journal", identity());
    if (inputs_.as_bytes && journal.empty())
      console_.say(sentence(kStage, "images are kept as the files they are; --size HEIGHTxWIDTH decodes them"));
    try {
      write(journal, mixes() ? mixed_parts(journal) : std::vector{part("", 1, tolerant(inputs_.rows))});
    } catch (...) {
      if (journal.empty()) clear(journal);  // nothing was done yet
      throw;
    }
    report();
    clear(journal);
    return kDone;
  }

 private:
  static bool same_file(const std::string& one, const std::string& other) {
    std::error_code ignored;
    return one == other || fs::equivalent(one, other, ignored);
  }
  /// What is read is not written to.
  void require_apart(const std::string& what, const std::string& path) const {
    for (const InputFile& file : inputs_.files)
      require(!same_file(file.path, path), kStage, what, " must be another file than SRC, got '", path, "' as both");
    require(options_.schema.empty() || !same_file(options_.schema, path), kStage, what,
            " must be another file than --schema, got '", path, "' as both");
    if (!inputs_.files.empty()) return;
    std::error_code ignored;
    const std::string folder = fs::weakly_canonical(options_.sources.front(), ignored).string() + "/";
    require(!fs::weakly_canonical(path, ignored).string().starts_with(folder), kStage, what,
            " must lie outside of the folder SRC, got '", path, "' in '", options_.sources.front(), "'");
  }

  hdf5::ChunkLayout layout() const {
    const auto level = compression_level(kStage, options_.compress);
    hdf5::ChunkLayout layout{.compression = level ? std::optional<std::string>("gzip") : std::nullopt};
    if (level) layout.level = *level;
    if (options_.chunk_rows > 0) layout.chunk_rows = options_.chunk_rows;
    layout.rows = inputs_.rows.cardinality();
    return layout;
  }
  bool mixes() const { return options_.shuffle_seed || !options_.split.empty(); }
  /// What only served to go on.
  void clear(Journal& journal) const {
    journal.remove();
    std::error_code ignored;
    fs::remove_all(rows_folder(), ignored);
    if (options_.on_error == "skip") fs::remove(log_, ignored);
  }
  std::string rows_folder() const { return options_.output + ".rows"; }

  std::string identity() const {
    Json files = Json::array();
    for (const InputFile& file : inputs_.files) {
      struct stat now {};
      if (::stat(file.path.c_str(), &now) != 0) throw_io(kStage, "open", file.path);
      files.push_back(
          {fs::absolute(file.path).string(), now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec});
    }
    return Json{{"command", kStage},
                {"files", files},
                {"rows", inputs_.rows.fingerprint()},
                {"chunk_rows", options_.chunk_rows},
                {"compress", options_.compress},
                {"split", options_.split},
                {"shuffle_seed", options_.shuffle_seed ? Json(*options_.shuffle_seed) : Json()},
                {"stats", options_.stats},
                {"on_error", options_.on_error},
                {"format", 1}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  Dataset tolerant(const Dataset& rows) const { return log_.empty() ? rows : rows | IgnoreErrors{.log_file = log_}; }

  /// Rows on their way to chunks of the file.
  Part part(std::string group, std::int64_t number, const Dataset& rows) const {
    const hdf5::Note note = options_.stats ? moments_note(arrays_) : nullptr;
    const std::int64_t count = rows.cardinality();
    Spec spec{nullptr, {{int64, {}}}};
    for (const hdf5::NewArray& array : arrays_) {
      const bool as_it_is = array.sequences || array.dtype.variable_length();
      spec.components.push_back({as_it_is ? array.dtype : uint8, {-1}});
      if (array.sequences) spec.components.push_back({int64, {-1}});
    }
    if (note) spec.components.push_back({uint8, {-1}});
    spec.structure = Structure::tuple(std::vector<StructurePtr>(spec.components.size(), Structure::leaf()));
    const Dataset chunks = hdf5::in_chunks(kStage, rows, row_, arrays_, note) | run_options_;
    return {std::move(group), {kStage, number, chunks, spec, log_}, count};
  }

  std::vector<Part> mixed_parts(Journal& journal) {
    Dataset rows = inputs_.rows;
    const bool in_place = inputs_.strewn || (rows.random_access() && !row_.fully_known());
    if (!in_place) {
      Pass pass = storing_pass(kStage, tolerant(rows), log_);
      pass.chunks = pass.chunks | run_options_;
      bring(journal, {"", pass, rows.cardinality()}, [](const Element&) {});
      const StoredRows stored = stored_rows(journal, pass, rows_folder(), *run_options_.memory_limit / 2);
      rows = stored.rows;
      *run_options_.memory_limit -= stored.bytes;
    }
    const Dataset order = rows | Shuffle{.seed = options_.shuffle_seed.value_or(0), .reshuffle_each_iteration = false};
    const std::vector<std::int64_t> ends = split_ends(splits_, rows.cardinality());
    std::vector<Part> parts;
    for (std::size_t i = 0; i < splits_.size(); ++i) {
      const Dataset some = order | Skip{ends[i]} | Take{ends[i + 1] - ends[i]};
      const std::string group = splits_[i].name.empty() ? "" : "/" + splits_[i].name;
      parts.push_back(part(group, static_cast<std::int64_t>(i) + 1, in_place ? tolerant(some) : some));
      if (!in_place) parts.back().pass.log.clear();  // it is of the pass before
    }
    return parts;
  }

  /// The rest of a part, whose progress is counted by its rows, or else by the bytes of files.
  void bring(Journal& journal, const Part& part, const std::function<void(const Element& chunk)>& use) const {
    const bool counted = part.rows >= 0;
    const std::int64_t row_bytes = std::max<std::int64_t>(row_.nbytes(), 1);
    const std::int64_t all = counted ? part.rows * row_bytes : inputs_.bytes();
    const std::int64_t before = chunks_found(journal, part.pass);
    Progress progress(console_, std::string(kStage) + " " + options_.output + part.group, all, options_.quiet);
    const std::int64_t rows = counted ? rows_of(part) : 0;
    std::int64_t done = counted ? std::min(before * rows * row_bytes, all) : 0;
    progress.skip(done);
    run_pass(journal, part.pass, [&](std::int64_t position, const Piece& piece) {
      use(piece.chunk);
      const std::int64_t now = std::min(counted ? (position + 1) * rows * row_bytes : bytes_read(piece.state), all);
      progress.add(std::max<std::int64_t>(now - done, 0));
      done = std::max(now, done);
    });
  }
  /// Of a chunk.
  std::int64_t rows_of(const Part& part) const {
    return part.pass.number > 0 ? arrays_.front().chunk_rows : std::max<std::int64_t>((1 << 20) / row_.nbytes(), 1);
  }
  /// How far a stream of files is, by its state.
  std::int64_t bytes_read(const std::string& state) const {
    std::int64_t file = 0, offset = 0;
    const Json json = Json::parse(state, nullptr, false);
    for (const Json& entry : json.value("mark", Json::array())) {
      const std::string name = entry[0].get<std::string>();
      if (name.ends_with("file") && entry[1].is_number()) file = entry[1].get<std::int64_t>();
      if (name.ends_with("offset") && entry[1].is_number()) offset = entry[1].get<std::int64_t>();
    }
    for (std::int64_t i = 0; i < std::min<std::int64_t>(file, static_cast<std::int64_t>(inputs_.files.size())); ++i)
      offset += inputs_.files[static_cast<std::size_t>(i)].size;
    return offset;
  }

  /// What the journal has already, and the rest as it comes.
  void write(Journal& journal, const std::vector<Part>& parts) {
    hdf5::Output output(kStage, options_.output);
    for (const Part& part : parts) {
      std::vector<hdf5::NewArray> arrays = arrays_;
      for (hdf5::NewArray& array : arrays) array.name = part.group + array.name;
      std::size_t first = 0;
      for (const hdf5::NewArray& array : arrays) first = output.add(array) + 1 - arrays.size();
      ColumnStats stats(arrays);
      const auto append = [&](const Element& chunk) {
        keeping([&] { rows_ += hdf5::append(output, first, arrays, chunk); });
        if (options_.stats) stats.join(chunk.components.back());
      };
      each_chunk(journal, part.pass, append);
      bring(journal, part, append);
      if (options_.stats) stats.write(output);
      if (!inputs_.classes.empty())
        output.set_attribute(
            part.group + "/label", "classes",
            Tensor::texts(std::vector<std::string_view>(inputs_.classes.begin(), inputs_.classes.end())));
    }
    if (options_.split.empty())
      output.set_attribute("/", hdf5::kStructureAttribute, Tensor::text_scalar(structure_to_json(*row_.structure)));
    keeping([&] { output.finish(); });
  }
  /// Writes to the file, from whose failure one can go on.
  template <class Write>
  static void keeping(const Write& write) {
    try {
      write();
    } catch (const IoError& error) {
      throw IoError(std::string(error.what()) + "; " + Journal::kGoOn);
    }
  }

  /// Of rows that were left out.
  void report() const {
    std::ifstream file(log_);
    std::string first, line;
    std::int64_t count = 0;
    while (!log_.empty() && std::getline(file, line))
      if (count++ == 0) first = line;
    if (count > 0)
      console_.say(sentence(kStage, count, count == 1 ? " row was" : " rows were", " left out of ", rows_ + count,
                            options_.on_error == "skip" ? ", the first: " + first : "; see '" + log_ + "'"));
  }

  const Ingest& options_;
  Console& console_;
  std::vector<Split> splits_;
  Inputs inputs_;
  std::string log_;
  Spec row_;
  std::vector<hdf5::NewArray> arrays_;
  WithOptions run_options_;
  std::int64_t rows_ = 0;
};

}  // namespace

int Ingest::run(Console& console) const {
  require(chunk_rows >= 0, name, "--chunk-rows must be >= 0, got ", chunk_rows);
  require(!output.empty(), name, "--output must name a file, got ''");
  require(on_error == "stop" || on_error == "skip" || on_error.ends_with(".jsonl"), name,
          "--on-error must be stop, skip, or a file whose name ends with .jsonl, got '", on_error, "'");
  jobs_for(name, *this, 1);
  return Ingesting(*this, console).run();
}

}  // namespace headrace::tool
