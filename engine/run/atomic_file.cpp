#include "engine/run/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace rondo {

AtomicFile::AtomicFile(std::string file)
    // Two programs that write the same file must not write the same part.
    : file_(std::move(file)), temporary_(file_ + "." + std::to_string(getpid()) + ".part") {
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail();
}

AtomicFile::~AtomicFile() {
    if (descriptor_ < 0) return;
    close();
    unlink(temporary_.c_str());
}

void AtomicFile::fail() {
    if (wrong_.empty()) wrong_ = std::generic_category().message(errno);
}

void AtomicFile::close() {
    if (::close(descriptor_) != 0) fail();
    descriptor_ = -1;
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty() && wrong_.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written >= 0)
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            fail();
    }
}

Problems AtomicFile::finish() {
    const bool opened = descriptor_ >= 0;
    if (wrong_.empty() && fsync(descriptor_) != 0) fail();
    if (opened) close();
    if (wrong_.empty() && std::rename(temporary_.c_str(), file_.c_str()) != 0) fail();
    if (!wrong_.empty()) {
        if (opened) unlink(temporary_.c_str());
        return {{file_, "can't be written: " + wrong_}};
    }
    // The name is in the folder's own data.
    const std::string folder = std::filesystem::path(file_).parent_path().string();
    const int parent = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
        fsync(parent);
        ::close(parent);
    }
    return {};
}

}  // namespace rondo
