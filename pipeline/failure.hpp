// An error that takes the place of the one output it prevents.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace headrace {

class Node;

/// What a failed output changes in a stage's account: `failed` inputs, and good ones `dropped` with them.
struct Adjustment {
  const Node* node;
  std::int64_t failed = 0;
  std::int64_t dropped = 0;
};

/// Immutable once it stands in a Rows. `error` is the user's own exception, or one of tensor/error.hpp.
struct Failure {
  std::exception_ptr error;
  std::vector<std::string> notes;  // "[map] attached at train.py:12, element 17", innermost first
  std::vector<Adjustment> adjustments;
};
using FailurePtr = std::shared_ptr<const Failure>;

/// Base of exceptions of another language, which C++ cannot name.
class ForeignError : public std::exception {
 public:
  virtual std::string type() const = 0;     // "KeyError"; needs no lock of that language
  virtual std::string message() const = 0;  // may wait for it
};

/// Thrown by code that meets a Failure where it must deliver a value; carries it unchanged.
struct Failed {
  FailurePtr failure;
};

/// Base of exceptions that are never an element's error (KeyboardInterrupt, SystemExit): they pass through, and the
/// element is computed at the next call.
class Interrupt : public std::exception {};

/// The exception now being handled, as a failure at `node`'s output `position`; an Interrupt is rethrown.
FailurePtr capture_failure(const Node& node, std::int64_t position);
/// The same where no position is known: "line 7 of 'a.txt'".
FailurePtr capture_failure(const Node& node, const std::string& place);
/// The type of the exception, as Python names it: "KeyError".
std::string cause_of(const Failure& failure);
/// "KeyError: 'x'".
std::string text_of(const Failure& failure);
/// `failure` with one more note or adjustment.
FailurePtr with_note(const Failure& failure, std::string note);
FailurePtr with_adjustment(const Failure& failure, Adjustment adjustment);

}  // namespace headrace
