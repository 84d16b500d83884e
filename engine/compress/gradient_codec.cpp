#include "engine/compress/gradient_codec.h"

#include "engine/compress/half.h"
#include "engine/compress/quantize.h"
#include "engine/compress/sign.h"
#include "engine/compress/sparse.h"
#include "engine/core/overloaded.h"

namespace rondo {

std::unique_ptr<GradientCodec> makeCodec(const CompressionSpec& spec) {
    using Made = std::unique_ptr<GradientCodec>;
    return std::visit(
        Overloaded{
            [](const NoCompression&) -> Made { return nullptr; },
            [](const HalfCompression&) -> Made { return std::make_unique<HalfCodec>(); },
            [](const TopKCompression& s) -> Made { return std::make_unique<TopKCodec>(s.density); },
            [](const DgcCompression& s) -> Made { return std::make_unique<RunLengthCodec>(s.density); },
            [](const QuantizeCompression& s) -> Made { return std::make_unique<QuantizeCodec>(s); },
            [](const SignCompression&) -> Made { return std::make_unique<SignCodec>(); },
            [](const PowerSgdCompression&) -> Made { return nullptr; },
            [](const RandomMaskCompression& s) -> Made {
                return std::make_unique<RandomMaskCodec>(s.density, !s.errorFeedback);
            },
        },
        spec);
}

CompressedRoute routeOf(const CompressionSpec& spec) {
    return std::visit(Overloaded{
                          [](const NoCompression&) { return CompressedRoute::None; },
                          [](const HalfCompression&) { return CompressedRoute::Chunks; },
                          [](const TopKCompression&) { return CompressedRoute::Gather; },
                          [](const DgcCompression&) { return CompressedRoute::Gather; },
                          [](const QuantizeCompression&) { return CompressedRoute::Chunks; },
                          [](const SignCompression&) { return CompressedRoute::Gather; },
                          [](const PowerSgdCompression&) { return CompressedRoute::Reduce; },
                          [](const RandomMaskCompression&) { return CompressedRoute::Gather; },
                      },
                      spec);
}

}  // namespace rondo
