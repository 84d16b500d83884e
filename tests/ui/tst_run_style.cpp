#include <QSet>
#include <QtTest>
#include <array>
#include <cmath>

#include "ui/draw/run_style.h"

using namespace rondo::ui;

namespace {

using Rgb = std::array<double, 3>;

/// What is seen with a colour blindness, in linear light: Machado, Oliveira, Fernandes 2009, severity 1.
const std::array<std::array<Rgb, 3>, 4> kEyes{
    {{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}},
     {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}},
     {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}},
     {{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}}}};

double linear(double c) {
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

Rgb labOf(const QColor& colour, const std::array<Rgb, 3>& eye) {
    const Rgb in{linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())};
    Rgb seen{};
    for (std::size_t i = 0; i < 3; ++i)
        seen[i] = std::clamp(eye[i][0] * in[0] + eye[i][1] * in[1] + eye[i][2] * in[2], 0.0, 1.0);
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
    const double x = f((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.95047),
                 y = f(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]),
                 z = f((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

}  // namespace

class tst_run_style : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void thirtyRuns_differInMoreThanTheirColour() {
        QSet<QString> looks;
        for (int a = 0; a < 30; ++a) {
            const RunStyle one = RunStyle::of(a, Theme::light());
            QVERIFY(!one.dashes.isEmpty());  // solid is the run on the screen
            for (int b = 0; b < a; ++b) {
                const RunStyle other = RunStyle::of(b, Theme::light());
                const bool sameLine = one.dashes == other.dashes;
                QVERIFY(!(sameLine && one.colour == other.colour));
                QCOMPARE(one.mark == other.mark, sameLine);
            }
        }
        // Those one meets first differ in all.
        for (int a = 0; a < 5; ++a)
            for (int b = 0; b < a; ++b)
                QVERIFY(RunStyle::of(a, Theme::light()).dashes != RunStyle::of(b, Theme::light()).dashes);
    }

    void colours_areToldApartByEveryEye_data() {
        QTest::addColumn<QString>("theme");
        QTest::addColumn<int>("eye");
        const char* eyes[] = {"usual", "protanopia", "deuteranopia", "tritanopia"};
        for (const char* theme : {"light", "dark", "projector"})
            for (int eye = 0; eye < 4; ++eye)
                QTest::addRow("%s %s", theme, eyes[eye]) << QString(theme) << eye;
    }
    void colours_areToldApartByEveryEye() {
        QFETCH(QString, theme);
        QFETCH(int, eye);
        const Theme& look = Theme::byName(theme);
        QList<QColor> colours{look.forward, look.backwardInput};
        for (int slot = 0; slot < RunStyle::kColours; ++slot) colours << RunStyle::of(slot, look).colour;
        for (int a = 0; a < colours.size(); ++a) {
            for (int b = 0; b < a; ++b) {
                const Rgb one = labOf(colours[a], kEyes[static_cast<std::size_t>(eye)]),
                          other = labOf(colours[b], kEyes[static_cast<std::size_t>(eye)]);
                const double far = std::hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
                QVERIFY2(far >= 10,
                         qPrintable(QString("%1 %2: %3").arg(colours[a].name(), colours[b].name()).arg(far)));
            }
        }
    }

    void namesInTheirColour_canBeRead_data() {
        QTest::addColumn<QString>("theme");
        for (const char* theme : {"light", "dark", "projector"}) QTest::newRow(theme) << QString(theme);
    }
    void namesInTheirColour_canBeRead() {
        QFETCH(QString, theme);
        const Theme& look = Theme::byName(theme);
        for (int slot = 0; slot < RunStyle::kColours; ++slot)
            QVERIFY(Theme::contrast(RunStyle::of(slot, look).colour, look.panel) >= 4.5);
    }

    void swatches_differInShapeToo() {
        // In black on white, as a printer shows them.
        QList<QImage> seen;
        for (int slot = 0; slot < RunStyle::kLines; ++slot) {
            RunStyle style = RunStyle::of(slot, Theme::light());
            style.colour = Qt::black;
            const QImage image = style.swatch(Theme::light(), 1).toImage();
            QVERIFY(!seen.contains(image));
            seen << image;
            QVERIFY(style.swatch(Theme::light(), 1, true).toImage() != image);
        }
    }
};

QTEST_MAIN(tst_run_style)
#include "tst_run_style.moc"
