#include <headrace/pipeline/host.hpp>

namespace headrace {

namespace {
thread_local Host no_host;
thread_local Host* current_host = nullptr;
}  // namespace

Host& Host::current() { return current_host ? *current_host : no_host; }

HostScope::HostScope(Host& host) : previous_(current_host) { current_host = &host; }
HostScope::~HostScope() { current_host = previous_; }

}  // namespace headrace
