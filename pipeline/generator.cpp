#include <headrace/pipeline/generator.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

void GeneratorPass::load(const std::string&) {
  throw ValueError(sentence("state",
                            "it holds a generator's own state, but the generator has none; the state is of "
                            "another generator"));
}

namespace {

class StreamPass final : public GeneratorPass {
 public:
  explicit StreamPass(ElementStream stream) : stream_(std::move(stream)) {}
  std::optional<Element> next() override { return stream_(); }

 private:
  ElementStream stream_;
};

class StreamGenerator final : public Generator {
 public:
  StreamGenerator(std::function<ElementStream()> begin, std::string name)
      : begin_(std::move(begin)), name_(std::move(name)) {}
  std::unique_ptr<GeneratorPass> begin(const Call&) const override { return std::make_unique<StreamPass>(begin_()); }
  std::string name() const override { return name_; }

 private:
  std::function<ElementStream()> begin_;
  std::string name_;
};

}  // namespace

GeneratorPtr make_generator(std::function<ElementStream()> begin, std::string name) {
  return std::make_shared<StreamGenerator>(std::move(begin), std::move(name));
}

}  // namespace headrace
