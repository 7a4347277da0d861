#include <headrace/pipeline/ignore_errors.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdio>

#include <headrace/pipeline/sieve.hpp>
#include <headrace/pipeline/state.hpp>
#include <headrace/pipeline/warn.hpp>

namespace headrace {

namespace {

/// Share that few elements say nothing about.
constexpr double kFewest = 100;

/// Where the lines go; shared with drops that wait to be consumed.
class DropLog {
 public:
  DropLog(const Node& node, const std::string& path)
      : label_(node.label()), path_(path), file_(std::fopen(path.c_str(), "ab"), &std::fclose) {
    require<IoError>(file_ != nullptr, label_, "log_file must be a file that can be written, got '", path, "'");
  }
  void append(const std::string& line) {
    const bool written = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size();
    if (std::fflush(file_.get()) != 0 || !written) failed_ = true;
  }
  void fail() { failed_ = true; }
  /// Throws at every call once a line could not be written.
  void check() const {
    require<IoError>(!failed_, label_, "log_file '", path_, "' could not be written; the disk may be full");
  }

 private:
  std::string label_, path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::atomic<bool> failed_{false};  // who reads ahead looks while the consumer writes
};

/// How often each cause came; as text, "12 ValueError" a line.
class CauseCounts final : public MarkData {
 public:
  explicit CauseCounts(Causes causes) : causes_(std::move(causes)) {}
  const Causes& causes() const { return causes_; }
  std::string to_text() const override {
    std::string text;
    for (const auto& [cause, count] : causes_) text += std::to_string(count) + " " + cause + "\n";
    return text;
  }
  static Causes from_text(std::string_view text) {
    Causes causes;
    while (!text.empty()) {
      const std::size_t space = text.find(' '), end = text.find('\n');
      std::int64_t count = 0;
      const bool right = space < end && end != std::string_view::npos &&
                         std::from_chars(text.data(), text.data() + space, count).ec == std::errc();
      require(right && count > 0, "state", "the causes of ignore_errors must be counts and names; it is damaged");
      causes[std::string(text.substr(space + 1, end - space - 1))] = count;
      text.remove_prefix(end + 1);
    }
    return causes;
  }

 private:
  Causes causes_;
};

class IgnoreErrorsNode final : public StageNode {
 public:
  IgnoreErrorsNode(NodePtr upstream, IgnoreErrors options)
      : StageNode(std::move(upstream)), options_(std::move(options)) {}
  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override { return up().cardinality() == 0 ? 0 : kUnknown; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  const IgnoreErrors& options() const { return options_; }

 private:
  IgnoreErrors options_;
};

/// Mark: a sieve's; with max_fraction "dropped" and "causes".
class IgnoreErrorsCursor final : public SieveCursor {
 public:
  IgnoreErrorsCursor(const IgnoreErrorsNode& node, const Context& context)
      : SieveCursor(node, context), warns_(node.options().log_warning), most_(node.options().max_fraction) {
    if (node.options().log_file) log_ = std::make_shared<DropLog>(node, *node.options().log_file);
    if (most_) judged_from_ = *most_ == 0 ? 1 : std::ceil(std::max(kFewest, 1 / *most_));
  }

 protected:
  Sifted sift(const RowView& input, const Positions& positions) override {
    if (log_) log_->check();
    failures_.clear();
    const bool judged_here = most_ && static_cast<double>(positions[0] + input.count) >= judged_from_;
    if (!input.has_failures() && !judged_here) return keep_all(input);
    std::vector<std::int64_t> kept;
    std::exception_ptr stop;
    std::int64_t dropped = dropped_, row = 0;
    for (; row < input.count; ++row) {
      const FailurePtr& failure = input.failure(row);
      dropped += failure != nullptr;
      const auto seen = static_cast<double>(positions[row] + 1);
      const bool judged = most_ && (seen == judged_from_ || (failure && seen > judged_from_));
      if (judged && static_cast<double>(dropped) > *most_ * seen) {
        stop = too_many(positions[row] + 1, dropped, failure);
        break;
      }
      if (failure)
        failures_.push_back({row, failure});
      else
        kept.push_back(row);
    }
    Sifted sifted = keep(input.first(row), kept);
    sifted.stop = stop;
    return sifted;
  }

  void consumed(std::int64_t begin, std::int64_t end, Account& account) override {
    for (const auto& [row, failure] : failures_) {
      if (row < begin || row >= end) continue;
      ++account.dropped;
      --account.filtered;
      drop(ordinal() + row - begin, failure);
    }
  }

  void at_end() override {
    failures_.clear();
    if (most_ && static_cast<double>(dropped_) > *most_ * static_cast<double>(ordinal()))
      std::rethrow_exception(too_many(ordinal(), dropped_, nullptr));
  }

  void mark_more(Mark& out) const override {
    if (!most_) return;
    out.put("dropped", dropped_);
    out.put_data("causes", causes_);
  }
  void restore_more(MarkReader& in) override {
    if (!most_) return;
    dropped_ = in.get("dropped", 0, ordinal());
    causes_ = std::make_shared<const CauseCounts>(CauseCounts::from_text(in.get_data("causes")));
    std::int64_t sum = 0;
    for (const auto& [cause, count] : causes_->causes()) sum += count;
    require(sum == dropped_, "state", "'causes' must count ", dropped_, " elements, got ", sum,
            "; the state is damaged");
  }

 private:
  void drop(std::int64_t position, const FailurePtr& failure) {
    auto dropped = std::make_shared<Dropped>();
    dropped->cause = cause_of(*failure);
    ++dropped_;
    if (most_) causes_ = std::make_shared<const CauseCounts>(with(dropped->cause));
    if (log_ || warns_) {
      dropped->effect = [log = log_, warns = warns_, label = node().label(), position, failure] {
        try {
          tell(log.get(), warns, label, position, *failure);
        } catch (...) {  // memory ran out
          if (log) log->fail();
        }
      };
    }
    run().ledger().drop(node(), std::move(dropped));
  }

  static void tell(DropLog* log, bool warns, const std::string& label, std::int64_t position, const Failure& failure) {
    const std::string origin = failure.notes.empty() ? "" : failure.notes.front();
    const std::string error = text_of(failure);
    if (log) {
      log->append("{\"position\": " + std::to_string(position) + ", \"origin\": " + json_string(origin) +
                  ", \"error\": " + json_string(error) + "}\n");
    }
    if (warns) warn(sentence(label, "dropped element ", position, ": ", error, origin.empty() ? "" : "; " + origin));
  }

  Causes with(const std::string& cause) const {
    Causes causes = causes_->causes();
    ++causes[cause];
    return causes;
  }

  /// The error that stops the run; `last` is the failure that was one too many, not counted so far.
  std::exception_ptr too_many(std::int64_t seen, std::int64_t dropped, const FailurePtr& last) const {
    Causes causes = causes_->causes();
    for (const auto& [row, failure] : failures_) ++causes[cause_of(*failure)];
    if (last) ++causes[cause_of(*last)];
    const auto most = std::max_element(causes.begin(), causes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return std::make_exception_ptr(
        StateError(sentence(node().label(), "at most ", *most_, " of the elements may fail, got ", dropped, " of ",
                            seen, " (", static_cast<double>(dropped) / static_cast<double>(seen), "), mostly ",
                            most->first, " (", most->second, "); mend the data, or raise max_fraction")));
  }

  bool warns_;
  std::optional<double> most_;
  double judged_from_ = 0;  // the first element at which the share is judged
  std::shared_ptr<DropLog> log_;
  std::vector<FailedRow> failures_;  // of the block
  std::int64_t dropped_ = 0;
  std::shared_ptr<const CauseCounts> causes_ = std::make_shared<const CauseCounts>(Causes{});
};

std::unique_ptr<Cursor> IgnoreErrorsNode::open_stream(const Context& context) const {
  return std::make_unique<IgnoreErrorsCursor>(*this, context);
}

}  // namespace

Dataset IgnoreErrors::operator()(const Dataset& upstream) const {
  require(!max_fraction || (*max_fraction >= 0 && *max_fraction <= 1), name, "max_fraction must be within [0, 1], got ",
          max_fraction.value_or(0));
  return Dataset(std::make_shared<IgnoreErrorsNode>(upstream.node_ptr(), *this));
}

}  // namespace headrace
