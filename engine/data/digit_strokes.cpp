#include "engine/data/digit_strokes.h"

#include <array>

namespace rondo {

namespace {

// Drawn by hand on squared paper, so to speak: every number is a place the pen passes through. Names: digit,
// way of writing it (a, b, c), stroke.

constexpr PenPoint zeroA1[] = {{0.05f, -0.5f}, {-0.2f, -0.38f}, {-0.31f, -0.03f}, {-0.24f, 0.35f},
                               {0.0f, 0.5f},   {0.24f, 0.35f},  {0.31f, -0.02f},  {0.22f, -0.37f},
                               {0.03f, -0.5f}, {-0.06f, -0.47f}};
constexpr PenStroke zeroA[] = {zeroA1};
constexpr PenPoint zeroB1[] = {{0.16f, -0.44f}, {-0.04f, -0.5f}, {-0.22f, -0.3f}, {-0.26f, 0.1f},
                               {-0.12f, 0.44f}, {0.08f, 0.48f},  {0.24f, 0.22f},  {0.24f, -0.18f},
                               {0.1f, -0.45f},  {-0.08f, -0.4f}};
constexpr PenStroke zeroB[] = {zeroB1};
constexpr Glyph zero[] = {Glyph(zeroA), Glyph(zeroB)};

constexpr PenPoint oneA1[] = {{0.03f, -0.5f}, {0.0f, 0.0f}, {-0.02f, 0.5f}};
constexpr PenStroke oneA[] = {oneA1};
constexpr PenPoint oneB1[] = {{-0.2f, -0.27f}, {-0.06f, -0.38f}, {0.05f, -0.5f}};
constexpr PenPoint oneB2[] = {{0.05f, -0.5f}, {0.02f, 0.0f}, {0.02f, 0.5f}};
constexpr PenStroke oneB[] = {oneB1, oneB2};
constexpr PenPoint oneC1[] = {{-0.18f, -0.3f}, {-0.05f, -0.4f}, {0.04f, -0.5f}};
constexpr PenPoint oneC2[] = {{0.04f, -0.5f}, {0.02f, 0.0f}, {0.02f, 0.48f}};
constexpr PenPoint oneC3[] = {{-0.2f, 0.49f}, {0.02f, 0.48f}, {0.24f, 0.48f}};
constexpr PenStroke oneC[] = {oneC1, oneC2, oneC3};
constexpr Glyph one[] = {Glyph(oneA), Glyph(oneB), Glyph(oneC)};

constexpr PenPoint twoA1[] = {{-0.28f, -0.28f}, {-0.12f, -0.47f}, {0.13f, -0.46f}, {0.26f, -0.24f},
                              {0.12f, 0.06f},   {-0.12f, 0.3f},   {-0.32f, 0.48f}};
constexpr PenPoint twoA2[] = {{-0.32f, 0.48f}, {0.0f, 0.45f}, {0.34f, 0.46f}};
constexpr PenStroke twoA[] = {twoA1, twoA2};
constexpr PenPoint twoB1[] = {{-0.27f, -0.3f}, {-0.08f, -0.48f}, {0.16f, -0.43f}, {0.24f, -0.18f},
                              {0.08f, 0.14f},  {-0.16f, 0.42f},  {-0.31f, 0.44f}, {-0.27f, 0.28f},
                              {-0.04f, 0.36f}, {0.14f, 0.48f},   {0.36f, 0.4f}};
constexpr PenStroke twoB[] = {twoB1};
constexpr PenPoint twoC1[] = {{-0.2f, -0.4f},  {0.04f, -0.5f}, {0.22f, -0.32f},
                              {0.14f, -0.02f}, {-0.1f, 0.26f}, {-0.26f, 0.46f}};
constexpr PenPoint twoC2[] = {{-0.26f, 0.46f}, {0.04f, 0.43f}, {0.24f, 0.52f}};
constexpr PenStroke twoC[] = {twoC1, twoC2};
constexpr Glyph two[] = {Glyph(twoA), Glyph(twoB), Glyph(twoC)};

constexpr PenPoint threeA1[] = {
    {-0.25f, -0.38f}, {-0.03f, -0.5f}, {0.2f, -0.38f}, {0.17f, -0.14f}, {-0.06f, -0.03f}};
constexpr PenPoint threeA2[] = {{-0.06f, -0.03f}, {0.2f, 0.05f},   {0.27f, 0.27f},
                                {0.1f, 0.47f},    {-0.12f, 0.49f}, {-0.29f, 0.37f}};
constexpr PenStroke threeA[] = {threeA1, threeA2};
constexpr PenPoint threeB1[] = {{-0.25f, -0.47f}, {0.0f, -0.48f}, {0.25f, -0.48f}};
constexpr PenPoint threeB2[] = {{0.25f, -0.48f}, {0.1f, -0.28f}, {-0.05f, -0.09f}};
constexpr PenPoint threeB3[] = {{-0.05f, -0.09f}, {0.2f, -0.01f},  {0.28f, 0.24f},
                                {0.1f, 0.47f},    {-0.12f, 0.49f}, {-0.29f, 0.37f}};
constexpr PenStroke threeB[] = {threeB1, threeB2, threeB3};
constexpr PenPoint threeC1[] = {{-0.2f, -0.43f}, {0.04f, -0.5f},  {0.2f, -0.34f},
                                {0.08f, -0.1f},  {-0.1f, -0.02f}, {0.12f, 0.04f},
                                {0.24f, 0.24f},  {0.1f, 0.46f},   {-0.24f, 0.46f}};
constexpr PenStroke threeC[] = {threeC1};
constexpr Glyph three[] = {Glyph(threeA), Glyph(threeB), Glyph(threeC)};

constexpr PenPoint fourA1[] = {{-0.16f, -0.46f}, {-0.24f, -0.2f}, {-0.3f, 0.08f}};
constexpr PenPoint fourA2[] = {{-0.3f, 0.08f}, {0.0f, 0.08f}, {0.32f, 0.05f}};
constexpr PenPoint fourA3[] = {{0.16f, -0.42f}, {0.12f, 0.0f}, {0.1f, 0.5f}};
constexpr PenStroke fourA[] = {fourA1, fourA2, fourA3};
constexpr PenPoint fourB1[] = {{0.13f, -0.5f}, {-0.1f, -0.18f}, {-0.33f, 0.16f}};
constexpr PenPoint fourB2[] = {{-0.33f, 0.16f}, {0.0f, 0.15f}, {0.34f, 0.14f}};
constexpr PenPoint fourB3[] = {{0.13f, -0.5f}, {0.13f, 0.0f}, {0.13f, 0.5f}};
constexpr PenStroke fourB[] = {fourB1, fourB2, fourB3};
constexpr PenPoint fourC1[] = {
    {-0.2f, -0.45f}, {-0.28f, -0.12f}, {-0.18f, 0.06f}, {0.04f, 0.04f}, {0.22f, -0.12f}};
constexpr PenPoint fourC2[] = {{0.24f, -0.48f}, {0.2f, 0.0f}, {0.14f, 0.5f}};
constexpr PenStroke fourC[] = {fourC1, fourC2};
constexpr Glyph four[] = {Glyph(fourA), Glyph(fourB), Glyph(fourC)};

constexpr PenPoint fiveA1[] = {{0.27f, -0.48f}, {0.04f, -0.47f}, {-0.18f, -0.47f}};
constexpr PenPoint fiveA2[] = {{-0.18f, -0.47f}, {-0.21f, -0.26f}, {-0.25f, -0.06f}};
constexpr PenPoint fiveA3[] = {{-0.25f, -0.06f}, {0.0f, -0.14f}, {0.23f, 0.02f},
                               {0.26f, 0.27f},   {0.06f, 0.48f}, {-0.29f, 0.42f}};
constexpr PenStroke fiveA[] = {fiveA1, fiveA2, fiveA3};
constexpr PenPoint fiveB1[] = {{0.29f, -0.44f},  {0.02f, -0.48f}, {-0.19f, -0.36f},
                               {-0.17f, -0.13f}, {0.08f, -0.02f}, {0.23f, 0.17f},
                               {0.14f, 0.41f},   {-0.09f, 0.5f},  {-0.28f, 0.4f}};
constexpr PenStroke fiveB[] = {fiveB1};
constexpr PenPoint fiveC1[] = {{-0.16f, -0.44f}, {-0.2f, -0.24f}, {-0.22f, -0.04f}};
constexpr PenPoint fiveC2[] = {{-0.22f, -0.04f}, {0.02f, -0.1f}, {0.22f, 0.06f},
                               {0.2f, 0.34f},    {-0.02f, 0.5f}, {-0.26f, 0.42f}};
constexpr PenPoint fiveC3[] = {{-0.17f, -0.45f}, {0.06f, -0.46f}, {0.3f, -0.5f}};
constexpr PenStroke fiveC[] = {fiveC1, fiveC2, fiveC3};
constexpr Glyph five[] = {Glyph(fiveA), Glyph(fiveB), Glyph(fiveC)};

constexpr PenPoint sixA1[] = {{0.19f, -0.48f}, {-0.08f, -0.32f}, {-0.25f, 0.0f}, {-0.26f, 0.3f},
                              {-0.08f, 0.49f}, {0.16f, 0.44f},   {0.26f, 0.24f}, {0.13f, 0.06f},
                              {-0.09f, 0.09f}, {-0.24f, 0.27f}};
constexpr PenStroke sixA[] = {sixA1};
constexpr PenPoint sixB1[] = {{0.02f, -0.5f},  {-0.14f, -0.22f}, {-0.24f, 0.14f},
                              {-0.18f, 0.41f}, {0.04f, 0.5f},    {0.21f, 0.36f},
                              {0.17f, 0.15f},  {-0.02f, 0.12f},  {-0.2f, 0.32f}};
constexpr PenStroke sixB[] = {sixB1};
constexpr Glyph six[] = {Glyph(sixA), Glyph(sixB)};

constexpr PenPoint sevenA1[] = {{-0.28f, -0.44f}, {0.0f, -0.45f}, {0.28f, -0.46f}};
constexpr PenPoint sevenA2[] = {{0.28f, -0.46f}, {0.11f, -0.12f}, {-0.01f, 0.18f}, {-0.08f, 0.5f}};
constexpr PenStroke sevenA[] = {sevenA1, sevenA2};
constexpr PenPoint sevenB1[] = {{-0.28f, -0.44f}, {0.0f, -0.45f}, {0.28f, -0.46f}};
constexpr PenPoint sevenB2[] = {{0.28f, -0.46f}, {0.12f, -0.12f}, {0.0f, 0.18f}, {-0.08f, 0.5f}};
constexpr PenPoint sevenB3[] = {{-0.16f, 0.03f}, {0.03f, 0.0f}, {0.22f, -0.02f}};
constexpr PenStroke sevenB[] = {sevenB1, sevenB2, sevenB3};
constexpr PenPoint sevenC1[] = {{-0.29f, -0.26f}, {-0.27f, -0.36f}, {-0.24f, -0.46f}};
constexpr PenPoint sevenC2[] = {{-0.24f, -0.46f}, {-0.02f, -0.42f}, {0.27f, -0.46f}};
constexpr PenPoint sevenC3[] = {{0.27f, -0.46f}, {0.14f, -0.14f}, {0.06f, 0.16f}, {0.04f, 0.5f}};
constexpr PenStroke sevenC[] = {sevenC1, sevenC2, sevenC3};
constexpr Glyph seven[] = {Glyph(sevenA), Glyph(sevenB), Glyph(sevenC)};

constexpr PenPoint eightA1[] = {{0.21f, -0.36f}, {-0.01f, -0.5f}, {-0.22f, -0.35f}, {-0.11f, -0.12f},
                                {0.13f, 0.06f},  {0.26f, 0.28f},  {0.06f, 0.5f},    {-0.2f, 0.41f},
                                {-0.21f, 0.18f}, {0.0f, -0.03f},  {0.2f, -0.2f},    {0.21f, -0.4f},
                                {0.08f, -0.49f}};
constexpr PenStroke eightA[] = {eightA1};
constexpr PenPoint eightB1[] = {{0.02f, -0.5f},  {-0.19f, -0.36f}, {-0.15f, -0.12f}, {0.03f, -0.03f},
                                {0.19f, -0.16f}, {0.18f, -0.4f},   {0.0f, -0.5f}};
constexpr PenPoint eightB2[] = {{0.02f, -0.03f}, {-0.22f, 0.12f}, {-0.22f, 0.38f}, {0.02f, 0.5f},
                                {0.24f, 0.36f},  {0.22f, 0.12f},  {0.0f, -0.03f}};
constexpr PenStroke eightB[] = {eightB1, eightB2};
constexpr Glyph eight[] = {Glyph(eightA), Glyph(eightB)};

constexpr PenPoint nineA1[] = {{0.21f, -0.34f}, {0.02f, -0.5f},  {-0.22f, -0.36f}, {-0.24f, -0.11f},
                               {-0.03f, 0.0f},  {0.17f, -0.14f}, {0.24f, -0.4f}};
constexpr PenPoint nineA2[] = {{0.24f, -0.42f}, {0.2f, 0.04f}, {0.14f, 0.5f}};
constexpr PenStroke nineA[] = {nineA1, nineA2};
constexpr PenPoint nineB1[] = {{0.22f, -0.36f}, {0.02f, -0.5f}, {-0.22f, -0.34f}, {-0.22f, -0.1f},
                               {0.0f, -0.02f},  {0.2f, -0.18f}, {0.24f, -0.4f}};
constexpr PenPoint nineB2[] = {{0.24f, -0.4f}, {0.25f, 0.06f}, {0.1f, 0.4f}, {-0.2f, 0.46f}};
constexpr PenStroke nineB[] = {nineB1, nineB2};
constexpr PenPoint nineC1[] = {{0.18f, -0.44f}, {-0.08f, -0.47f}, {-0.2f, -0.28f}, {-0.06f, -0.1f},
                               {0.14f, -0.2f},  {0.2f, -0.42f},   {0.14f, 0.0f},   {0.02f, 0.5f}};
constexpr PenStroke nineC[] = {nineC1};
constexpr Glyph nine[] = {Glyph(nineA), Glyph(nineB), Glyph(nineC)};

constexpr std::array<std::span<const Glyph>, 10> kDigits = {zero, one, two,   three, four,
                                                            five, six, seven, eight, nine};

}  // namespace

std::span<const Glyph> glyphsOf(int digit) {
    return kDigits[static_cast<std::size_t>(digit)];
}

}  // namespace rondo
