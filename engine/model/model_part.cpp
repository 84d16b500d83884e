#include "engine/model/model_part.h"

#include <algorithm>

#include "engine/core/result.h"

namespace rondo {

namespace {

using Slice = ModelPart::Slice;

/// One layer, shared.
struct Shared {
    LayerPlan layer;
    std::vector<Slice> slices;
};

/// Cuts a whole model for one of several ranks, operation by operation. What flows from part to part is
/// whole, so both of a pair are in one part: [firstLayer, endLayer), or before, or behind.
class Sharer {
  public:
    Sharer(const ModelPlan& whole, int firstLayer, int endLayer, int ranks, int rank)
        : ranks_(ranks), rank_(rank) {
        std::vector<const OpPlan*> ops;
        std::vector<std::size_t> ends;  // behind each layer
        for (const LayerPlan& layer : whole.layers) {
            for (const OpPlan& op : layer.ops) ops.push_back(&op);
            ends.push_back(ops.size());
        }
        std::size_t next = 0;
        bool secondOfPair = false;  // is still to come
        bool couldShare = false;    // were the model not cut
        for (int i = 0; i < static_cast<int>(whole.layers.size()); ++i) {
            const LayerPlan& layer = whole.layers[static_cast<std::size_t>(i)];
            const int partEnd = i < firstLayer ? firstLayer
                                : i < endLayer ? endLayer
                                               : static_cast<int>(whole.layers.size());
            Shared& shared = layers_.emplace_back();
            shared.layer.name = layer.name;
            shared.layer.outputShape = layer.outputShape;
            for (const OpPlan& op : layer.ops) {
                const auto all = std::span(ops).subspan(++next);
                const auto behind = all.first(ends[static_cast<std::size_t>(partEnd - 1)] - next);
                couldShare |= isPair(op, all);
                if (secondOfPair && isBetween(op)) {
                    addBetween(shared, op);
                } else if (secondOfPair) {
                    addRows(shared, op);
                    secondOfPair = false;
                } else if (ranks_ > 1 && isPair(op, behind)) {
                    addColumns(shared, op, behind.front()->heads);
                    secondOfPair = true;
                } else {
                    addWhole(shared, op);
                }
            }
        }
        if (ranks_ > 1 && !couldShare)
            throw BadInput(Problem{"model.kind", "has nothing that " + std::to_string(ranks_) +
                                                     " tensor ranks could share, expected mlp with hidden "
                                                     "layers or transformer"});
    }
    const std::vector<Shared>& layers() const { return layers_; }

  private:
    /// Works on each value, or each head, by itself.
    static bool isByItself(const OpPlan& op) {
        return !op.opensBranch && std::ranges::all_of(op.before, [](Fixed fixed) {
            return fixed == Fixed::Relu || fixed == Fixed::Gelu || fixed == Fixed::Attention;
        });
    }
    static bool isBetween(const OpPlan& op) {
        return std::holds_alternative<PassPlan>(op.kind) && !op.closesBranch && isByItself(op);
    }
    static bool isPair(const OpPlan& first, std::span<const OpPlan* const> behind) {
        if (!std::holds_alternative<LinearPlan>(first.kind) || first.opensBranch || first.closesBranch)
            return false;
        const auto second = std::ranges::find_if(behind, [](const OpPlan* op) { return !isBetween(*op); });
        return second != behind.end() && std::holds_alternative<LinearPlan>((*second)->kind) &&
               isByItself(**second);
    }

    void addWhole(Shared& shared, const OpPlan& op) {
        if (ranks_ > 1 && std::holds_alternative<ConvPlan>(op.kind))
            throw BadInput(Problem{"model.kind", "the convolution " + shared.layer.name +
                                                     " can't be shared by tensor ranks, expected mlp or "
                                                     "transformer"});
        for (const TensorPlan& tensor : op.tensors) addWhole(shared, tensor);
        shared.layer.ops.push_back(op);
    }
    void addWhole(Shared& shared, const TensorPlan& tensor) {
        slice(shared, tensor, 1, 1, tensor.elements());
        offset_ += tensor.elements();
    }
    /// This rank's part of each of `blocks` stretches of a tensor, where stretches are cut for `among` ranks.
    void slice(Shared& shared, const TensorPlan& tensor, std::int64_t blocks, std::int64_t among,
               std::int64_t stride) {
        const std::int64_t piece = tensor.elements() / blocks / among;
        shared.slices.push_back({offset_ + (among > 1 ? rank_ * piece : 0), blocks, stride, piece});
    }

    /// The first of a pair keeps some of its outputs: rows of [out, in]; with attention behind it, of the
    /// queries, the keys and the values as many.
    void addColumns(Shared& shared, const OpPlan& op, std::int64_t heads) {
        const std::int64_t out = std::get<LinearPlan>(op.kind).out;
        const auto require = [&](std::int64_t number, const char* where, const std::string& what) {
            if (number % ranks_ != 0)
                throw BadInput(Problem{where, std::to_string(number) + what +
                                                  ", expected a multiple of the " + std::to_string(ranks_) +
                                                  " tensor ranks"});
        };
        if (heads > 0) require(heads, "model.heads", "");
        require(out, "model.hidden", " outputs of " + shared.layer.name);
        OpPlan slim = op;
        std::get<LinearPlan>(slim.kind).out = out / ranks_;
        for (TensorPlan& tensor : slim.tensors) {
            const std::int64_t blocks = heads > 0 ? 3 : 1;
            slice(shared, tensor, blocks, ranks_, tensor.elements() / blocks);
            offset_ += tensor.elements();
            tensor.shape.front() /= ranks_;
        }
        slim.sumsBackward = true;
        slim.keptElements -= slim.outputElements - slim.outputElements / ranks_;
        slim.outputElements /= ranks_;
        addShare(shared, std::move(slim));
    }

    void addBetween(Shared& shared, const OpPlan& op) {
        OpPlan slim = op;
        slim.heads /= ranks_;
        slim.outputElements /= ranks_;
        slim.keptElements /= ranks_;
        addShare(shared, std::move(slim));
    }

    /// The second keeps some of its inputs, in every row of [out, in].
    void addRows(Shared& shared, const OpPlan& op) {
        const LinearPlan whole = std::get<LinearPlan>(op.kind);
        OpPlan slim = op;
        slim.kind = LinearPlan{whole.in / ranks_, whole.out, false};
        slice(shared, op.tensors[0], whole.out, ranks_, whole.in);
        offset_ += op.tensors[0].elements();
        slim.tensors = {op.tensors[0]};
        slim.tensors[0].shape.back() /= ranks_;
        slim.sumsForward = true;
        slim.closesBranch = false;
        slim.keptElements = (op.keptElements - op.outputElements) / ranks_ + op.outputElements;
        addShare(shared, std::move(slim));

        OpPlan rest;
        rest.kind = BiasPlan{whole.out};
        rest.tensors = {op.tensors[1]};
        rest.closesBranch = op.closesBranch;
        rest.outputElements = rest.keptElements = op.outputElements;
        rest.forwardFlops = rest.backwardWeightFlops = static_cast<double>(op.outputElements);
        addWhole(shared, rest);
    }

    void addShare(Shared& shared, OpPlan op) {
        op.forwardFlops /= ranks_;
        op.backwardInputFlops /= ranks_;
        op.backwardWeightFlops /= ranks_;
        shared.layer.ops.push_back(std::move(op));
    }

    const std::int64_t ranks_, rank_;
    std::int64_t offset_ = 0;  // in the whole model's parameters
    std::vector<Shared> layers_;
};

}  // namespace

ModelPart partOf(const ModelPlan& whole, int firstLayer, int endLayer, int tensorRanks, int tensorRank) {
    const Sharer sharer(whole, firstLayer, endLayer, tensorRanks, tensorRank);
    ModelPart part;
    part.plan.input = whole.input;
    part.plan.loss = whole.loss;
    part.firstLayer = firstLayer;
    part.endLayer = endLayer;
    part.layersOfModel = static_cast<int>(whole.layers.size());
    part.tensorRanks = tensorRanks;
    part.tensorRank = tensorRank;
    for (int i = firstLayer; i < endLayer; ++i) {
        const Shared& shared = sharer.layers()[static_cast<std::size_t>(i)];
        part.plan.layers.push_back(shared.layer);
        part.slices.insert(part.slices.end(), shared.slices.begin(), shared.slices.end());
    }
    return part;
}

void ModelPart::take(std::span<const float> whole, std::span<float> part) const {
    float* to = part.data();
    for (const Slice& slice : slices)
        for (std::int64_t block = 0; block < slice.blocks; ++block)
            to = std::copy_n(whole.data() + slice.begin + block * slice.stride, slice.piece, to);
}

void ModelPart::put(std::span<const float> part, std::span<float> whole) const {
    const float* from = part.data();
    for (const Slice& slice : slices)
        for (std::int64_t block = 0; block < slice.blocks; ++block, from += slice.piece)
            std::copy_n(from, slice.piece, whole.data() + slice.begin + block * slice.stride);
}

}  // namespace rondo
