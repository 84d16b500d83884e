#include "engine/training/gloo/watched_context.h"

#include <stdexcept>

namespace rondo {

namespace {

using Milliseconds = std::chrono::milliseconds;

class WatchedBuffer final : public GlooBuffer {
  public:
    WatchedBuffer(std::unique_ptr<GlooBuffer> inner, const WatchedContext::Wait& wait)
        : GlooBuffer(inner->ptr, inner->size), inner_(std::move(inner)), wait_(wait) {}
    bool waitRecv(int* peer, Milliseconds) override {
        wait_(*inner_, WatchedWait::Direction::Receive, peer);
        return true;
    }
    bool waitSend(int* peer, Milliseconds) override {
        wait_(*inner_, WatchedWait::Direction::Send, peer);
        return true;
    }
    void abortWaitRecv() override { inner_->abortWaitRecv(); }
    void abortWaitSend() override { inner_->abortWaitSend(); }
    void send(int to, std::uint64_t slot, std::size_t offset, std::size_t bytes) override {
        inner_->send(to, slot, offset, bytes);
    }
    void recv(int from, std::uint64_t slot, std::size_t offset, std::size_t bytes) override {
        inner_->recv(from, slot, offset, bytes);
    }
    void recv(std::vector<int> from, std::uint64_t slot, std::size_t offset, std::size_t bytes) override {
        inner_->recv(std::move(from), slot, offset, bytes);
    }

  private:
    std::unique_ptr<GlooBuffer> inner_;
    const WatchedContext::Wait& wait_;
};

class WatchedTransport final : public gloo::transport::Context {
  public:
    WatchedTransport(std::shared_ptr<gloo::Context> inner, WatchedContext::Wait wait)
        : Context(inner->rank, inner->size), inner_(std::move(inner)), wait_(std::move(wait)) {}
    std::unique_ptr<gloo::transport::Pair>& getPair(int rank) override { return inner_->getPair(rank); }
    std::unique_ptr<gloo::transport::Pair>& createPair(int) override {
        throw std::logic_error("the connections are those of another context");
    }
    std::unique_ptr<GlooBuffer> createUnboundBuffer(void* memory, std::size_t bytes) override {
        return std::make_unique<WatchedBuffer>(inner_->createUnboundBuffer(memory, bytes), wait_);
    }

  private:
    std::shared_ptr<gloo::Context> inner_;
    WatchedContext::Wait wait_;
};

}  // namespace

WatchedContext::WatchedContext(std::shared_ptr<gloo::Context> inner, Wait wait)
    : Context(inner->rank, inner->size) {
    setTimeout(inner->getTimeout());
    transportContext_ = std::make_shared<WatchedTransport>(std::move(inner), std::move(wait));
}

}  // namespace rondo
