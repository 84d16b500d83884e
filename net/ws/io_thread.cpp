#include "net/ws/io_thread.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace asio = boost::asio;

namespace rondo::net {

struct IoThread::Inside {
    asio::io_context context{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work{
        asio::make_work_guard(context)};
    std::thread thread;
};

IoThread::IoThread() : inside_(std::make_unique<Inside>()) {
    inside_->thread = std::thread([inside = inside_.get()] {
        inside->context.run();
        inside->work.reset();
        inside->context.restart();
        inside->context.run_for(std::chrono::seconds(1));
    });
}

IoThread::~IoThread() {
    // Not stop() from here: what was posted before must have run.
    post([inside = inside_.get()] { inside->context.stop(); });
    inside_->thread.join();
}

void IoThread::post(std::function<void()> work) {
    asio::post(inside_->context, std::move(work));
}

void IoThread::perform(const std::function<void()>& work) {
    if (isCurrent()) return work();
    std::promise<void> done;
    post([&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

bool IoThread::isCurrent() const {
    return std::this_thread::get_id() == inside_->thread.get_id();
}

asio::io_context& IoThread::context() {
    return inside_->context;
}

}  // namespace rondo::net
