#include <zlib.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "engine/data/dataset.h"

using namespace rondo;

namespace {
std::string idx(std::initializer_list<std::uint32_t> dims, const std::string& body, char type = 8) {
    std::string bytes{'\0', '\0', type, static_cast<char>(dims.size())};
    for (const std::uint32_t dim : dims) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(dim >> shift);
    }
    return bytes + body;
}
std::string images(std::uint32_t n) {
    return idx({n, 2, 3}, std::string(n * 6, '\x33'));
}
std::string labels(std::uint32_t n) {
    std::string body;
    for (std::uint32_t i = 0; i < n; ++i) body += static_cast<char>(i % 10);
    return idx({n}, body);
}
}  // namespace

class TestIdx : public QObject {
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> folder_;

    std::string root() const { return folder_->path().toStdString(); }
    std::string put(const char* name, const std::string& bytes) {
        QFile file(folder_->filePath(name));
        if (!file.open(QIODevice::WriteOnly)) qFatal("no temporary file");
        file.write(bytes.data(), qint64(bytes.size()));
        return file.fileName().toStdString();
    }
    std::string putPacked(const char* name, const std::string& bytes) {
        const std::string file = folder_->filePath(name).toStdString();
        gzFile out = gzopen(file.c_str(), "wb9");
        gzwrite(out, bytes.data(), unsigned(bytes.size()));
        gzclose(out);
        return file;
    }
    void putGoodFolder() {
        put("train-images-idx3-ubyte", images(20));
        put("train-labels-idx1-ubyte", labels(20));
        putPacked("t10k-images.idx3-ubyte.gz", images(5));
        putPacked("t10k-labels.idx1-ubyte.gz", labels(5));
    }
    template <class Read>
    void refuses(Read read, const std::string& where, const std::string& says) {
        try {
            read();
        } catch (const BadInput& problem) {
            QVERIFY2(problem.problems().at(0).where == where, problem.what());
            QVERIFY2(problem.problems().at(0).what.find(says) != std::string::npos, problem.what());
            return;
        }
        QFAIL(("accepted, expected: " + says).c_str());
    }

  private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void folder_isReadPlainAndPacked() {
        putGoodFolder();
        const Dataset data = loadDataset(IdxData{root(), 0, 0}, 1);
        QCOMPARE(data.train.size(), 20);
        QCOMPARE(data.test.size(), 5);
        QVERIFY((data.train.shape.dims == std::vector<std::int64_t>{1, 2, 3}));
        QCOMPARE(data.train.shape.classes, 10);
        QCOMPARE(int(data.test.labels[4]), 4);
        QCOMPARE(data.test.pixels.size(), std::size_t{30});
    }
    void countedSets_takeTheFirst() {
        putGoodFolder();
        const Dataset data = readIdx({root(), 7, 2});
        QCOMPARE(data.train.size(), 7);
        QCOMPARE(data.train.pixels.size(), std::size_t{42});
        QCOMPARE(data.test.size(), 2);
        refuses(
            [&] {
                readIdx({root(), 21, 0});
            },
            "data.path", root() + "/train-images-idx3-ubyte: holds 20 images, the settings ask for 21");
    }
    void wrongFolder_isRefused() {
        refuses(
            [&] {
                readIdx({root() + "/none", 0, 0});
            },
            "data.path", root() + "/none: this folder doesn't exist");
        refuses([&] { readIdx({"", 0, 0}); }, "data.path", "is not set");
        const std::string file = put("file", "x");
        refuses([&] { readIdx({file, 0, 0}); }, "data.path", file + ": is not a folder");
        refuses(
            [&] {
                readIdx({root(), 0, 0});
            },
            "data.path", root() + "/train-images-idx3-ubyte: is missing");
    }
    void relativeFolder_isToldWithItsPlace() {
        const std::string place = " (relative to " + QDir::currentPath().toStdString() + ")";
        refuses(
            [&] {
                readIdx({"nowhere", 0, 0});
            },
            "data.path", "nowhere: this folder doesn't exist" + place);
        try {
            readIdx({"/nowhere", 0, 0});
        } catch (const BadInput& problem) {
            QCOMPARE(std::string(problem.what()),
                     std::string("data.path: /nowhere: this folder doesn't exist"));
            return;
        }
        QFAIL("accepted");
    }
    void setsThatDontMatch_areRefused() {
        putGoodFolder();
        const std::string file = put("train-labels-idx1-ubyte", labels(19));
        refuses([&] { readIdx({root(), 0, 0}); }, "data.path", file + ": holds 19 labels for 20 images");
        put("train-labels-idx1-ubyte", labels(0));
        const std::string empty = put("train-images-idx3-ubyte", images(0));
        refuses([&] { readIdx({root(), 0, 0}); }, "data.path", empty + ": holds no images");
        put("train-labels-idx1-ubyte", labels(3));
        put("train-images-idx3-ubyte", idx({3, 4, 4}, std::string(48, 'x')));
        refuses(
            [&] {
                readIdx({root(), 0, 0});
            },
            "data.path", root() + ": its training and test images differ in size");
        put("train-images-idx3-ubyte", idx({3, 0, 4}, ""));
        refuses([&] { readIdx({root(), 0, 0}); }, "data.path", empty + ": holds images without pixels");
    }
    void badFile_isRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const std::string& bytes, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << says;
        };
        row("empty", "", "is empty");
        row("cut in magic", images(2).substr(0, 3), "within its header, after 3 bytes");
        row("cut in sizes", images(2).substr(0, 11), "within its header, after 11 bytes");
        row("cut in values", images(2).substr(0, 20), "= 12 values, 4 are there");
        row("longer", images(2) + "x", "is longer");
        row("not idx", "PK\3\4 a zip file, in fact", "not an IDX file");
        row("floats", idx({1, 2, 3}, "", 13), "type 13");
        row("labels", labels(4), "1 dimensions, expected 3");
        row("4 GB", idx({0xffffffffu, 1, 1}, "x"), "4294967295 x 1 x 1 values; at most 1073741824");
        row("overflow", idx({0xffffffffu, 0xffffffffu, 0xffffffffu}, "x"), "at most 1073741824");
        row("overflow to zero", idx({0x80000000u, 0x80000000u, 4}, "x"), "at most 1073741824");
        row("1 GB that isn't there", idx({0x40000000u, 1, 1}, "x"), "1 are there");
    }
    void badFile_isRefused() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        const std::string file = put("plain", bytes.toStdString());
        refuses([&] { readIdxFile(file, 3); }, file, says.toStdString());
        if (bytes.isEmpty()) return;
        const std::string packed = putPacked("packed.gz", bytes.toStdString());
        refuses([&] { readIdxFile(packed, 3); }, packed, says.toStdString());
    }
    void damagedGzip_isRefused() {
        const std::string file = putPacked("a.gz", idx({100, 2, 3}, std::string(600, 'q')));
        QFile raw(QString::fromStdString(file));
        QVERIFY(raw.open(QIODevice::ReadOnly));
        QByteArray bytes = raw.readAll();
        put("a.gz", bytes.left(bytes.size() - 9).toStdString());
        refuses([&] { readIdxFile(file, 3); }, file, "gzip data ends early");
        bytes[bytes.size() - 6] = char(bytes[bytes.size() - 6] ^ 1);  // the checksum
        put("a.gz", bytes.toStdString());
        refuses([&] { readIdxFile(file, 3); }, file, "damaged gzip data");
    }
    void gzipBomb_isInflatedNoFurtherThanItsHeaderSays() {
        const std::string file = putPacked("bomb.gz", idx({1, 1, 1}, std::string(200u << 20, '\0')));
        refuses([&] { readIdxFile(file, 3); }, file, "is longer than the 1 x 1 x 1 values");
    }
    void realMnist_isRead() {
        const QString folder = RONDO_ROOT "/../shared/data/mnist-10k";
        if (!QFile::exists(folder)) QSKIP("../shared/data/mnist-10k is not here");
        const Dataset data = readIdx({folder.toStdString(), 0, 0});
        QVERIFY((data.train.shape == SampleShape{{1, 28, 28}, 10}));
        QVERIFY(data.train.size() > 1000 && data.test.size() > 1000);
        std::vector<int> counts(10);
        for (const auto label : data.train.labels) ++counts.at(label);
        for (const int count : counts) QVERIFY(count > data.train.size() / 20);
    }
};

QTEST_GUILESS_MAIN(TestIdx)
#include "tst_idx.moc"
