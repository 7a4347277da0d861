#include <headrace/io/folder_place.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

class FolderPass final : public KeptPass {
 public:
  explicit FolderPass(FolderPtr folder) : folder_(std::move(folder)) {}
  std::int64_t count() const override { return folder_->count(); }
  Rows get(std::int64_t begin, std::int64_t count) const override {
    return folder_->gather(Positions::range(begin, count));
  }

 private:
  FolderPtr folder_;
};

class FolderPassWriter final : public PassWriter {
 public:
  explicit FolderPassWriter(FolderPlace& place) : place_(place) {}

  void check(const Run&, const std::string&) override {
    if (error_ && !told_) {
      told_ = true;
      std::rethrow_exception(error_);
    }
  }

  void keep(const RowView& rows) override {
    if (error_) return;
    try {
      if (!writer_ || generation_ != fork_generation()) begin();
      writer_->put(count_, rows);
      count_ += rows.count;
    } catch (...) {
      error_ = std::current_exception();
      writer_.reset();
    }
  }

  void finish() override {
    if (error_) return;
    if (!writer_ || generation_ != fork_generation()) begin();
    const Away away;  // bringing it to the disk may take long
    writer_->finish(count_);
    place_.look();
  }

 private:
  void begin() {
    const bool began_elsewhere = count_ > 0;
    if (began_elsewhere)
      throw IoError(sentence(place_.note().stage, "a pass that began in another process is not kept"));
    generation_ = fork_generation();
    writer_ = std::make_unique<FolderWriter>(place_.note());
  }

  FolderPlace& place_;
  std::unique_ptr<FolderWriter> writer_;
  int generation_ = 0;
  std::int64_t count_ = 0;
  std::exception_ptr error_;
  bool told_ = false;
};

class FolderPasses final : public PassStore {
 public:
  explicit FolderPasses(std::unique_ptr<FolderPlace> place) : place_(std::move(place)) {}
  std::shared_ptr<const KeptPass> kept() override {
    auto folder = place_->look();
    return folder ? std::make_shared<const FolderPass>(std::move(folder)) : nullptr;
  }
  std::unique_ptr<PassWriter> begin() override { return std::make_unique<FolderPassWriter>(*place_); }

 private:
  std::unique_ptr<FolderPlace> place_;
};

}  // namespace

std::unique_ptr<PassStore> make_folder_passes(std::unique_ptr<FolderPlace> place) {
  return std::make_unique<FolderPasses>(std::move(place));
}

}  // namespace headrace
