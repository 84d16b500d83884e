// Samples from the host to its members.
#include <QtTest>

#include "app/cli/room/received_samples.h"
#include "app/cli/room/room.h"
#include "engine/comm/communicator.h"
#include "engine/run/sha256.h"
#include "tests/support/crew_of_guests.h"
#include "tests/support/small_runs.h"

using namespace rondo;
using namespace rondo::test;
using cli::ReceivedSamples;
using net::test::Guest;

namespace {

constexpr std::size_t kFourPieces = 4 * ((std::size_t{1} << 20) + net::FrameHeader::kBytes);

std::shared_ptr<const Dataset> manyPixels(std::size_t bytes) {
    auto data = std::make_shared<Dataset>();
    data->train.shape = {{1, 1000}, 10};
    data->train.pixels.resize(bytes / 1000 * 1000);
    for (std::size_t i = 0; i < data->train.pixels.size(); ++i)
        data->train.pixels[i] = static_cast<std::uint8_t>(i * 2654435761u >> 13);
    data->train.labels.resize(bytes / 1000);
    return data;
}

net::FrameHeader blob(std::uint32_t id) {
    net::FrameHeader header;
    header.kind = net::FrameHeader::Kind::Blob;
    header.tag = id;
    return header;
}

/// Of two points.
std::vector<std::byte> fewBytes() {
    Samples samples;
    samples.shape = {{2}, 2};
    samples.values = {0.5f, 1, -1, 0};
    samples.labels = {0, 1};
    return packed(samples);
}

QString whyNot(ReceivedSamples& samples) {
    try {
        samples.await({});
    } catch (const BadInput& wrong) {
        return wrong.what();
    }
    return {};
}

}  // namespace

class TestDataShipping : public QObject {
    Q_OBJECT
  private Q_SLOTS:
    void allMembers_getThemPieceByPiece_andTheRosterSaysHowFar() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann"), bob(room.lobby, "bob");
        QVERIFY(ann.untilJoined() && bob.untilJoined());
        const auto data = manyPixels(40'000'000);
        const auto whole = packed(data->train);
        const cli::HostCrew::Run run(*room.crew, 1);
        const std::string sha = room.crew->offer(data);
        QCOMPARE(sha, sha256(whole));
        const MemberId a = ann.welcome->member, b = bob.welcome->member;
        std::vector<BeginWorld> world(2);
        world[1].rank = Rank{1};
        room.crew->arrange(std::vector<MemberId>{a, b}, world);  // no order is sent: only blobs come
        ann.member->send(net::Want{sha});
        bob.member->send(net::Want{sha});
        for (Guest* guest : {&ann, &bob}) {
            QVERIFY(guest->notes.until([&] { return guest->bytes.size() >= whole.size(); }));
            QVERIFY(guest->bytes.size() == whole.size() &&
                    std::memcmp(guest->bytes.data(), whole.data(), whole.size()) == 0);
        }
        QVERIFY(room.lobby.notes.until([&] {
            const auto details = lastDetails(room)[a];
            return details.size() > 3 && details.back().empty();
        }));
        int before = 0;
        auto details = room.lobby.notes.look([&] { return lastDetails(room)[a]; });
        details.pop_back();
        for (const std::string& detail : details) {
            if (detail.empty()) continue;
            int percent = 0;
            QVERIFY2(std::sscanf(detail.c_str(), "getting the data: %d %%", &percent) == 1, detail.c_str());
            QVERIFY(percent > before && percent <= 100);
            before = percent;
        }
    }

    void memberThatDoesNotTakeThem_costsAFewPieces() {
        CrewOfGuests room;
        net::IoThread frozen;
        net::MemberOptions own;
        own.url = *net::readUrl(room.lobby.place.url);
        own.code = room.lobby.place.code;
        own.name = "ann";
        net::test::Notes notes;
        bool joined = false, goOn = false;
        std::size_t came = 0;
        bool over = false;
        net::MemberHandlers handlers;
        handlers.joined = [&](const net::Welcome&) { notes.note([&] { joined = true; }); };
        // What it wants is on its way, and its io thread takes no more.
        handlers.controlMessage = [&](const net::ControlMessage& message) {
            if (std::holds_alternative<net::BlobComes>(message)) notes.until([&] { return goOn; });
            if (std::holds_alternative<net::NoBlob>(message)) notes.note([&] { over = true; });
        };
        handlers.binaryMessage = [&](const net::FrameHeader&, std::span<const std::byte> body) {
            notes.note([&] { came += body.size(); });
        };
        net::Member ann(frozen, own, handlers);
        QVERIFY(notes.until([&] { return joined; }));
        const auto data = manyPixels(60'000'000);
        std::optional<cli::HostCrew::Run> run;
        run.emplace(*room.crew, 1);
        const std::string sha = room.crew->offer(data);
        ann.send(net::Want{sha});
        ann.send(net::Want{sha});  // asking again gets no second one under way
        QTRY_VERIFY_WITH_TIMEOUT(room.lobby.host->figures().waitingBytes > 0, 60'000);
        QVERIFY(room.lobby.host->figures().waitingBytes <= kFourPieces + 4096);
        run.reset();  // stopped: nothing more is sent
        notes.note([&] { goOn = true; });
        QVERIFY(notes.until([&] { return over; }));
        QVERIFY2(notes.look([&] { return came; }) < data->train.pixels.size() / 2,
                 qPrintable(QString::number(notes.look([&] { return came; }))));
    }

    void runThatIsStoppedMeanwhile_endsAtOnce() {
        const QTemporaryDir folder;
        QFile text(folder.filePath("words.txt"));
        QVERIFY(text.open(QIODevice::WriteOnly));
        for (int i = 0; i < 2000; ++i) text.write("the quick brown fox jumps over the lazy dog. ");
        text.close();
        RunSpec spec = smallSpec(RunOn::Lab, 1, 8);
        spec.algorithm = SingleAlgorithm{};
        spec.data = TextData{.path = text.fileName().toStdString()};
        spec.model = TransformerModel{.layers = 1, .width = 8, .heads = 2};

        Nobody nobody;
        cli::Room::Options options;
        options.host.address = "127.0.0.1";
        cli::Room room(options, nobody);
        const net::HostPlace& place = room.open();
        RunControl control(1, false);
        // A member that asks for the samples, and has them never: it waits for the end of the world.
        net::IoThread io;
        net::MemberOptions own;
        own.url = *net::readUrl(place.url);
        own.code = place.code;
        own.name = "ann";
        net::test::Notes notes;
        net::Member* self = nullptr;
        net::MemberHandlers handlers;
        handlers.joined = [&](const net::Welcome&) {
            notes.until([&] { return self != nullptr; });
            self->send(net::Ready{1, 0, 0, "x"});
        };
        handlers.controlMessage = [&](const net::ControlMessage& message) {
            if (std::holds_alternative<net::BlobComes>(message)) control.stop();
        };
        handlers.binaryMessage = [&](const net::FrameHeader& header, std::span<const std::byte> body) {
            if (header.kind != net::FrameHeader::Kind::RankMessage) return;
            const auto order = decodeRankOrder(body);
            if (const auto* world = std::get_if<BeginWorld>(&*order))
                self->send(net::Want{world->dataSha256});
            if (const auto* end = std::get_if<EndWorld>(&*order))
                self->send(cli::rankFrame(RankTold(StateTold{end->generation, {}, {}}), end->generation));
        };
        net::Member ann(io, own, handlers);
        notes.note([&] { self = &ann; });
        QVERIFY(room.waitFor(1, {}));
        const Report report = room.train(spec, control).report;
        QCOMPARE(QString::fromStdString(report.error), QString());
        QCOMPARE(report.status, RunState::Stopped);
        QCOMPARE(report.steps, 0);
    }

    void samplesOfNoRun_areNotThere() {
        CrewOfGuests room;
        Guest ann(room.lobby, "ann");
        QVERIFY(ann.untilJoined());
        std::string sha;
        {
            const cli::HostCrew::Run run(*room.crew, 1);
            sha = room.crew->offer(manyPixels(1000));
        }
        ann.member->send(net::Want{sha});
        QVERIFY(ann.notes.until([&] {
            return std::any_of(ann.control.begin(), ann.control.end(),
                               [&](const net::ControlMessage& message) {
                                   const auto* none = std::get_if<net::NoBlob>(&message);
                                   return none && none->sha256 == sha;
                               });
        }));
        QVERIFY(ann.bytes.empty());
    }

    // The other end.

    void whatTheHostNamed_isTaken() {
        const auto bytes = fewBytes();
        ReceivedSamples samples;
        QVERIFY(samples.expect(sha256(bytes)));
        samples.heard(net::BlobComes{sha256(bytes), 3, static_cast<std::int64_t>(bytes.size())});
        samples.heard(blob(2), bytes);  // of another
        samples.heard(blob(3), std::span(bytes).first(5));
        samples.heard(blob(3), std::span(bytes).subspan(5));
        QCOMPARE(samples.await({}).size(), 2);
    }
    void otherBytes_areRefused() {
        auto bytes = fewBytes();
        const std::string sha = sha256(bytes);
        bytes.back() ^= std::byte{1};
        ReceivedSamples samples;
        samples.expect(sha);
        samples.heard(net::BlobComes{sha, 1, static_cast<std::int64_t>(bytes.size())});
        samples.heard(blob(1), bytes);
        QVERIFY(whyNot(samples).contains("SHA-256 is another"));
    }
    void moreThanAnnounced_orThanAnyoneTakes_isRefused() {
        const auto bytes = fewBytes();
        const std::string sha = sha256(bytes);
        ReceivedSamples samples;
        samples.expect(sha);
        samples.heard(net::BlobComes{sha, 1, static_cast<std::int64_t>(bytes.size()) - 1});
        samples.heard(blob(1), bytes);
        QVERIFY(whyNot(samples).contains("more samples than it announced"));
        samples.expect(sha);
        samples.heard(net::BlobComes{sha, 2, ReceivedSamples::kMost + 1});
        QVERIFY(whyNot(samples).contains("expected at most"));
        samples.expect(sha);
        samples.heard(net::NoBlob{sha, "the run is over"});
        QVERIFY(whyNot(samples).contains("the run is over"));
    }
    void worldThatEndsMeanwhile_losesNothingOfThem() {
        const auto bytes = fewBytes();
        const std::string sha = sha256(bytes);
        ReceivedSamples samples;
        QVERIFY(samples.expect(sha));
        samples.heard(net::BlobComes{sha, 1, static_cast<std::int64_t>(bytes.size())});
        samples.heard(blob(1), std::span(bytes).first(9));
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(CommError, samples.await(stop.get_token()));
        // The next world needs the same, and they still come.
        QVERIFY(!samples.expect(sha));
        samples.heard(blob(1), std::span(bytes).subspan(9));
        QCOMPARE(samples.await({}).size(), 2);
        // Once they are taken, or the host has given up, they must be asked for.
        QVERIFY(samples.expect(sha));
        samples.heard(net::NoBlob{sha, "the run is over"});
        QVERIFY(samples.expect(sha));
    }

  private:
    /// What was said of each member while it was in a run, one after the other. Under the notes' lock.
    static std::map<MemberId, std::vector<std::string>> lastDetails(CrewOfGuests& room) {
        std::map<MemberId, std::vector<std::string>> all;
        for (const net::MemberInfo& info : room.lobby.changes) {
            auto& details = all[info.member];
            if (details.empty() || details.back() != info.detail) details.push_back(info.detail);
        }
        return all;
    }
};

QTEST_GUILESS_MAIN(TestDataShipping)
#include "tst_data_shipping.moc"
