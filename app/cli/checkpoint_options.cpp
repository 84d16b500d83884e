#include "app/cli/checkpoint_options.h"

#include "app/cli/output_file.h"
#include "app/cli/room/room.h"
#include "engine/run/savable.h"

namespace rondo::cli {

std::shared_ptr<const Checkpoint> checkpointIn(const std::string& file) {
    if (file.empty()) return nullptr;
    auto read = readCheckpoint(file);
    if (!read) throw BadInput(read.problems());
    return std::make_shared<const Checkpoint>(*std::move(read));
}

TrainingOptions trainingOptions(const RunSpec& spec, const CheckpointOptions& options) {
    TrainingOptions training;
    if (options.every > 0 && options.file.empty())
        throw BadInput(Problem{"--checkpoint-every", std::to_string(options.every) +
                                                         ", expected only with --checkpoint, the file"});
    if (!options.file.empty()) {
        if (Problems problems = savingProblems(spec); !problems.empty()) throw BadInput(std::move(problems));
        requireFolderOf("--checkpoint", options.file);
    }
    training.checkpoints = {options.file, options.every};
    training.resume = checkpointIn(options.resume);
    requireRanksHere(spec, training);
    return training;
}

}  // namespace rondo::cli
