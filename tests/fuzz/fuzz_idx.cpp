#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>

#include "engine/data/dataset.h"
#include "tests/fuzz/targets.h"

using namespace rondo;

namespace {
std::string packed(const std::string& plain) {
    std::string out(plain.size() + 200, '\0');
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}
}  // namespace

// Any file is either refused with BadInput or has exactly the values its sizes say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const int descriptor = memfd_create("idx", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) std::abort();
    const std::string file = "/proc/self/fd/" + std::to_string(descriptor);
    for (const std::size_t dimensions : {1, 3}) {
        try {
            const IdxFile idx = readIdxFile(file, dimensions);
            std::uint64_t product = 1;
            for (const std::int64_t dim : idx.dims) product *= static_cast<std::uint64_t>(dim);
            if (idx.dims.size() != dimensions || product != idx.bytes.size()) std::abort();
        } catch (const BadInput& problem) {
            if (problem.problems().at(0).where != file) std::abort();
        }
    }
    close(descriptor);
    return 0;
}

std::vector<std::string> fuzzSeeds() {
    const std::string images = std::string("\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\3", 16) + std::string(12, 'x');
    const std::string labels = std::string("\0\0\10\1\0\0\0\3", 8) + "\1\2\3";
    return {images, labels, packed(images), packed(labels)};
}
