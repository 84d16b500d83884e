#include <QtTest>

#include "ui/draw/phase_mark.h"
#include "ui/draw/phase_words.h"
#include "ui/draw/theme.h"

using namespace rondo;
using namespace rondo::ui;

class tst_theme : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void texts_areReadable_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"light", "dark", "projector"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void texts_areReadable() {
        QFETCH(QString, name);
        const Theme& theme = Theme::byName(name);
        QCOMPARE(theme.name, name);
        for (const QColor& ground : {theme.window, theme.panel, theme.raised}) {
            QVERIFY(Theme::contrast(theme.text, ground) >= 7);
            QVERIFY(Theme::contrast(theme.mutedText, ground) >= 4.5);
        }
        QVERIFY(Theme::contrast(theme.accentText, theme.accent) >= 4.5);
        QVERIFY(Theme::contrast(theme.fault, theme.panel) >= 3);
        for (int phase = 0; phase < kPhases; ++phase) {
            const QColor colour = theme.colourOf(static_cast<Phase>(phase));
            QVERIFY2(Theme::contrast(Theme::inkOn(colour), colour) >= 4.5,
                     qPrintable(phaseName(static_cast<Phase>(phase))));
        }
    }

    void phases_differByMarkAndNameNotOnlyByColour() {
        // Drawn in one colour, the marks of a step's phases must still differ.
        Theme grey = Theme::light();
        grey.forward = grey.backwardInput = grey.backwardWeight = grey.update = grey.communication =
            grey.load = grey.evaluate = grey.recompute = grey.wait = Qt::gray;
        QList<QImage> marks;
        QSet<QString> names;
        for (const Phase phase :
             {Phase::Load, Phase::Forward, Phase::BackwardInput, Phase::BackwardWeight, Phase::Synchronise,
              Phase::Update, Phase::Recompute, Phase::Evaluate, Phase::Wait}) {
            QImage image(16, 16, QImage::Format_RGB32);
            image.fill(Qt::white);
            QPainter painter(&image);
            paintPhaseMark(painter, QRectF(1, 1, 14, 14), phase, grey);
            painter.end();
            QVERIFY2(!marks.contains(image), qPrintable(phaseName(phase)));
            marks << image;
            names.insert(phaseName(phase));
        }
        QCOMPARE(names.size(), marks.size());
    }

    void styleSheet_namesNoUnknownColour() {
        for (const Theme* theme : {&Theme::light(), &Theme::dark(), &Theme::projector()}) {
            const QString sheet = styleSheetOf(*theme);
            QVERIFY(!sheet.contains(QLatin1Char('@')));
            QVERIFY(!sheet.contains(QLatin1Char('$')));
            QVERIFY(sheet.contains(theme->accent.name()));
        }
    }

    void unknownName_isLight() {
        QCOMPARE(Theme::byName(QStringLiteral("neon")).name, QStringLiteral("light"));
    }
};

QTEST_MAIN(tst_theme)
#include "tst_theme.moc"
