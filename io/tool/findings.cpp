#include <headrace/io/tool/findings.hpp>

#include <algorithm>
#include <mutex>

#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/hdf5/whole_array.hpp>
#include <headrace/io/tool/sweep.hpp>

namespace headrace::tool {
namespace {

constexpr auto kStage = "verify";
constexpr std::int64_t kPiece = std::int64_t{1} << 20;     // decoded bytes that a thread takes at once, about
constexpr std::int64_t kTogether = std::int64_t{1} << 17;  // for which libhdf5's lock is taken once, about

/// Why, without what and where: a Finding says that itself.
std::string cause_of(const std::string& words, const std::string& path) {
  const std::string where = "'" + path + "': ";
  const auto found = words.find(where);
  return found == std::string::npos ? words : words.substr(found + where.size());
}

/// An array, and the pieces that it is read in.
struct Item {
  std::shared_ptr<const hdf5::Array> array;
  hdf5::BlockPlan plan;
  std::int64_t block_bytes, blocks_together, first_piece;
};

class Search {
 public:
  Search(Console& console, const hdf5::File& file, const Work& work) : console_(console), file_(file), work_(work) {}

  std::vector<Finding> run() {
    open_all();
    const std::int64_t pieces = pieces_;
    Progress progress(console_, std::string(kStage) + " " + file_.path(), bytes_, work_.quiet);
    sweep(jobs_for(kStage, work_, 3 * largest_), pieces, [&](std::int64_t piece) {
      const Item& item = *std::prev(std::upper_bound(items_.begin(), items_.end(), piece,
                                                     [](std::int64_t p, const Item& i) { return p < i.first_piece; }));
      const std::int64_t first = (piece - item.first_piece) * item.blocks_together;
      const std::int64_t count = std::min(item.blocks_together, item.plan.blocks - first);
      check(item, first, count);
      progress.add(count * item.block_bytes);
    });
    for (Finding& finding : found_)
      if (finding.chunk) finding.place = place_of(finding);
    std::ranges::stable_sort(found_, [](const Finding& a, const Finding& b) {
      return std::tie(a.object, a.begin) < std::tie(b.object, b.begin) ||
             (std::tie(a.object, a.begin) == std::tie(b.object, b.begin) && a.chunk && b.chunk &&
              std::ranges::lexicographical_compare(*a.chunk, *b.chunk));
    });
    return std::move(found_);
  }

 private:
  void open_all() {
    check_attributes("/");
    for (const hdf5::Member& member : file_.members(kStage, "/", true)) {
      Signals::poll();
      if (member.dangling || member.why == hdf5::kNamedType) continue;
      if (member.broken) {
        found_.push_back({member.name, 0, 0, {}, {}, cause_of(member.why, file_.path())});
        continue;
      }
      check_attributes(member.name);
      if (!member.group) open(member);
    }
  }

  void check_attributes(const std::string& object) {
    try {
      file_.attributes(kStage, object);
    } catch (const IoError& error) {
      found_.push_back({object, 0, 0, {}, {}, error.what()});
    }
  }

  void open(const hdf5::Member& member) {
    try {
      const auto array = file_.array(kStage, member.name, !member.dtype);
      const hdf5::ArrayInfo& info = array->info();
      const hdf5::BlockPlan plan(info);
      const std::int64_t bytes = info.item_bytes * element_count(hdf5::dataset_shape(info));
      const std::int64_t block = bytes / std::max<std::int64_t>(plan.rows, 1) * plan.block_rows;
      const std::int64_t together =
          std::clamp<std::int64_t>(kPiece / std::max<std::int64_t>(block, 1), 1, plan.block_rows > 0 ? 4096 : 1);
      items_.push_back({array, plan, block, together, pieces_});
      pieces_ += (plan.blocks + together - 1) / together;
      bytes_ += bytes;
      largest_ =
          std::max(largest_, chunked(info) ? element_count(info.chunk) * info.item_bytes : std::min(block, bytes));
    } catch (const Error& error) {
      found_.push_back({member.name, 0, 0, {}, {}, cause_of(error.what(), file_.path())});
    }
  }

  static bool chunked(const hdf5::ArrayInfo& info) {
    return info.layout == hdf5::Layout::chunked && info.slow_because.empty();
  }

  void add(const Item& item, std::int64_t begin, std::int64_t end, std::optional<Shape> chunk, const Error& error) {
    const std::lock_guard lock(mutex_);
    found_.push_back({item.array->info().name,
                      begin,
                      std::min(end, item.plan.rows),
                      std::move(chunk),
                      {},
                      cause_of(error.what(), file_.path())});
  }

  void check(const Item& item, std::int64_t first, std::int64_t count) {
    const hdf5::ArrayInfo& info = item.array->info();
    const bool chunks = chunked(info);
    if (chunks && !check_chunks(item, first, count)) return;  // what refers to values is not there
    if (chunks && !info.sequences && !info.dtype.variable_length()) return;
    for (std::int64_t block = first; block < first + count; ++block) check_values(item, block);
  }

  void check_values(const Item& item, std::int64_t block) {
    const std::int64_t begin = block * item.plan.block_rows,
                       end = std::min(begin + item.plan.block_rows, item.plan.rows);
    try {
      if (item.array->info().sequences)
        hdf5::read_sequences(kStage, *item.array, begin, end);
      else
        hdf5::read_block(kStage, *item.array, item.plan, block);
    } catch (const IoError& error) {
      add(item, begin, end, {}, error);
    }
  }

  /// All chunks of some blocks; false where one is bad.
  bool check_chunks(const Item& item, std::int64_t first, std::int64_t count) {
    const hdf5::ArrayInfo& info = item.array->info();
    const std::vector<Shape> starts = hdf5::chunk_starts(info, item.plan, first, count);
    const std::int64_t chunk_bytes = std::max<std::int64_t>(element_count(info.chunk) * info.item_bytes, 1);
    const auto most = static_cast<std::size_t>(std::max<std::int64_t>(kTogether / chunk_bytes, 1));
    bool sound = true;
    for (std::size_t begin = 0; begin < starts.size(); begin += most) {
      const auto group = std::span(starts).subspan(begin, std::min(most, starts.size() - begin));
      try {
        const auto stored = item.array->read_chunks(kStage, group);
        for (std::size_t i = 0; i < group.size(); ++i) sound = decode(item, group[i], stored[i]) && sound;
      } catch (const IoError&) {
        for (const Shape& start : group) sound = check_chunk(item, start) && sound;
      }
    }
    return sound;
  }

  bool check_chunk(const Item& item, const Shape& start) {
    try {
      return decode(item, start, item.array->read_chunk(kStage, start));
    } catch (const IoError& error) {
      add(item, start[0], start[0] + item.array->info().chunk[0], start, error);
      return false;
    }
  }

  bool decode(const Item& item, const Shape& start, const std::optional<hdf5::Array::StoredChunk>& stored) {
    const hdf5::ArrayInfo& info = item.array->info();
    if (!stored) return true;
    thread_local std::vector<std::byte> room;
    room.resize(static_cast<std::size_t>(element_count(info.chunk) * info.item_bytes));
    try {
      info.filters.decode({stored->bytes.data(), static_cast<std::size_t>(stored->size)}, stored->filter_mask, room);
      return true;
    } catch (const ValueError& error) {
      add(item, start[0], start[0] + info.chunk[0], start, error);
      return false;
    }
  }

  std::optional<std::int64_t> place_of(const Finding& finding) const {
    try {
      return file_.chunk_place(kStage, finding.object, *finding.chunk);
    } catch (const IoError&) {  // the index itself is damaged
      return std::nullopt;
    }
  }

  Console& console_;
  const hdf5::File& file_;
  const Work& work_;
  std::vector<Item> items_;
  std::int64_t pieces_ = 0, bytes_ = 0, largest_ = 0;
  std::mutex mutex_;  // of found_
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> find_damage(Console& console, const hdf5::File& file, const Work& work) {
  return Search(console, file, work).run();
}

}  // namespace headrace::tool
