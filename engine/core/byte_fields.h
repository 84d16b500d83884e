#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/clock.h"
#include "engine/core/ids.h"

namespace rondo {

// How values travel in recordings, events and messages of ranks, one behind the other and without names:
// events/RECORDING.md has the table. A list of fields is written once, as a template over FieldWriter and
// FieldReader. An enum that travels has an overload `lastOf` beside it, found by its type: a reader refuses
// more.

constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}
// a − b without overflow being undefined: what a damaged stream says must not be able to do harm.
constexpr std::int64_t wrappingDifference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// Appends fields to `out`; small ones through a buffer on the stack, which is what makes it quick: they are
/// in `out` once it is destroyed or flushed.
class FieldWriter {
  public:
    static constexpr bool reads = false;
    explicit FieldWriter(std::vector<std::byte>& out) : out_(out) {}
    ~FieldWriter() { flush(); }
    FieldWriter(const FieldWriter&) = delete;
    FieldWriter& operator=(const FieldWriter&) = delete;

    void varint(std::uint64_t v) {
        if (used_ + 10 > buffer_.size()) flush();
        while (v >= 0x80) {
            buffer_[used_++] = static_cast<std::byte>(v | 0x80);
            v >>= 7;
        }
        buffer_[used_++] = static_cast<std::byte>(v);
    }
    template <class T>
    requires std::unsigned_integral<T> || std::is_enum_v<T>
    void value(T v) { varint(static_cast<std::uint64_t>(v)); }
    void value(std::int32_t v) { varint(zigzag(v)); }
    void value(std::int64_t v) { varint(zigzag(v)); }
    template <class Tag>
    void value(Id<Tag> id) {
        varint(zigzag(id.value));
    }
    template <class Period>
    void value(std::chrono::duration<std::int64_t, Period> t) {
        varint(zigzag(t.count()));
    }
    template <std::floating_point T>
    void value(T v) {
        if (used_ + sizeof(T) > buffer_.size()) flush();
        const auto bits = std::bit_cast<BitsOf<T>>(v);
        for (std::size_t i = 0; i < sizeof(T); ++i)
            buffer_[used_++] = static_cast<std::byte>(bits >> (8 * i));
    }
    void value(const std::string& text) { bytes(text.data(), text.size()); }
    void value(const std::vector<std::uint8_t>& array) { bytes(array.data(), array.size()); }
    void value(const std::vector<float>& array) {
        varint(array.size());
        if constexpr (std::endian::native == std::endian::little) {
            append(array.data(), array.size() * sizeof(float));
        } else {
            for (const float v : array) value(v);
        }
    }
    void before(Nanoseconds begin, Nanoseconds end) {
        varint(zigzag(wrappingDifference(end.count(), begin.count())));
    }
    void flush() {
        out_.insert(out_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ = 0;
    }

  private:
    void bytes(const void* data, std::size_t size) {
        varint(size);
        append(data, size);
    }
    void append(const void* data, std::size_t size) {
        flush();
        const auto* first = static_cast<const std::byte*>(data);
        out_.insert(out_.end(), first, first + size);
    }

    std::vector<std::byte>& out_;
    std::array<std::byte, 192> buffer_;
    std::size_t used_ = 0;
};

/// Reads fields in the same order. After the first thing wrong it reads no further and `wrong` says why.
/// Lengths are compared with what is there before memory is taken.
class FieldReader {
  public:
    static constexpr bool reads = true;
    explicit FieldReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
    std::span<const std::byte> rest() const { return bytes_; }
    const char* wrong = nullptr;

    std::uint64_t varint() {
        std::uint64_t v = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (bytes_.empty()) return fail("it ends in the middle of a number");
            const auto byte = std::to_integer<std::uint64_t>(bytes_.front());
            bytes_ = bytes_.subspan(1);
            if (shift == 63 && byte > 1) break;
            v |= (byte & 0x7f) << shift;
            if (byte < 0x80) return v;
        }
        return fail("it holds a number of more than 64 bits");
    }
    template <class T>
    requires std::unsigned_integral<T> || std::is_enum_v<T>
    void value(T& v) {
        const std::uint64_t raw = varint();
        if (raw > mostOf<T>()) {
            fail("it holds a value outside of its field's range");
            return;
        }
        v = static_cast<T>(raw);
    }
    void value(std::int32_t& v) {
        const std::int64_t raw = unzigzag(varint());
        if (raw < std::numeric_limits<std::int32_t>::min() ||
            raw > std::numeric_limits<std::int32_t>::max()) {
            fail("it holds a value outside of its field's range");
            return;
        }
        v = static_cast<std::int32_t>(raw);
    }
    void value(std::int64_t& v) { v = unzigzag(varint()); }
    template <class Tag>
    void value(Id<Tag>& id) {
        value(id.value);
    }
    template <class Period>
    void value(std::chrono::duration<std::int64_t, Period>& t) {
        t = std::chrono::duration<std::int64_t, Period>{unzigzag(varint())};
    }
    template <std::floating_point T>
    void value(T& v) {
        if (bytes_.size() < sizeof(T)) {
            fail("it ends in the middle of a number");
            return;
        }
        BitsOf<T> bits = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) bits |= static_cast<BitsOf<T>>(bytes_[i]) << (8 * i);
        bytes_ = bytes_.subspan(sizeof(T));
        v = std::bit_cast<T>(bits);
    }
    void value(std::string& text) {
        const std::size_t n = length(1);
        text.assign(reinterpret_cast<const char*>(bytes_.data()), n);
        bytes_ = bytes_.subspan(n);
    }
    void value(std::vector<std::uint8_t>& array) {
        array.resize(length(1));
        copyInto(array);
    }
    void value(std::vector<float>& array) {
        array.resize(length(sizeof(float)));
        if constexpr (std::endian::native == std::endian::little) {
            copyInto(array);
        } else {
            for (float& v : array) value(v);
        }
    }
    void before(Nanoseconds& begin, Nanoseconds end) {
        begin = Nanoseconds{wrappingDifference(end.count(), unzigzag(varint()))};
    }
    /// How many items of at least `itemBytes` follow: at most what the bytes that are left can hold; 0 when
    /// it says more.
    std::size_t length(std::size_t itemBytes) {
        const std::uint64_t n = varint();
        if (n > bytes_.size() / itemBytes) {
            return fail("it holds a text or array longer than what follows");
        }
        return static_cast<std::size_t>(n);
    }
    std::uint64_t fail(const char* why) {
        if (!wrong) wrong = why;
        bytes_ = {};
        return 0;
    }

  private:
    template <class T>
    static constexpr std::uint64_t mostOf() {
        if constexpr (std::is_enum_v<T>) {
            return lastOf(T{});
        } else if constexpr (std::same_as<T, bool>) {
            return 1;
        } else {
            return std::numeric_limits<T>::max();
        }
    }
    template <class T>
    void copyInto(std::vector<T>& array) {
        const std::size_t size = array.size() * sizeof(T);
        if (size > 0) std::memcpy(array.data(), bytes_.data(), size);
        bytes_ = bytes_.subspan(size);
    }

    std::span<const std::byte> bytes_;
};

/// What a list of fields takes: a constant value to write from, or one to read into.
template <class Io, class T>
using In = std::conditional_t<Io::reads, T, const T>;

}  // namespace rondo
