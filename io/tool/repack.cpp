#include <headrace/io/tool/repack.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <headrace/io/hdf5/file_copy.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/tool/compression.hpp>
#include <headrace/io/tool/journal.hpp>
#include <headrace/io/tool/show.hpp>
#include <headrace/io/tool/sweep.hpp>
#include <headrace/io/tool/verdict.hpp>
#include <headrace/tensor/copy.hpp>

namespace headrace::tool {
namespace {

constexpr auto kStage = Repack::name;
constexpr std::int64_t kSmall = 4096;  // bytes of a dataset that needs no chunks

/// A dataset on its way.
struct Part {
  std::shared_ptr<const hdf5::Array> array;  // as stored
  hdf5::BlockPlan plan;
  hdf5::Facts facts;
  hdf5::NewLayout layout;
  hdf5::FilterPipeline pipeline;
  std::int64_t row_bytes = 0;
  std::int64_t chunk_rows = 0, chunks = 0;  // of the new one; 0: it is brought as a whole
  std::int64_t units = 0, first_unit = 0;   // pieces of work: the new chunks that begin in a block
  std::int64_t bytes() const { return row_bytes * plan.rows; }
  std::int64_t unit_rows() const { return std::max(plan.block_rows, chunk_rows); }
};

Part planned(const hdf5::File& file, const std::string& name, const Repack& options) {
  auto array = file.array(kStage, name, true);
  const hdf5::ArrayInfo& info = array->info();
  Part part{array, hdf5::BlockPlan(info), file.facts(kStage, name), {}, {}};
  part.row_bytes = info.item_bytes;
  for (int axis = 1; axis < info.rank; ++axis) part.row_bytes *= info.shape[axis];
  const auto& most = part.facts.most;
  const bool grows = !std::ranges::equal(most, info.shape);
  const bool small = info.layout != hdf5::Layout::chunked && !grows && part.bytes() <= kSmall;
  if (info.rank == 0 || part.facts.nothing || small || std::ranges::find(most, 0) != most.end()) return part;
  std::int64_t rows = options.chunk_rows > 0 ? options.chunk_rows : fitting_chunk_rows(part.row_bytes);
  if (most[0] > 0) rows = std::min(rows, most[0]);
  require(part.row_bytes <= INT64_MAX / rows && part.row_bytes * rows < (std::int64_t{1} << 32), kStage,
          "a chunk must be below 4 GiB, got ", rows, " rows of ", part.row_bytes, " bytes in '", name,
          "'; lower --chunk-rows");
  part.layout.chunk = info.shape;
  part.layout.chunk[0] = rows;
  for (std::int64_t& size : part.layout.chunk) size = std::max<std::int64_t>(size, 1);
  if (part.facts.pointers) return part;
  if (const auto level = compression_level(kStage, options.compress)) {
    if (info.item_bytes > 1)
      part.layout.filters.push_back({hdf5::kShuffle, "shuffle", {static_cast<unsigned>(info.item_bytes)}});
    part.layout.filters.push_back({hdf5::kGzip, "deflate", {*level}});
  }
  part.pipeline = hdf5::FilterPipeline(part.layout.filters);
  part.chunk_rows = rows;
  part.chunks = part.bytes() > 0 ? (part.plan.rows + rows - 1) / rows : 0;
  part.units = part.bytes() > 0 ? (part.plan.rows + part.unit_rows() - 1) / part.unit_rows() : 0;
  return part;
}

/// Stored bytes of rows, block by block; of neighbouring requests the last block is kept.
class Rows {
 public:
  explicit Rows(const Part& part) : part_(part) {}

  void read(std::int64_t begin, std::int64_t end, std::byte* to) {
    for (std::int64_t at = begin; at < end;) {
      const std::int64_t block = at / part_.plan.block_rows, first = block * part_.plan.block_rows;
      const std::int64_t stop = std::min(first + part_.plan.block_rows, end);
      if (block != block_) {
        rows_ = Tensor();
        rows_ = hdf5::read_block(kStage, *part_.array, part_.plan, block);
        if (!rows_.is_contiguous()) rows_ = rows_.copy();
        block_ = block;
      }
      std::memcpy(to, rows_.data() + (at - first) * part_.row_bytes,
                  static_cast<std::size_t>((stop - at) * part_.row_bytes));
      to += (stop - at) * part_.row_bytes;
      at = stop;
    }
  }

 private:
  const Part& part_;
  std::int64_t block_ = -1;
  Tensor rows_;
};

class Repacking {
 public:
  Repacking(const Repack& options, Console& console)
      : options_(options),
        console_(console),
        from_(hdf5::File::open(kStage, options.file, false)),
        copy_(kStage, from_) {}

  int run() {
    std::error_code ignored;
    require(!std::filesystem::equivalent(options_.file, options_.output, ignored), kStage,
            "OUT must be another file than FILE, got '", options_.output, "' twice");
    for (const std::string& name : copy_.datasets()) {
      Part& part = parts_.emplace_back(planned(*from_, name, options_));
      part.first_unit = units_;
      units_ += part.units;
      bytes_ += part.bytes();
      largest_ = std::max(largest_, std::min(part.plan.block_rows, part.plan.rows) * part.row_bytes +
                                        3 * part.chunk_rows * part.row_bytes);
    }
    const int jobs = jobs_for(kStage, options_, largest_);
    std::vector<hdf5::NewLayout> layouts;
    for (const Part& part : parts_) layouts.push_back(part.layout);
    Journal journal(kStage, options_.output + ".journal", identity());
    try {
      copy_.begin(options_.output, layouts);
      require_all_carried();
    } catch (...) {
      if (journal.empty()) journal.remove();  // nothing was done yet
      throw;
    }
    encode(journal, jobs);
    assemble(journal);
    for (const std::string& words : copy_.left_out()) console_.say(sentence(kStage, "left out ", printable(words)));
    return kDone;
  }

 private:
  std::string identity() const {
    return nlohmann::json{{"command", kStage},
                          {"file", std::filesystem::absolute(options_.file).string()},
                          {"stamp", from_->stamp()},
                          {"chunk_rows", options_.chunk_rows},
                          {"compress", options_.compress},
                          {"format", 1}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  void require_all_carried() const {
    if (options_.leave_out || copy_.left_out().empty()) return;
    std::string words;
    for (const std::string& one : copy_.left_out()) words += (words.empty() ? "" : "; ") + printable(one);
    throw IoError(sentence(kStage, "cannot carry everything of '", options_.file, "': ", words,
                           "; --leave-out goes on without it"));
  }

  void encode(Journal& journal, int jobs) {
    Progress progress(console_, std::string(kStage) + " " + options_.file, bytes_, options_.quiet);
    sweep(jobs, units_, [&](std::int64_t unit) {
      const auto next = std::upper_bound(parts_.begin(), parts_.end(), unit,
                                         [](std::int64_t u, const Part& part) { return u < part.first_unit; });
      // of parts without units several begin at the same one; the last of them has it
      encode_unit(static_cast<std::size_t>(std::prev(next) - parts_.begin()), unit, journal, progress);
    });
  }

  /// The new chunks that begin in a block.
  void encode_unit(std::size_t index, std::int64_t unit, Journal& journal, Progress& progress) {
    const Part& part = parts_[index];
    const std::int64_t begin = (unit - part.first_unit) * part.unit_rows();
    const std::int64_t end = std::min(begin + part.unit_rows(), part.plan.rows);
    Rows rows(part);
    thread_local std::vector<std::byte> chunk;
    for (std::int64_t i = (begin + part.chunk_rows - 1) / part.chunk_rows; i * part.chunk_rows < end; ++i) {
      const std::int64_t first = i * part.chunk_rows, stop = std::min(first + part.chunk_rows, part.plan.rows);
      const Journal::Key key{static_cast<std::int64_t>(index), i};
      if (journal.found(key)) {
        progress.skip((stop - first) * part.row_bytes);
        continue;
      }
      chunk.resize(static_cast<std::size_t>(part.chunk_rows * part.row_bytes));
      rows.read(first, stop, chunk.data());
      std::fill(chunk.begin() + (stop - first) * part.row_bytes, chunk.end(), std::byte{});
      if (part.pipeline.empty())
        journal.add(key, 0, chunk);
      else
        journal.add(key, 0, part.pipeline.encode(chunk));
      progress.add((stop - first) * part.row_bytes);
    }
  }

  void assemble(Journal& journal) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      Shape start = part.layout.chunk;
      std::ranges::fill(start, 0);
      for (std::int64_t chunk = 0; chunk < part.chunks; ++chunk) {
        Signals::poll();
        start[0] = chunk * part.chunk_rows;
        copy_.write_chunk(i, start, 0, journal.read(journal.piece({static_cast<std::int64_t>(i), chunk})));
      }
      if (part.chunks == 0 && !part.facts.nothing && part.bytes() > 0) bring_whole(i, part);
    }
    copy_.finish();
    journal.remove();
  }

  /// A dataset without new chunks of ours: small, or of values that point elsewhere.
  void bring_whole(std::size_t index, const Part& part) {
    constexpr std::int64_t kTogether = 1 << 14;  // elements
    const std::int64_t items = std::max<std::int64_t>(part.row_bytes / part.array->info().item_bytes, 1);
    const std::int64_t together = std::max<std::int64_t>(kTogether / items, 1);
    for (std::int64_t row = 0; row < part.plan.rows; row += together) {
      Signals::poll();
      copy_.copy_values(index, row, std::min(together, part.plan.rows - row));
    }
  }

  const Repack& options_;
  Console& console_;
  std::shared_ptr<const hdf5::File> from_;
  hdf5::FileCopy copy_;
  std::vector<Part> parts_;
  std::int64_t units_ = 0, bytes_ = 0, largest_ = 0;
};

}  // namespace

int Repack::run(Console& console) const {
  require(chunk_rows >= 0, name, "--chunk-rows must be >= 0, got ", chunk_rows);
  require(!output.empty(), name, "--output must name a file, got ''");
  compression_level(name, compress);
  return Repacking(*this, console).run();
}

}  // namespace headrace::tool
