#include <headrace/io/tool/ingest/pass.hpp>

#include <filesystem>

#include <headrace/pipeline/iterator.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::tool {
namespace {

namespace fs = std::filesystem;

/// Stands behind the last chunk; its mark is of no meaning.
Journal::Key end_of(const Pass& pass) { return {pass.number, INT64_MAX}; }

std::int64_t size_of(const std::string& log) {
  std::error_code none;
  const auto size = log.empty() ? 0 : fs::file_size(log, none);
  return none ? 0 : static_cast<std::int64_t>(size);
}

/// What a process that was killed wrote to the log behind its last chunk is written again.
void cut(const Pass& pass, std::int64_t size) {
  std::error_code error;
  if (pass.log.empty()) return;
  if (size == 0) {
    fs::remove(pass.log, error);
    return;
  }
  require<IoError>(size_of(pass.log) >= size, pass.stage, "'", pass.log,
                   "' is shorter than the journal says; remove the journal to begin anew");
  fs::resize_file(pass.log, static_cast<std::uintmax_t>(size), error);
  require<IoError>(!error, pass.stage, "cannot cut '", pass.log, "': ", error.message());
}

[[noreturn]] void fail(const Journal& journal, const Pass& pass, const Failure& failure) {
  std::string words = text_of(failure);
  for (const std::string& note : failure.notes) words += "; " + note;
  const std::string first = journal.empty() ? "" : ", once '" + journal.path() + "' was removed";
  throw IoError(sentence(pass.stage, "a row cannot be read: ", words,
                         "; --on-error skip, or --on-error FILE.jsonl, leaves such rows out", first));
}

}  // namespace

std::int64_t chunks_found(const Journal& journal, const Pass& pass) {
  std::int64_t count = 0;
  while (journal.found({pass.number, count})) ++count;
  return count;
}

void run_pass(Journal& journal, const Pass& pass, const Done& done) {
  if (journal.found(end_of(pass))) return;
  std::int64_t position = chunks_found(journal, pass);
  std::string state;
  std::int64_t log_size = 0;
  if (position > 0) {
    Piece last = unpack(pass.stage, journal.read(journal.piece({pass.number, position - 1})), pass.spec);
    state = std::move(last.state);
    log_size = last.log_size;
  }
  cut(pass, log_size);
  Iterator iterator = pass.chunks.iterate(0);
  if (position > 0) iterator.load_state(state);
  for (;;) {
    const RowView row = iterator.peek();
    if (row.empty()) break;
    if (const FailurePtr failure = row.failure(0)) fail(journal, pass, *failure);
    Piece piece{row.element(0), {}, 0};
    iterator.advance();
    Signals::poll();
    piece.state = iterator.state();
    piece.log_size = size_of(pass.log);
    journal.add({pass.number, position}, 0, pack(piece));
    done(position++, piece);
  }
  journal.add(end_of(pass), 0, {});
}

void each_chunk(Journal& journal, const Pass& pass, const std::function<void(const Element& chunk)>& use) {
  for (std::int64_t position = 0;; ++position) {
    const auto place = journal.find({pass.number, position});
    if (!place) break;
    Signals::poll();
    use(unpack(pass.stage, journal.read(*place), pass.spec).chunk);
  }
}

}  // namespace headrace::tool
