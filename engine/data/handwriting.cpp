#include "engine/data/handwriting.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/data/portable_math.h"

namespace rondo {

namespace {

float bellF(Random& random) {
    return static_cast<float>(bell(random));
}
float between(Random& random, double low, double high) {
    return static_cast<float>(random.uniform(low, high));
}

constexpr std::size_t kMostStrokePoints = 16;

/// Where on the image a point of the paper comes to lie on this occasion: slant, turn, size and place, and
/// the paper's and hand's slow waves (the elastic distortion).
class Placement {
  public:
    Placement(const Writer& writer, Random& random) {
        const float slant = writer.slant + 0.07f * bellF(random);
        const float angle = 0.095f * bellF(random);
        const float size = writer.height * (1 + 0.06f * bellF(random));
        const float wide = size * writer.width * (1 + 0.08f * bellF(random));
        const float c = 1 - angle * angle / 2, s = angle;
        xx_ = c * wide, xy_ = -slant * c * size - s * size;
        yx_ = s * wide, yy_ = c * size - s * slant * size;
        centreX_ = kDigitSide / 2.0f + 1.25f * bellF(random);
        centreY_ = kDigitSide / 2.0f + 1.05f * bellF(random);
        for (Wave& w : waves_) {
            w.alongX = between(random, -1.1, 1.1), w.alongY = between(random, -1.1, 1.1);
            w.phase = between(random, 0, 1);
            w.toX = 0.55f * bellF(random), w.toY = 0.55f * bellF(random);
        }
    }

    PenPoint operator()(PenPoint p) const {
        PenPoint out{centreX_ + xx_ * p.x + xy_ * p.y, centreY_ + yx_ * p.x + yy_ * p.y};
        for (const Wave& w : waves_) {
            const float height = wave(w.alongX * p.x + w.alongY * p.y + w.phase);
            out.x += w.toX * height, out.y += w.toY * height;
        }
        return out;
    }

  private:
    struct Wave {
        float alongX, alongY, phase, toX, toY;
    };
    float xx_, xy_, yx_, yy_, centreX_, centreY_;
    std::array<Wave, 3> waves_;
};

/// Ink on paper, as the distance of each pixel's centre from the edge of the nearest stroke (negative:
/// inside).
class Paper {
  public:
    Paper() { edge_.fill(kFar); }

    /// A straight piece of a stroke whose width changes from `fromRadius` to `toRadius`.
    void line(PenPoint from, PenPoint to, float fromRadius, float toRadius) {
        const float reach = std::max(fromRadius, toRadius) + kFar;
        const float dx = to.x - from.x, dy = to.y - from.y;
        const float perLength = 1 / std::max(dx * dx + dy * dy, 1e-6f);
        const int left = pixelAt(std::min(from.x, to.x) - reach),
                  right = pixelAt(std::max(from.x, to.x) + reach);
        const int top = pixelAt(std::min(from.y, to.y) - reach),
                  bottom = pixelAt(std::max(from.y, to.y) + reach);
        for (int y = top; y <= bottom; ++y) {
            const float py = static_cast<float>(y) + 0.5f - from.y;
            for (int x = left; x <= right; ++x) {
                const float px = static_cast<float>(x) + 0.5f - from.x;
                const float t = std::clamp((px * dx + py * dy) * perLength, 0.0f, 1.0f);
                const float ox = px - t * dx, oy = py - t * dy;
                const float edge = std::sqrt(ox * ox + oy * oy) - (fromRadius + t * (toRadius - fromRadius));
                float& nearest = edge_[static_cast<std::size_t>(y * kDigitSide + x)];
                nearest = std::min(nearest, edge);
            }
        }
    }

    /// Bytes of the picture: edges fade over `kFar` pixels on either side, the scanner adds a little noise.
    void develop(float ink, float noise, Random& random, std::span<std::uint8_t> pixels) const {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < kDigitPixels; ++i) {
            if (i % 8 == 0) bits = random.bits();
            const float grain = static_cast<float>(static_cast<int>(bits & 0xff) - 128) * noise;
            bits >>= 8;
            const float cover = std::clamp((kFar - edge_[i]) / (2 * kFar), 0.0f, 1.0f);
            // Paper stays nearly white: most noise is where the ink is.
            const float value = 255 * cover * ink + grain * (0.15f + cover);
            pixels[i] = static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f));
        }
    }

  private:
    static constexpr float kFar = 0.75f;
    static int pixelAt(float v) { return std::clamp(static_cast<int>(std::floor(v)), 0, kDigitSide - 1); }
    std::array<float, kDigitPixels> edge_;
};

/// A point of the smooth curve through b and c (Catmull–Rom: Catmull and Rom 1974), t from 0 at b to 1 at c.
PenPoint onCurve(PenPoint a, PenPoint b, PenPoint c, PenPoint d, float t) {
    const auto along = [t](float p, float q, float r, float s) {
        return q + 0.5f * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
    };
    return {along(a.x, b.x, c.x, d.x), along(a.y, b.y, c.y, d.y)};
}

}  // namespace

Writer makeWriter(std::uint64_t seed) {
    Random random(seed);
    Writer writer;
    writer.slant = std::clamp(0.12f + 0.2f * bellF(random), -0.3f, 0.6f);
    writer.width = between(random, 0.75, 1.2);
    writer.height = between(random, 17, 21.5);
    writer.penRadius = between(random, 0.75, 1.75);
    writer.unsteadiness = between(random, 0.012, 0.035);
    writer.ink = between(random, 0.8, 1.1);
    for (int digit = 0; digit < 10; ++digit) {
        writer.favourite[static_cast<std::size_t>(digit)] =
            static_cast<std::uint8_t>(random.below(glyphsOf(digit).size()));
    }
    writer.habit = random.bits();
    return writer;
}

void writeDigit(int digit, const Writer& writer, Random random, std::span<std::uint8_t> pixels) {
    const std::span<const Glyph> ways = glyphsOf(digit);
    const std::size_t way = random.uniform() < 0.85 ? writer.favourite[static_cast<std::size_t>(digit)]
                                                    : random.below(ways.size());
    Random habit(seedFor(writer.habit, "strokes", static_cast<std::uint64_t>(digit) * 8 + way));
    const Placement place(writer, random);
    const float radius = std::max(0.6f, writer.penRadius * (1 + 0.1f * bellF(random)));
    const float pressurePhase = between(random, 0, 1);

    Paper paper;
    for (const PenStroke stroke : ways[way]) {
        std::array<PenPoint, kMostStrokePoints> points;
        const std::size_t count = std::min(stroke.size(), points.size());
        for (std::size_t i = 0; i < count; ++i) {
            const float hand = writer.unsteadiness;
            points[i] = {stroke[i].x + 0.03f * bellF(habit) + hand * bellF(random),
                         stroke[i].y + 0.025f * bellF(habit) + hand * bellF(random)};
        }
        // Pens start a little late or run on a little far.
        const float early = between(random, -0.15, 0.25), late = between(random, -0.25, 0.2);
        points[0] = onCurve(points[0], points[0], points[1], points[1], std::max(early, 0.0f));
        points[count - 1].x += late * (points[count - 1].x - points[count - 2].x) * 0.6f;
        points[count - 1].y += late * (points[count - 1].y - points[count - 2].y) * 0.6f;

        constexpr int kPieces = 5;
        PenPoint from = place(points[0]);
        float fromRadius = radius;
        for (std::size_t i = 0; i + 1 < count; ++i) {
            const PenPoint before = points[i == 0 ? 0 : i - 1], after = points[std::min(i + 2, count - 1)];
            for (int piece = 1; piece <= kPieces; ++piece) {
                const float t = static_cast<float>(piece) / kPieces;
                const PenPoint to = place(onCurve(before, points[i], points[i + 1], after, t));
                const float pressure = wave((static_cast<float>(i) + t) * 0.21f + pressurePhase);
                const float toRadius = radius * (1 + 0.13f * pressure);
                paper.line(from, to, fromRadius, toRadius);
                from = to, fromRadius = toRadius;
            }
        }
    }
    paper.develop(writer.ink * (1 + 0.05f * bellF(random)), 0.1f, random, pixels);
}

}  // namespace rondo
