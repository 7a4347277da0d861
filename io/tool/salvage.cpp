#include <headrace/io/tool/salvage.hpp>

#include <algorithm>

#include <headrace/io/hdf5/file_copy.hpp>
#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/tool/console.hpp>

namespace headrace::tool {
namespace {

constexpr auto kStage = "verify";
constexpr auto kLostRows = "headrace_lost_rows";

struct Rows {
  std::int64_t begin, end;
};

/// One dataset on its way.
struct Part {
  std::size_t number;
  std::shared_ptr<const hdf5::Array> array;  // as stored
  hdf5::BlockPlan plan;
  hdf5::Facts facts;
  bool chunked() const { return array->info().layout == hdf5::Layout::chunked && array->info().slow_because.empty(); }
};

class Salvaging {
 public:
  Salvaging(const std::shared_ptr<const hdf5::File>& file, const std::vector<Finding>& damage)
      : file_(file), damage_(damage), copy_(kStage, file) {}

  Salvaged run(const std::string& output) {
    const std::vector<std::string>& names = copy_.datasets();
    std::vector<std::optional<Part>> parts;
    std::vector<hdf5::NewLayout> layouts;
    for (std::size_t i = 0; i < names.size(); ++i) {
      parts.push_back(opened(i, names[i]));
      layouts.push_back(parts.back() ? layout_of(*parts.back()) : hdf5::NewLayout{});
    }
    copy_.begin(output, layouts);
    for (std::size_t i = 0; i < names.size(); ++i)
      if (copy_.made(i) && parts[i]) bring(*parts[i]);
    copy_.finish();
    for (const std::string& words : copy_.left_out()) result_.left_out.push_back(words);
    return std::move(result_);
  }

 private:
  std::optional<Part> opened(std::size_t number, const std::string& name) {
    try {
      auto array = file_->array(kStage, name, true);
      const hdf5::BlockPlan plan(array->info());
      return Part{number, std::move(array), plan, file_->facts(kStage, name)};
    } catch (const Error& error) {
      result_.left_out.push_back(name + ": its elements, " + error.what());
      return std::nullopt;
    }
  }

  static hdf5::NewLayout layout_of(const Part& part) {
    const hdf5::ArrayInfo& info = part.array->info();
    hdf5::NewLayout layout;
    const bool grows = !std::ranges::equal(part.facts.most, hdf5::dataset_shape(info));
    if (info.rank == 0 || part.facts.nothing || (info.layout != hdf5::Layout::chunked && !grows)) return layout;
    layout.chunk = info.layout == hdf5::Layout::chunked ? info.chunk : hdf5::dataset_shape(info);
    for (std::int64_t& size : layout.chunk) size = std::max<std::int64_t>(size, 1);
    if (part.chunked() && !part.facts.pointers) layout.filters = info.filters.filters();
    return layout;
  }

  void bring(const Part& part) {
    lost_.clear();
    if (part.facts.nothing) return;
    const bool values = part.facts.pointers || part.array->info().rank == 0;
    for (std::int64_t block = 0; block < part.plan.blocks; ++block) {
      Signals::poll();
      if (values)
        bring_values(part, block);
      else if (part.chunked())
        bring_chunks(part, block);
      else
        bring_rows(part, block);
    }
    if (lost_.empty()) return;
    Tensor rows = Tensor::empty(int64, {static_cast<std::int64_t>(lost_.size()), 2});
    auto next = rows.mutable_values<std::int64_t>().begin();
    for (const Rows& lost : lost_) *next++ = lost.begin, *next++ = lost.end;
    copy_.set_attribute(part.number, kLostRows, rows);
  }

  /// Chunks as they are stored, if they can be decoded.
  void bring_chunks(const Part& part, std::int64_t block) {
    const hdf5::ArrayInfo& info = part.array->info();
    for (const Shape& start : hdf5::chunk_starts(info, part.plan, block, 1)) {
      std::optional<hdf5::Array::StoredChunk> stored;
      std::span<const std::byte> bytes;
      try {
        stored = part.array->read_chunk(kStage, start);
        if (!stored) continue;
        bytes = {stored->bytes.data(), static_cast<std::size_t>(stored->size)};
        room_.resize(static_cast<std::size_t>(element_count(info.chunk) * info.item_bytes));
        info.filters.decode(bytes, stored->filter_mask, room_);
      } catch (const Error& error) {
        lose(part, start[0], start[0] + info.chunk[0], error.what());
        continue;
      }
      copy_.write_chunk(part.number, start, stored->filter_mask, bytes);
    }
  }

  /// Stored bytes of rows; of a block that was cut, row by row.
  void bring_rows(const Part& part, std::int64_t block) {
    const std::int64_t begin = block * part.plan.block_rows;
    const std::int64_t end = std::min(begin + part.plan.block_rows, part.plan.rows);
    std::string cause;
    if (brought(part, part.plan, block, cause)) return;
    if (!part.array->info().slow_because.empty()) return lose(part, begin, end, cause);
    hdf5::BlockPlan fine = part.plan;
    fine.block_rows = 1;
    fine.blocks = fine.rows;
    for (std::int64_t row = begin; row < end; ++row)
      if (!brought(part, fine, row, cause)) lose(part, row, row + 1, cause);
  }
  bool brought(const Part& part, const hdf5::BlockPlan& plan, std::int64_t block, std::string& cause) {
    Tensor rows;
    try {
      rows = hdf5::read_block(kStage, *part.array, plan, block);
    } catch (const IoError& error) {
      cause = error.what();
      return false;
    }
    copy_.write_rows(part.number, block * plan.block_rows, rows.is_contiguous() ? rows : rows.copy());
    return true;
  }

  /// What refers to others in the file, by libhdf5, unless it was found to be bad.
  void bring_values(const Part& part, std::int64_t block) {
    const std::int64_t begin = block * part.plan.block_rows;
    const std::int64_t end = std::min(begin + part.plan.block_rows, std::max<std::int64_t>(part.plan.rows, 1));
    const auto bad = std::ranges::find_if(damage_, [&](const Finding& finding) {
      const bool rows = finding.end == finding.begin || (finding.begin < end && begin < finding.end);
      return rows && finding.object == part.array->info().name;
    });
    if (bad != damage_.end()) return lose(part, begin, end, bad->cause);
    try {
      copy_.copy_values(part.number, begin, end - begin);
    } catch (const hdf5::ReadError& error) {
      lose(part, begin, end, error.what());
    }
  }

  void lose(const Part& part, std::int64_t begin, std::int64_t end, const std::string& cause) {
    end = std::min(end, std::max<std::int64_t>(part.plan.rows, 1));
    if (!lost_.empty() && lost_.back().end >= begin) {
      lost_.back().end = std::max(lost_.back().end, end);
      result_.lost.back().end = lost_.back().end;
      return;
    }
    lost_.push_back({begin, end});
    result_.lost.push_back({part.array->info().name, begin, end, {}, {}, cause});
  }

  std::shared_ptr<const hdf5::File> file_;
  const std::vector<Finding>& damage_;
  hdf5::FileCopy copy_;
  std::vector<Rows> lost_;  // of the dataset at hand
  std::vector<std::byte> room_;
  Salvaged result_;
};

}  // namespace

Salvaged salvage(const std::shared_ptr<const hdf5::File>& file, const std::vector<Finding>& damage,
                 const std::string& output) {
  return Salvaging(file, damage).run(output);
}

}  // namespace headrace::tool
