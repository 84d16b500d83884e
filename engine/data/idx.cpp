#include <algorithm>
#include <filesystem>

#include "engine/data/dataset.h"

namespace rondo {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& where, std::string what) {
    throw BadInput(Problem{where, std::move(what)});
}

/// `set` and `kind` as in "train", "images-idx3"; people's copies also say "images.idx3", and may be packed.
std::string findFile(const fs::path& folder, const std::string& set, const std::string& kind,
                     const std::string& idx) {
    for (const char* joint : {"-", "."}) {
        for (const char* packed : {"", ".gz"}) {
            const fs::path file = folder / (set + "-" + kind + joint + idx + "-ubyte" + packed);
            std::error_code error;
            if (fs::is_regular_file(file, error)) return file.string();
        }
    }
    const std::string name = set + "-" + kind + "-" + idx + "-ubyte";
    refuse((folder / name).string(), "is missing (" + name + ".gz would do too)");
}

Samples readSet(const fs::path& folder, const std::string& set, std::int64_t wanted) {
    const std::string imageFile = findFile(folder, set, "images", "idx3");
    const std::string labelFile = findFile(folder, set, "labels", "idx1");
    IdxFile labels = readIdxFile(labelFile, 1);
    IdxFile images = readIdxFile(imageFile, 3);
    const std::int64_t count = images.dims[0], pixels = images.dims[1] * images.dims[2];
    if (labels.dims[0] != count) {
        refuse(labelFile, "holds " + std::to_string(labels.dims[0]) + " labels for " + std::to_string(count) +
                              " images in " + imageFile);
    }
    if (count == 0) refuse(imageFile, "holds no images");
    if (pixels == 0) refuse(imageFile, "holds images without pixels");
    if (wanted > count) {
        refuse(imageFile,
               "holds " + std::to_string(count) + " images, the settings ask for " + std::to_string(wanted));
    }
    if (wanted > 0) {
        images.bytes.resize(static_cast<std::size_t>(wanted * pixels));
        labels.bytes.resize(static_cast<std::size_t>(wanted));
    }
    Samples samples;
    samples.shape.dims = {1, images.dims[1], images.dims[2]};
    samples.pixels = std::move(images.bytes);
    samples.labels = std::move(labels.bytes);
    return samples;
}

Dataset readFolder(const IdxData& spec) {
    std::error_code error;
    if (!fs::exists(spec.path, error)) refuse(spec.path, "this folder doesn't exist");
    if (!fs::is_directory(spec.path, error)) refuse(spec.path, "is not a folder");
    Dataset data{readSet(spec.path, "train", spec.train), readSet(spec.path, "t10k", spec.test)};
    if (data.train.shape.dims != data.test.shape.dims)
        refuse(spec.path, "its training and test images differ in size");
    const auto highest = std::max(*std::max_element(data.train.labels.begin(), data.train.labels.end()),
                                  *std::max_element(data.test.labels.begin(), data.test.labels.end()));
    data.train.shape.classes = data.test.shape.classes = std::max<std::int64_t>(10, highest + 1);
    return data;
}

/// " (relative to /home/ada)": nobody can tell from a relative folder alone where it was looked for.
std::string placeOf(const fs::path& folder) {
    std::error_code error;
    const fs::path here = fs::current_path(error);
    return folder.is_absolute() || error ? std::string() : " (relative to " + here.string() + ")";
}

}  // namespace

Dataset readIdx(const IdxData& spec) {
    if (spec.path.empty()) refuse("data.path", "is not set, expected a folder with IDX files");
    try {
        return readFolder(spec);
    } catch (const BadInput& bad) {
        // Whatever is wrong with the files, this setting names them.
        refuse("data.path", bad.what() + placeOf(spec.path));
    }
}

}  // namespace rondo
