// What the caller's language needs around long work on its own thread: Python gives up its lock there. In C++ nothing.
#pragma once

namespace headrace {

class Host {
 public:
  virtual ~Host() = default;
  virtual void leave() {}  // before work that may take long, or a wait
  virtual void enter() {}  // after it
  virtual void poll() {}   // called between leave and enter, now and then; may throw an Interrupt

  /// The host of the calling thread; a worker's does nothing.
  static Host& current();

 private:
  friend class Away;
  int away_ = 0;
};

/// Makes `host` the calling thread's while it lives.
class HostScope {
 public:
  explicit HostScope(Host& host);
  ~HostScope();
  HostScope(const HostScope&) = delete;
  HostScope& operator=(const HostScope&) = delete;

 private:
  Host* previous_;
};

/// Leaves the current host while it lives; one inside another changes nothing.
class Away {
 public:
  Away() : host_(Host::current()) {
    if (host_.away_++ == 0) host_.leave();
  }
  ~Away() noexcept(false) {
    if (--host_.away_ == 0) host_.enter();
  }
  Away(const Away&) = delete;
  Away& operator=(const Away&) = delete;

 private:
  Host& host_;
};

}  // namespace headrace
