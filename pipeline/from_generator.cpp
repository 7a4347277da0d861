#include <headrace/pipeline/from_generator.hpp>

#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/signature.hpp>

namespace headrace {

namespace {

class GeneratorNode final : public Node {
 public:
  explicit GeneratorNode(const FromGenerator& stage)
      : Node({}), generator_(stage.generator), signature_(stage.output_signature), args_(stage.args) {}

  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override { return kUnknown; }
  std::optional<Spec> spec() const override { return signature_; }
  bool runs_inline() const override { return !generator_->concurrent(); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  std::unique_ptr<GeneratorPass> begin() const { return generator_->begin({signature_, args_}); }

  Element checked(Element element) const {
    require<TypeError>(!signature_ || fits(element, *signature_), label(), "the generator must give ",
                       signature_ ? signature_->to_string() : "", " as output_signature says, got ",
                       spec_of(element).to_string());
    return element;
  }

 private:
  GeneratorPtr generator_;
  std::optional<Spec> signature_;
  std::optional<Element> args_;
};

/// What a generator said of its place, or why it could not: whoever saves the state is told.
class GeneratorState final : public MarkData {
 public:
  explicit GeneratorState(std::string text) : text_(std::move(text)) {}
  explicit GeneratorState(std::exception_ptr error) : error_(std::move(error)) {}
  std::string to_text() const override {
    if (error_) std::rethrow_exception(error_);
    return text_;
  }
  const std::string* text() const { return error_ ? nullptr : &text_; }

 private:
  std::string text_;
  std::exception_ptr error_;
};

/// Mark: "yielded", the elements taken; or that at the newest anchor, its "generator_state", and "ahead".
class GeneratorCursor final : public Cursor {
 public:
  GeneratorCursor(const GeneratorNode& node, Run& run) : node_(node), passed_(node, run) { shown_.list.resize(1); }

  RowView peek(std::int64_t) override {
    if (shown_.count == 0 && !ended_) read();
    return {&shown_, 0, shown_.count};
  }

  void take(std::int64_t) override {
    passed_.count({&shown_, 0, 1});
    shown_.list[0] = {};
    shown_.count = 0;
    go_past();
  }

  std::int64_t skip(std::int64_t n) override {
    std::int64_t skipped = 0;
    if (n > 0 && shown_.count > 0) {
      take(1);
      ++skipped;
    }
    while (skipped < n && !ended_ && skip_one()) ++skipped;
    return skipped;
  }

  void mark(Mark& out) const override {
    out.put("yielded", anchor_ ? anchor_ordinal_ : ordinal_);
    if (!anchor_) return;
    out.put_data("generator_state", anchor_);
    if (ordinal_ > anchor_ordinal_) out.put("ahead", ordinal_ - anchor_ordinal_);
  }

 protected:
  void do_restore(MarkReader& in) override {
    const std::int64_t yielded = in.get_count("yielded");
    if (in.next_is("generator_state")) {
      anchor_ = std::make_shared<const GeneratorState>(in.get_data("generator_state"));
      anchor_ordinal_ = ordinal_ = yielded;
      bring_here();
      return;
    }
    require(skip(yielded) == yielded, "state", "the generator must give at least ", yielded,
            " elements as before, it has ended; the state is damaged or the generator gives others");
  }

 private:
  static constexpr std::int64_t kAnchorPeriod = 64;

  /// Shows the next element or its error.
  void read() {
    try {
      try {
        bring_here();
        auto element = pass_->next();
        ended_ = !element;
        if (ended_) return;
        shown_.list[0].element = node_.checked(*std::move(element));
      } catch (...) {
        shown_.list[0].failure = capture_failure(node_, ordinal_);
      }
    } catch (const Interrupt&) {
      leave_dead_pass();
      throw;
    }
    ended_ = ended_ || !pass_;
    shown_.count = 1;
    note_state();
  }

  /// An error is an element like others.
  bool skip_one() {
    try {
      bring_here();
      ended_ = !pass_->skip();
      if (ended_) return false;
    } catch (const Interrupt&) {
      leave_dead_pass();
      throw;
    } catch (...) {
      ended_ = !pass_;
    }
    try {
      note_state();
    } catch (const Interrupt&) {
      go_past();
      throw;
    }
    go_past();
    return true;
  }

  /// An anchor that was noted beyond the element counts from here on.
  void go_past() {
    ++ordinal_;
    if (!noted_) return;
    anchor_ = std::move(noted_);
    anchor_ordinal_ = ordinal_;
  }

  /// Begins a pass if there is none, and brings it to the next element.
  void bring_here() {
    if (!pass_) {
      auto fresh = node_.begin();
      if (anchor_ && anchor_->text()) fresh->load(*anchor_->text());
      reached_ = anchor_ && anchor_->text() ? anchor_ordinal_ : 0;
      pass_ = std::move(fresh);
    }
    while (reached_ < ordinal_) {  // begun anew after an Interrupt
      try {
        if (!pass_->skip()) break;
      } catch (const Interrupt&) {
        throw;
      } catch (...) {  // was delivered
      }
      ++reached_;
    }
    if (ordinal_ == 0 && !anchor_) anchor_ = state_of_pass();
    reached_ = ordinal_ + 1;
  }

  /// After the last element of a period: where the pass stands then.
  void note_state() {
    if (pass_ && (ordinal_ + 1) % kAnchorPeriod == 0) noted_ = state_of_pass();
  }

  std::shared_ptr<const GeneratorState> state_of_pass() const {
    try {
      auto state = pass_->state();
      return state ? std::make_shared<const GeneratorState>(*std::move(state)) : nullptr;
    } catch (const Interrupt&) {
      throw;
    } catch (...) {
      return std::make_shared<const GeneratorState>(std::current_exception());
    }
  }

  void leave_dead_pass() {
    if (pass_ && !pass_->goes_on()) pass_.reset();
  }

  const GeneratorNode& node_;
  PassedRows passed_;
  std::unique_ptr<GeneratorPass> pass_;
  Rows shown_;
  bool ended_ = false;
  std::int64_t ordinal_ = 0;  // elements taken
  std::int64_t reached_ = 0;  // where the pass stands while it is brought to ordinal_
  std::shared_ptr<const GeneratorState> anchor_;
  std::int64_t anchor_ordinal_ = 0;
  std::shared_ptr<const GeneratorState> noted_;  // the anchor after the element shown
};

std::unique_ptr<Cursor> GeneratorNode::open_stream(const Context& context) const {
  return std::make_unique<GeneratorCursor>(*this, context.run);
}

}  // namespace

Dataset FromGenerator::operator()() const {
  require<TypeError>(generator != nullptr, name, "generator must be a function, got None");
  require<TypeError>(!args || args->structure->kind() == Structure::Kind::tuple, name, "args must be a tuple, got ",
                     args ? args->structure->to_string() : "");
  return Dataset(std::make_shared<GeneratorNode>(*this));
}

}  // namespace headrace
