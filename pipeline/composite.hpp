// A stage that is planned as a chain of others.
#pragma once

#include <headrace/pipeline/dataset.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

/// `planned` is the chain, `attached_to` what its user attached the stage to (nullptr for a source). Everything is
/// asked of the chain, which explain() and the accounts show below the stage itself.
Dataset composite(NodePtr attached_to, const Dataset& planned);

}  // namespace headrace
