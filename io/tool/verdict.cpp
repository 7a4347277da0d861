#include <headrace/io/tool/verdict.hpp>

#include <algorithm>
#include <cmath>

#include <headrace/io/hdf5/row_blocks.hpp>
#include <headrace/io/tool/command.hpp>
#include <headrace/io/tool/show.hpp>

namespace headrace::tool {
namespace {

constexpr double kDear = 4;            // bytes decoded for each that is delivered
constexpr std::int64_t kSmall = 2048;  // bytes of a chunk, whose reading costs more than its bytes
constexpr std::int64_t kMany = 1000;   // chunks, below which all of it costs nothing

std::string rounded(double number) {
  return number < 9.95 ? show_number(std::round(number * 10) / 10) : show_number(std::round(number));
}

}  // namespace

std::int64_t fitting_chunk_rows(std::int64_t row_bytes) {
  return std::max<std::int64_t>(kChunkBytes / std::max<std::int64_t>(row_bytes, 1), 1);
}

Verdict verdict_of(const hdf5::ArrayInfo& info, std::int64_t memory, std::int64_t batch) {
  Verdict verdict;
  const hdf5::BlockPlan plan(info);
  std::int64_t row_bytes = info.item_bytes;
  for (int axis = 1; axis < info.rank; ++axis) row_bytes *= info.shape[axis];
  const auto rows = static_cast<double>(plan.rows), row = static_cast<double>(row_bytes);
  const double all = rows * row, kept = static_cast<double>(memory) * 0.75;
  const double block = static_cast<double>(std::min(plan.block_rows, std::max<std::int64_t>(plan.rows, 1))) * row;
  const double blocks = static_cast<double>(plan.blocks),
               chunks = static_cast<double>(std::max<std::int64_t>(plan.chunks, 1));
  verdict.decodes = plan.chunks > 0 ? blocks * chunks : 0;
  const std::int64_t cure = std::min(fitting_chunk_rows(row_bytes), std::max<std::int64_t>(plan.rows, 1));
  if (!info.slow_because.empty()) {
    verdict.kind = "one thread";
    verdict.text = info.slow_because + ": libhdf5 reads it, on one thread";
    if (all > kSmall && info.rank > 0) verdict.chunk_rows = cure;
    return verdict;
  }
  if (info.layout != hdf5::Layout::chunked) {
    verdict.kind = "direct";
    verdict.text = "rows are read where they lie, in any order";
    return verdict;
  }
  const bool small = block / chunks < kSmall && blocks * chunks > kMany;
  if (small) {
    verdict.kind = "small chunks";
    verdict.text = "chunks of " + show_bytes(block / chunks) + " cost more to find than to read";
    if (static_cast<double>(cure) * row > 2 * block) verdict.chunk_rows = cure;
  }
  if (all <= kept) {
    if (small) return verdict;
    verdict.kind = "fits";
    verdict.text = "all of it fits the memory limit: each chunk is decoded once, the first epoch";
    return verdict;
  }
  const double met = blocks * (1 - std::pow(1 - 1 / blocks, static_cast<double>(batch)));  // blocks that a batch needs
  verdict.decodes = std::ceil(rows / static_cast<double>(batch)) * met * (1 - kept / all) * chunks;
  verdict.decodes = std::max(verdict.decodes, blocks * chunks);
  verdict.read_over = verdict.decodes / chunks * block / all;
  if (small) return verdict;
  verdict.kind = verdict.read_over > kDear ? "costly" : "fine";
  verdict.text = "a fully shuffled epoch decodes " + rounded(verdict.decodes) + " chunks, " +
                 rounded(verdict.read_over) + " times the data; shuffle(buffer_size=...) decodes each once";
  if (verdict.kind == "costly" && cure * 2 <= plan.block_rows) verdict.chunk_rows = cure;
  return verdict;
}

}  // namespace headrace::tool
