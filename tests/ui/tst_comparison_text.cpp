#include <QLocale>
#include <QtTest>

#include "tests/support/compared_run.h"
#include "ui/store/comparison_text.h"

using namespace rondo;
using namespace rondo::ui;
using rondo::test::ComparedRun;

namespace {

/// Reads comma-separated text as RFC 4180 has it.
QList<QStringList> read(const QString& text) {
    QList<QStringList> rows;
    QStringList row;
    QString cell;
    bool quoted = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        if (quoted) {
            if (c != '"') {
                cell += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                cell += text[++i];
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            row << cell;
            cell.clear();
        } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            ++i;
            row << cell;
            cell.clear();
            rows << row;
            row.clear();
        } else {
            cell += c;
        }
    }
    return rows;
}

}  // namespace

class tst_comparison_text : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void csv_holdsARowARun() {
        KeptRuns kept;
        ComparedRun{.seed = 7}.keepIn(kept);
        ComparedRun{.name = "Lost", .lostFrom = 50, .begun = 2}.keepIn(kept);
        const auto rows = read(csvOf(kept, 0.65));
        QCOMPARE(rows.size(), 3);
        QCOMPARE(rows[0], QStringList({"name", "algorithm", "workers", "seed", "status", "steps", "seconds",
                                       "payload_bytes", "test_accuracy", "final_loss", "target_accuracy",
                                       "seconds_to_target", "steps_to_target", "payload_bytes_to_target"}));
        QCOMPARE(rows[1], QStringList({"Ring", "4 workers in a ring, a chunk each", "4", "7", "finished",
                                       "100", "10", "100000", "1", "0.02", "0.65", "7", "70", "70000"}));
        QCOMPARE(rows[2][9], QString("nan"));
    }

    void oddNames_comeBackAsTheyWere_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"a, b", "say \"ring\"", "\"", ",", "Größe ≥ 3 · β"})
            QTest::newRow(name) << QString(name);
    }
    void oddNames_comeBackAsTheyWere() {
        QFETCH(QString, name);
        KeptRuns kept;
        ComparedRun{.name = name.toStdString()}.keepIn(kept);
        const QString text = csvOf(kept, 0.9);
        QCOMPARE(read(text)[1][0], name);
        QVERIFY(text.endsWith("\r\n"));
        QCOMPARE(text.count("\r\n"), 2);
    }

    void numbers_areTheSameInEveryLanguage() {
        KeptRuns kept;
        ComparedRun{.steps = 1234, .height = 0.5}.keepIn(kept);
        const QString text = csvOf(kept, 0.9);
        QLocale::setDefault(QLocale(QLocale::German));
        QCOMPARE(csvOf(kept, 0.9), text);
        QCOMPARE(read(text)[1][5], QString("1234"));
        QVERIFY(read(text)[1][9].startsWith("0.000405"));
    }

    void unreachedTarget_leavesItsCellsEmpty() {
        KeptRuns kept;
        ComparedRun{}.keepIn(kept);
        const auto row = read(csvOf(kept, 1.5))[1];
        QCOMPARE(row.mid(11), QStringList({"", "", ""}));
    }

    void nothingKept_isTheHeaderAlone() {
        KeptRuns kept;
        QCOMPARE(read(csvOf(kept, 0.9)).size(), 1);
    }

    void clipboard_hasTabsBetweenCells() {
        KeptRuns kept;
        ComparedRun{.name = "a\tb"}.keepIn(kept);
        const QStringList lines = tabbedOf(kept, 0.9).split('\n');
        QCOMPARE(lines.size(), 3);  // the last is empty
        QCOMPARE(lines[1].split('\t').size(), lines[0].split('\t').size());
        QCOMPARE(lines[1].split('\t')[0], QString("a b"));
    }
};

QTEST_GUILESS_MAIN(tst_comparison_text)
#include "tst_comparison_text.moc"
