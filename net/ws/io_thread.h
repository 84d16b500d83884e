#pragma once

#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace rondo::net {

/// The one thread on which all control connections of a process live. What belongs to them is touched there
/// only; others `post`.
class IoThread {
  public:
    IoThread();
    ~IoThread();  ///< gives connections that are being closed a second to say so; not from the thread itself
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    void post(std::function<void()> work);
    /// Waits until it is done. On the thread itself: at once.
    void perform(const std::function<void()>& work);
    bool isCurrent() const;

    boost::asio::io_context& context();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace rondo::net
