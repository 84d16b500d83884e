#include "engine/comm/virtual_time/fiber.h"

#include <boost/context/protected_fixedsize_stack.hpp>
#include <memory>
#include <stdexcept>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace rondo {

namespace {
thread_local int noSwitchSections = 0;
}

NoSwitchSection::NoSwitchSection() {
    ++noSwitchSections;
}
NoSwitchSection::~NoSwitchSection() {
    --noSwitchSections;
}
bool NoSwitchSection::open() {
    return noSwitchSections > 0;
}

struct Fiber::Sanitizer {
#if defined(__SANITIZE_ADDRESS__)
    void* insideFake = nullptr;
    void* outsideFake = nullptr;
    const void* outsideStack = nullptr;
    std::size_t outsideSize = 0;
    const void* stack = nullptr;
    std::size_t size = 0;
    void entering() {
        __sanitizer_start_switch_fiber(&outsideFake, stack, size);
    }
    void entered() {
        __sanitizer_finish_switch_fiber(insideFake, &outsideStack, &outsideSize);
    }
    void leaving(bool forEver) {
        __sanitizer_start_switch_fiber(forEver ? nullptr : &insideFake, outsideStack, outsideSize);
    }
    void left() {
        __sanitizer_finish_switch_fiber(outsideFake, nullptr, nullptr);
    }
    void setStack(void* top, std::size_t bytes) {
        stack = static_cast<char*>(top) - bytes;
        size = bytes;
        // The memory may have been another stack before, whose frames are still marked as such.
        __asan_unpoison_memory_region(stack, size);
    }
#elif defined(__SANITIZE_THREAD__)
    void* inside = __tsan_create_fiber(0);
    void* outside = nullptr;
    ~Sanitizer() {
        __tsan_destroy_fiber(inside);
    }
    void entering() {
        outside = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(inside, 0);
    }
    void entered() {}
    void leaving(bool) {
        __tsan_switch_to_fiber(outside, 0);
    }
    void left() {}
    void setStack(void*, std::size_t) {}
#else
    void entering() {}
    void entered() {}
    void leaving(bool) {}
    void left() {}
    void setStack(void*, std::size_t) {}
#endif
};

Fiber::Fiber(std::function<void()> body, std::size_t stackBytes) : sanitizer_(new Sanitizer) {
    boost::context::protected_fixedsize_stack stacks(stackBytes);
    const boost::context::stack_context stack = stacks.allocate();
    sanitizer_->setStack(stack.sp, stack.size);
    context_ =
        boost::context::fiber(std::allocator_arg, boost::context::preallocated(stack.sp, stack.size, stack),
                              stacks, [this, body = std::move(body)](boost::context::fiber&& resumer) {
                                  resumer_ = std::move(resumer);
                                  sanitizer_->entered();
                                  body();
                                  finished_ = true;
                                  sanitizer_->leaving(true);
                                  return std::move(resumer_);
                              });
}

Fiber::~Fiber() {
    delete sanitizer_;
}

void Fiber::resume() {
    sanitizer_->entering();
    context_ = std::move(context_).resume();
    sanitizer_->left();
}

void Fiber::stop() {
    if (NoSwitchSection::open()) throw std::logic_error("a fiber was about to switch inside a LibTorch call");
    sanitizer_->leaving(false);
    resumer_ = std::move(resumer_).resume();
    sanitizer_->entered();
}

}  // namespace rondo
