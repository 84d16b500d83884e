#include "engine/run/weights_file.h"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/run/atomic_file.h"

namespace rondo {

Problems writeWeights(const std::string& file, const ModelPlan& plan, std::span<const float> weights) {
    namespace json = boost::json;
    if (static_cast<std::int64_t>(weights.size()) != plan.parameters())
        return {{file,
                 std::to_string(weights.size()) + " weights, expected " + std::to_string(plan.parameters())}};
    json::object header;
    std::size_t offset = 0;
    for (const LayerPlan& layer : plan.layers)
        for (const OpPlan& op : layer.ops)
            for (const TensorPlan& tensor : op.tensors) {
                const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(tensor.elements());
                header[tensor.name] = {{"dtype", "F32"},
                                       {"shape", json::array(tensor.shape.begin(), tensor.shape.end())},
                                       {"data_offsets", {offset, offset + bytes}}};
                offset += bytes;
            }
    std::string text = json::serialize(header);
    text.resize((text.size() + 7) / 8 * 8, ' ');  // the data starts aligned

    const std::uint64_t size = text.size();
    std::array<std::byte, 8> length;
    for (std::size_t i = 0; i < length.size(); ++i) length[i] = static_cast<std::byte>(size >> (8 * i));
    AtomicFile out(file);
    out.write(length);
    out.write(std::as_bytes(std::span(text)));
    out.write(std::as_bytes(weights));
    return out.finish();
}

}  // namespace rondo
