#include "engine/control/join_news.h"

#include <boost/json.hpp>
#include <limits>

namespace rondo {

namespace json = boost::json;

namespace {

using Kind = JoinNews::Kind;

constexpr std::string_view kKinds[] = {"dialling", "joined", "training", "waiting", "lost", "over"};

Problem wrong(std::string what) {
    return {"news line", std::move(what)};
}

/// Takes fields out of an object; what is left over then is unknown.
class Fields {
  public:
    explicit Fields(json::object object) : object_(std::move(object)) {}

    std::string text(std::string_view key) {
        const json::value value = take(key);
        if (!value.is_string()) return fail(key, "a text"), std::string();
        return std::string(value.get_string());
    }
    std::int32_t number(std::string_view key, std::int32_t least) {
        const json::value value = take(key);
        if (!value.is_int64() || value.get_int64() < least ||
            value.get_int64() > std::numeric_limits<std::int32_t>::max())
            return fail(key, "a whole number, " + std::to_string(least) + " or more"), least;
        return static_cast<std::int32_t>(value.get_int64());
    }
    bool yes(std::string_view key) {
        const json::value value = take(key);
        if (!value.is_bool()) return fail(key, "true or false"), false;
        return value.get_bool();
    }
    Problems problems() {
        for (const auto& member : object_)
            problems_.push_back(wrong("unknown key \"" + std::string(member.key()) + "\""));
        return problems_;
    }

  private:
    json::value take(std::string_view key) {
        const auto it = object_.find(key);
        if (it == object_.end()) return nullptr;
        json::value value = std::move(it->value());
        object_.erase(it);
        return value;
    }
    void fail(std::string_view key, const std::string& expected) {
        problems_.push_back(wrong("\"" + std::string(key) + "\" must be " + expected));
    }
    json::object object_;
    Problems problems_;
};

}  // namespace

std::string toLine(const JoinNews& news) {
    json::object line{{"news", kKinds[static_cast<int>(news.kind)]}};
    switch (news.kind) {
        case Kind::Dialling:
        case Kind::Waiting:
            break;
        case Kind::Joined:
            line["name"] = news.name;
            break;
        case Kind::Training:
            line["rank"] = news.rank;
            line["workers"] = news.workers;
            line["run"] = news.run;
            break;
        case Kind::Lost:
            line["why"] = news.why;
            line["again_in"] = news.againIn;
            break;
        case Kind::Over:
            line["why"] = news.why;
            line["well"] = news.well;
            line["may_retry"] = news.mayRetry;
            break;
    }
    return json::serialize(line);
}

Result<JoinNews> parseJoinNews(std::string_view text) {
    boost::system::error_code failed;
    json::value value = json::parse(text, failed);
    if (failed || !value.is_object()) return wrong("not a JSON object");
    Fields fields(std::move(value.get_object()));
    const std::string name = fields.text("news");
    JoinNews news;
    int kind = 0;
    while (kind < std::ssize(kKinds) && kKinds[kind] != name) ++kind;
    if (kind == std::ssize(kKinds))
        return wrong("\"news\" must be a text that is known, not \"" + name + "\"");
    news.kind = static_cast<Kind>(kind);
    switch (news.kind) {
        case Kind::Dialling:
        case Kind::Waiting:
            break;
        case Kind::Joined:
            news.name = fields.text("name");
            break;
        case Kind::Training:
            news.rank = fields.number("rank", 0);
            news.workers = fields.number("workers", 1);
            news.run = fields.text("run");
            break;
        case Kind::Lost:
            news.why = fields.text("why");
            news.againIn = fields.number("again_in", 0);
            break;
        case Kind::Over:
            news.why = fields.text("why");
            news.well = fields.yes("well");
            news.mayRetry = fields.yes("may_retry");
            break;
    }
    if (auto problems = fields.problems(); !problems.empty()) return problems;
    return news;
}

std::string wordsOf(const JoinNews& news) {
    switch (news.kind) {
        case Kind::Dialling:
            return "dialling";
        case Kind::Joined:
            return "joined as " + news.name;
        case Kind::Training:
            return "trains as rank " + std::to_string(news.rank) + " of " + std::to_string(news.workers) +
                   (news.run.empty() ? std::string() : " in " + news.run);
        case Kind::Waiting:
            return "waits for the next run";
        case Kind::Lost:
            return news.why + "; dialling again in " + std::to_string(news.againIn) + " s";
        case Kind::Over:
            return news.why;
    }
    return {};
}

}  // namespace rondo
