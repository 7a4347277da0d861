// A dataset of chunks into the journal, from where an earlier process was.
#pragma once

#include <functional>
#include <string>

#include <headrace/io/tool/console.hpp>
#include <headrace/io/tool/ingest/piece.hpp>
#include <headrace/io/tool/journal.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace::tool {

/// One of several that follow each other in a journal.
struct Pass {
  std::string_view stage;
  std::int64_t number;
  Dataset chunks;
  Spec spec;        // of a chunk: structure and dtypes
  std::string log;  // where ignore_errors among `chunks` writes; may be empty
};

/// Called for each chunk that is in the journal now, with the iterator's state behind it.
using Done = std::function<void(std::int64_t position, const Piece& piece)>;

/// How many chunks are done already, if not all are.
std::int64_t chunks_found(const Journal& journal, const Pass& pass);
/// Does the rest of them. The first row that fails ends it, an IoError that says which one; so do Signals.
void run_pass(Journal& journal, const Pass& pass, const Done& done);
/// Gives those that are in the journal, in order.
void each_chunk(Journal& journal, const Pass& pass, const std::function<void(const Element& chunk)>& use);

}  // namespace headrace::tool
