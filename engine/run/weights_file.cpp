#include "engine/run/weights_file.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

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

    const std::string temporary = file + ".part";
    {
        std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
        const std::uint64_t size = text.size();
        char length[8];
        for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(size >> (8 * i));
        out.write(length, sizeof length);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.write(reinterpret_cast<const char*>(weights.data()),
                  static_cast<std::streamsize>(weights.size_bytes()));
        if (!out.flush()) return {{file, "can't be written"}};
    }
    std::error_code error;
    std::filesystem::rename(temporary, file, error);
    if (error) return {{file, "can't be written: " + error.message()}};
    return {};
}

}  // namespace rondo
