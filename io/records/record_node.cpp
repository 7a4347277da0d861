// The node of sources that read records, and its cursor.
#include <algorithm>
#include <deque>

#include <headrace/io/records/block_reader.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/ticket_window.hpp>

namespace headrace::records {

Format::~Format() = default;

void Format::check_beginning(std::string_view, const std::string&, std::string_view) const {}

FailurePtr capture_failure_at(const Node& node, const Block& block, std::int64_t line) {
  return capture_failure(node, "line " + std::to_string(line) + " of '" + *block.path + "'");
}

std::int64_t count_lines(std::string_view bytes) {
  using Lanes = signed char __attribute__((vector_size(16), aligned(1)));
  constexpr std::size_t kLanes = sizeof(Lanes), kMost = 127 * kLanes;  // a lane counts so far at most
  std::int64_t count = 0;
  std::size_t i = 0;
  while (i + kLanes <= bytes.size()) {
    Lanes lanes{};
    for (const std::size_t end = std::min(bytes.size() - kLanes, i + kMost - kLanes); i <= end; i += kLanes)
      lanes -= *reinterpret_cast<const Lanes*>(bytes.data() + i) == '\n';
    for (std::size_t lane = 0; lane < kLanes; ++lane) count += lanes[lane];
  }
  return count + std::count(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.end(), '\n');
}

namespace {

class RecordNode final : public Node {
 public:
  RecordNode(std::vector<InputFile> files, std::unique_ptr<const Format> format)
      : Node({}), files_(std::move(files)), format_(std::move(format)) {}

  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override { return format_->cardinality(); }
  std::optional<Spec> spec() const override { return format_->spec(); }
  std::string identity() const override { return identity_of(files_) + format_->identity(); }
  std::string remark() const override {
    return std::to_string(files_.size()) + (files_.size() == 1 ? " file" : " files") + ", read in order";
  }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  const std::vector<InputFile>& files() const { return files_; }
  const Format& format() const { return *format_; }

 private:
  std::vector<InputFile> files_;
  std::unique_ptr<const Format> format_;
};

struct BlockTicket final : Ticket {
  Place from, to;
  Block block;
  FailurePtr failure;  // in place of a block
};

/// Parses blocks.
class ParsingWork final : public Work {
 public:
  explicit ParsingWork(const RecordNode& node) : node_(node) {}
  void run(Ticket& ticket) const override {
    auto& here = static_cast<BlockTicket&>(ticket);
    ticket.output.rows =
        here.failure ? Rows::of_list({Outcome{{}, here.failure}}) : node_.format().parse(node_, here.block);
    ticket.output.inputs = 1;
    ticket.publish(ticket.output.rows.count);
  }

 private:
  const RecordNode& node_;  // the window's run keeps the plan
};

/// Mark: "file", "offset" and "line" where a block begins, and "within", rows of it already taken.
class RecordCursor final : public Cursor {
 public:
  RecordCursor(const RecordNode& node, const Context& context)
      : node_(node),
        passed_(node, context.run),
        reader_(node, node.files(), node.format()),
        window_(context.run.shared_from_this(), node, std::make_shared<ParsingWork>(node), settings_of(context.run)) {}

  RowView peek(std::int64_t want) override {
    for (int blocks_without_rows = 1;; ++blocks_without_rows) {
      push_tickets();
      if (window_.empty()) return shown_ = {};
      Ticket& ticket = window_.front(offset_);
      const std::int64_t ready = ticket.ready.load(std::memory_order_acquire);
      if (offset_ < ready) return shown_ = {&ticket.output.rows, offset_, std::min(want, ready - offset_)};
      leave_front();
      if (blocks_without_rows % 16 == 0) Host::current().poll();
    }
  }

  void take(std::int64_t n) override {
    passed_.count(shown_.first(n));
    shown_ = shown_.without_first(n);
    offset_ += n;
    const BlockTicket& ticket = *tickets_.front();
    const bool whole = offset_ == ticket.output.rows.count;
    place_ = whole ? ticket.to : ticket.from;
    within_ = whole ? 0 : offset_;
  }

  void mark(Mark& out) const override {
    out.put("file", place_.file);
    out.put("offset", place_.offset);
    out.put("line", place_.line);
    out.put("within", within_);
  }

 protected:
  void do_restore(MarkReader& in) override {
    const auto files = static_cast<std::int64_t>(node_.files().size());
    place_.file = in.get("file", 0, files);
    place_.offset = in.get_count("offset");
    place_.line = in.get("line", 1, INT64_MAX);
    reader_.go_to(place_);
    const std::int64_t within = in.get_count("within");
    require(skip(within) == within, "state", "'within' must be a row of one block, got ", within,
            "; the state is damaged or the files have changed");
  }

 private:
  static TicketWindow::Settings settings_of(const Run& run) {
    TicketWindow::Settings settings;
    settings.threads = run.threads();
    return settings;
  }

  /// next() may have passed files without records before it met this one.
  FailurePtr failure_of_file(const Place& from) const {
    const auto file = std::max(from.file, reader_.place().file - 1);
    return capture_failure(node_, "file '" + node_.files()[static_cast<std::size_t>(file)].path + "'");
  }

  void push_tickets() {
    while (window_.has_room()) {
      auto ticket = std::make_shared<BlockTicket>();
      ticket->from = reader_.place();
      try {
        auto block = reader_.next();
        if (!block) return;
        ticket->block = *std::move(block);
      } catch (const IoError&) {
        ticket->failure = failure_of_file(ticket->from);
      } catch (const ValueError&) {
        ticket->failure = failure_of_file(ticket->from);
      }
      ticket->to = reader_.place();
      ticket->begin = pushed_++;
      ticket->count = 1;
      tickets_.push_back(ticket);
      window_.push(std::move(ticket));
    }
  }

  void leave_front() {
    BlockTicket& ticket = *tickets_.front();
    if (const std::exception_ptr interrupt = ticket.output.interrupt) {  // memory ran out: it is done again
      auto again = std::make_shared<BlockTicket>();
      again->from = ticket.from;
      again->to = ticket.to;
      again->block = ticket.block;
      again->count = 1;
      tickets_.front() = again;
      window_.replace_front(std::move(again));
      std::rethrow_exception(interrupt);
    }
    ticket.block = {};
    window_.pop();
    tickets_.pop_front();
    offset_ = 0;
  }

  const RecordNode& node_;
  PassedRows passed_;
  BlockReader reader_;
  std::deque<std::shared_ptr<BlockTicket>> tickets_;  // those in the window
  std::int64_t pushed_ = 0;
  std::int64_t offset_ = 0;  // rows of the front ticket taken
  RowView shown_;
  Place place_;  // of the block that the next row is in, and its rows already taken
  std::int64_t within_ = 0;
  TicketWindow window_;
};

std::unique_ptr<Cursor> RecordNode::open_stream(const Context& context) const {
  return std::make_unique<RecordCursor>(*this, context);
}

}  // namespace

std::shared_ptr<Node> make_record_node(std::vector<InputFile> files, std::unique_ptr<const Format> format) {
  return std::make_shared<RecordNode>(std::move(files), std::move(format));
}

}  // namespace headrace::records
