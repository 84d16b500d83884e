#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <vector>

namespace rondo::cli {

/// A measurement that can be asked for by name.
struct Bench {
    const char* name;
    const char* help;
    const char* over = nullptr;  ///< what --over may say, apart from its default
};
std::span<const Bench> benches();

/// How the measurement of that name is made; `text` is for people what `run` gives as JSON.
struct Measurement {
    boost::json::object (*run)();
    std::string (*text)(const boost::json::object& result);
};
Measurement measurementOf(const Bench& bench, const std::string& over);

boost::json::object benchBlas();
std::string benchBlasText(const boost::json::object& result);
boost::json::object benchAllReduce();
std::string benchAllReduceText(const boost::json::object& result);
boost::json::object benchAllReduceOverWs();
std::string benchAllReduceOverWsText(const boost::json::object& result);
boost::json::object benchStream();
std::string benchStreamText(const boost::json::object& result);
boost::json::object benchTraining();
std::string benchTrainingText(const boost::json::object& result);
boost::json::object benchTrainingOverProcesses();
std::string benchTrainingOverProcessesText(const boost::json::object& result);
boost::json::object benchUpdates();
std::string benchUpdatesText(const boost::json::object& result);
boost::json::object benchBackward();
std::string benchBackwardText(const boost::json::object& result);
boost::json::object benchJoin();
std::string benchJoinText(const boost::json::object& result);
boost::json::object benchViewers();
std::string benchViewersText(const boost::json::object& result);

double median(std::vector<double> values);

}  // namespace rondo::cli
