#include <headrace/io/records/block_reader.hpp>

#include <algorithm>
#include <cstring>

#include <headrace/pipeline/host.hpp>

namespace headrace::records {

namespace {

// Large enough to be worth a hand-over, small enough for several to stay in the cores' caches; the first one of a file
// is smaller, so that its rows come at once.
constexpr std::size_t kFirstBlock = std::size_t{1} << 16;
constexpr std::size_t kBlock = std::size_t{1} << 19;
constexpr std::size_t kMostRecord = std::size_t{1} << 26;
constexpr std::int64_t kInflatedAtOnce = std::int64_t{1} << 26;

}  // namespace

std::optional<Block> BlockReader::next() {
  try {
    while (place_.file < static_cast<std::int64_t>(files_.size())) {
      if (std::optional<Block> block = next_in_file()) return block;
      leave_file();
    }
    return std::nullopt;
  } catch (const IoError&) {
    leave_file();
    throw;
  } catch (const ValueError&) {
    leave_file();
    throw;
  } catch (...) {
    go_to(Place(place_));
    throw;
  }
}

std::optional<Block> BlockReader::next_in_file() {
  if (!stream_) open();
  for (std::size_t wanted = place_.offset == 0 ? kFirstBlock : kBlock;; wanted *= 2) {
    fill(wanted);
    if (filled_ == 0) return std::nullopt;
    const std::string_view bytes(reinterpret_cast<const char*>(room_.data()), filled_);
    if (place_.offset == 0)
      format_.check_beginning(node_.label(), files_[static_cast<std::size_t>(place_.file)].path, bytes);
    const std::size_t whole = format_.whole_records(bytes, place_.offset, at_end_);
    if (whole > 0 || at_end_) return cut(whole > 0 ? whole : filled_);  // at the end nothing is left over
    require(wanted < kMostRecord, node_.label(), "a record must have at most ", kMostRecord,
            " bytes, got a longer one at byte ", place_.offset, format_.counts_lines() ? ", line " : "",
            format_.counts_lines() ? std::to_string(place_.line) : "", ", of '",
            files_[static_cast<std::size_t>(place_.file)].path, "'");
  }
}

void BlockReader::open() {
  auto stream = std::make_unique<ByteStream>(node_.label(), files_[static_cast<std::size_t>(place_.file)]);
  while (stream->position() < place_.offset) {  // after a resume
    const std::int64_t before = stream->position();
    stream->skip_to(std::min(place_.offset, before + kInflatedAtOnce));
    if (stream->compressed()) Host::current().poll();
    if (stream->position() == before) break;
  }
  require<IoError>(stream->position() == place_.offset, node_.label(), "'",
                   files_[static_cast<std::size_t>(place_.file)].path, "' must have ", place_.offset,
                   " bytes as before, it has ", stream->position());
  stream_ = std::move(stream);
}

void BlockReader::fill(std::size_t wanted) {
  if (at_end_ || (room_ && filled_ >= wanted)) return;
  if (!room_ || room_.size() < wanted) {
    Buffer larger = Buffer::allocate(wanted);
    if (filled_ > 0) std::memcpy(larger.data(), room_.data(), filled_);
    room_ = std::move(larger);
  }
  const std::size_t got = stream_->read(reinterpret_cast<char*>(room_.data()) + filled_, wanted - filled_);
  at_end_ = got < wanted - filled_;
  filled_ += got;
}

/// What lies behind the cut is copied: the next block begins with it.
Block BlockReader::cut(std::size_t size) {
  Block block{&files_[static_cast<std::size_t>(place_.file)].path,
              place_.offset,
              place_.line,
              room_,
              std::string_view(reinterpret_cast<const char*>(room_.data()), size),
              at_end_ && size == filled_};
  const std::size_t rest = filled_ - size;
  Buffer room = rest > 0 ? Buffer::allocate(std::max(rest, kBlock)) : Buffer();
  if (rest > 0) std::memcpy(room.data(), room_.data() + size, rest);
  room_ = std::move(room);
  filled_ = rest;
  place_.offset += static_cast<std::int64_t>(size);
  if (format_.counts_lines()) place_.line += count_lines(block.bytes);
  return block;
}

void BlockReader::leave_file() { go_to({place_.file + 1, 0, 1}); }

void BlockReader::go_to(const Place& place) {
  place_ = place;
  stream_.reset();
  room_ = {};
  filled_ = 0;
  at_end_ = false;
}

}  // namespace headrace::records
