#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "engine/data/dataset.h"

namespace rondo {

namespace {

constexpr std::uint64_t kMostBytes = 1u << 30;  // of one file's values; MNIST's largest has 47 million
constexpr std::size_t kMostDimensions = 4;
constexpr std::size_t kPiece = 1u << 20;

[[noreturn]] void refuse(const std::string& file, std::string what) {
    throw BadInput(Problem{file, std::move(what)});
}

/// A file's bytes, unpacked on the way if it is gzip; never more of them than are asked for.
class Source {
  public:
    explicit Source(const std::string& file) : file_(file), handle_(gzopen(file.c_str(), "rb"), gzclose) {
        if (!handle_) refuse(file, std::string("can't be opened: ") + std::strerror(errno));
        gzbuffer(handle_.get(), 128u << 10);
    }

    /// Fewer than `size` only at the end of the file.
    std::size_t read(std::uint8_t* into, std::size_t size) {
        const int n = gzread(handle_.get(), into, static_cast<unsigned>(size));
        int error = Z_OK;
        const char* what = gzerror(handle_.get(), &error);
        if (error == Z_BUF_ERROR) refuse(file_, "is cut: its gzip data ends early");
        if (error == Z_ERRNO) refuse(file_, std::string("can't be read: ") + std::strerror(errno));
        if (n < 0 || error < 0) refuse(file_, std::string("has damaged gzip data (") + what + ")");
        return static_cast<std::size_t>(n);
    }

  private:
    const std::string& file_;
    std::unique_ptr<gzFile_s, int (*)(gzFile)> handle_;
};

std::string productOf(const std::vector<std::int64_t>& dims) {
    std::string text;
    for (const std::int64_t dim : dims) text += (text.empty() ? "" : " x ") + std::to_string(dim);
    return text;
}

std::uint64_t sizeOf(const std::string& file, const std::vector<std::int64_t>& dims) {
    std::uint64_t size = 1;
    for (const std::int64_t dim : dims) {
        // Neither factor is above 2³², so the product can't overflow before it is seen to be too big.
        size *= static_cast<std::uint64_t>(dim);
        if (size > kMostBytes) {
            refuse(file, "says it holds " + productOf(dims) + " values; at most " +
                             std::to_string(kMostBytes) + " are read");
        }
    }
    return size;
}

}  // namespace

IdxFile readIdxFile(const std::string& file, std::size_t dimensions) {
    Source source(file);
    std::array<std::uint8_t, 4 + 4 * kMostDimensions> header;
    const std::size_t magic = source.read(header.data(), 4);
    if (magic == 0) refuse(file, "is empty, not an IDX file");
    if (magic < 4) refuse(file, "is cut within its header, after " + std::to_string(magic) + " bytes");
    if (header[0] != 0 || header[1] != 0)
        refuse(file, "is not an IDX file: it doesn't begin with two zero bytes");
    if (header[2] != 8) {
        refuse(file,
               "holds values of IDX type " + std::to_string(header[2]) + ", expected 8 (unsigned bytes)");
    }
    if (header[3] != dimensions || dimensions > kMostDimensions) {
        refuse(file,
               "has " + std::to_string(header[3]) + " dimensions, expected " + std::to_string(dimensions));
    }
    const std::size_t rest = source.read(header.data() + 4, 4 * dimensions);
    if (rest < 4 * dimensions) {
        refuse(file, "is cut within its header, after " + std::to_string(4 + rest) + " bytes");
    }
    IdxFile idx;
    for (std::size_t d = 0; d < dimensions; ++d) {
        std::int64_t dim = 0;
        for (std::size_t i = 0; i < 4; ++i) dim = dim * 256 + header[4 + 4 * d + i];
        idx.dims.push_back(dim);
    }
    const std::uint64_t size = sizeOf(file, idx.dims);
    // Memory grows with what really comes, so a header that lies costs a piece at most.
    while (idx.bytes.size() < size) {
        const std::size_t have = idx.bytes.size();
        const std::size_t want = std::min<std::uint64_t>(std::max(kPiece, have), size - have);
        idx.bytes.resize(have + want);
        const std::size_t got = source.read(idx.bytes.data() + have, want);
        if (got < want) {
            refuse(file, "is cut: it says it holds " + productOf(idx.dims) + " = " + std::to_string(size) +
                             " values, " + std::to_string(have + got) + " are there");
        }
    }
    std::uint8_t more = 0;
    if (source.read(&more, 1) != 0) {
        refuse(file, "is longer than the " + productOf(idx.dims) + " values its header says");
    }
    return idx;
}

}  // namespace rondo
